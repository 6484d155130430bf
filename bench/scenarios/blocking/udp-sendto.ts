// Measures sendto with an address each time, to a loopback socket that nobody reads.

import type { Scenario } from '../../harness/types.js';
import { nodeDgramSend } from '../../support/dgram.js';
import { sendOneByOne } from '../../support/sockets.js';

const c = 'scenarios/blocking/udp-sendto.c';
const python = 'scenarios/blocking/udp-sendto.py';

export default {
  title: 'UDP sendto to a loopback socket that nobody reads',
  unit: 'operations/s',
  cases: { '64 B': { count: 200_000, size: 64 } },
  contenders: {
    ours: { measured: { language: 'node', run: sendOneByOne } },
    c: { measured: { language: 'c', source: c, run: 'SendTo' } },
    python: { measured: { language: 'python', source: python, run: 'sendto' } },
    'node:dgram': { measured: { language: 'node', run: nodeDgramSend } },
  },
  gates: { ours: { c: 0.8, python: 1.0, 'node:dgram': 1.1 } },
} satisfies Scenario;
