// Uses the installed package under several versions of Node.js, and under Bun and Deno.

import { fromRegistry } from '../registry.mjs';
import { useInstalled } from './managers.mjs';
import { consumer, install, part } from './workshop.mjs';

const target = `${process.platform}-${process.arch}`;

function node(version) {
  return () => [fromRegistry(`node${version}`, `node-${target}@${version}`, 'bin/node')];
}

/** For each runtime what starts a program in it; the folders are those of test-runtimes.mjs, too. */
const RUNTIMES = {
  'Node.js 20': node(20),
  'Node.js 22': node(22),
  'Node.js 24': node(24),
  'Node.js 26': node(26),
  Bun: () => [fromRegistry('bun', `@oven/bun-${target.replace('arm64', 'aarch64')}@1`, 'bin/bun')],
  Deno: () => [
    fromRegistry('deno', `@deno/${target}-glibc@2`, 'deno'),
    'run',
    '--allow-all',
    '--node-modules-dir=manual',
  ],
};

export function testRuntimes(tarball) {
  const folder = consumer('runtimes', 'use.mjs', 'use.cjs', 'serve.mjs');
  part('installed for other runtimes', () => install(folder, tarball));
  for (const [name, find] of Object.entries(RUNTIMES)) {
    part(`under ${name}`, () => {
      const [program, ...starter] = find();
      return useInstalled(folder, program, starter);
    });
  }
}
