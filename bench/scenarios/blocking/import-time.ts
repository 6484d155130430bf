// Measures what importing the module adds to the start of a bare Node process.

import type { Scenario } from '../../harness/types.js';

const bare = ['-e', '0'];
const importing = ['--input-type=module', '-e', "import 'berkeley-sockets'"];

export default {
  title: 'start of a process that imports the module',
  unit: 'milliseconds',
  // The count is how many starts one trial takes its median from.
  cases: { 'wall time': { count: 7 } },
  contenders: {
    ours: { measured: { language: 'command', command: [process.execPath, ...importing] } },
    'bare node': { measured: { language: 'command', command: [process.execPath, ...bare] } },
  },
  gates: { ours: { 'bare node': 15 } },
} satisfies Scenario;
