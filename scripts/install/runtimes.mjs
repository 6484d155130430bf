// Uses the installed package under several versions of Node.js, and under Bun and Deno.

import { RUNTIMES } from '../runtimes.mjs';
import { useInstalled } from './managers.mjs';
import { consumer, install, part } from './workshop.mjs';

export function testRuntimes(tarball) {
  const folder = consumer('runtimes', 'use.mjs', 'use.cjs', 'serve.mjs');
  part('installed for other runtimes', () => install(folder, tarball));
  for (const { title, start } of Object.values(RUNTIMES)) {
    part(`under ${title}`, () => {
      const [program, ...starter] = start();
      return useInstalled(folder, program, starter);
    });
  }
}
