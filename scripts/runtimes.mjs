// The runtimes that load the addon, which come from npm.

import { fromRegistry } from './registry.mjs';

const target = `${process.platform}-${process.arch}`;
const bun = `@oven/bun-${target.replace('arm64', 'aarch64')}@1`;
const deno = `@deno/${target}${process.platform === 'linux' ? '-glibc' : ''}@2`;

function node(version) {
  return {
    title: `Node.js ${version}`,
    start: () => [fromRegistry(`node${version}`, `node-${target}@${version}`, 'bin/node')],
  };
}

/** What each is called, and the program, with its arguments, that runs a file in it. */
export const RUNTIMES = {
  node20: node(20),
  node22: node(22),
  node24: node(24),
  node26: node(26),
  bun: { title: 'Bun', start: () => [fromRegistry('bun', bun, 'bin/bun')] },
  deno: {
    title: 'Deno',
    start: () => [
      fromRegistry('deno', deno, 'deno'),
      'run',
      '--allow-all',
      '--node-modules-dir=manual',
    ],
  },
};
