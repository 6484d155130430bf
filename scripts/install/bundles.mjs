// Bundles a program with esbuild, with the package in the bundle and beside it, and runs it.

import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { consumer, expectDone, folder, install, part, run } from './workshop.mjs';

const NODE = process.execPath;

/** The ways that docs/installing.md tells; `isWhole` where the bundle has the package in it. */
const WAYS = [
  { format: 'esm', file: 'app.mjs', isWhole: false },
  { format: 'cjs', file: 'app.cjs', isWhole: false },
  { format: 'esm', file: 'app.mjs', isWhole: true },
  { format: 'cjs', file: 'app.cjs', isWhole: true },
];

export async function testBundles(tarball) {
  const source = consumer('bundles', 'bundle.mjs');
  part('installed for bundles', () => install(source, tarball));
  for (const { format, file, isWhole } of WAYS) {
    // A whole bundle works where there are no modules at all.
    const target = isWhole ? folder(`whole-${format}`) : source;
    const { warnings } = await build({
      absWorkingDir: source,
      entryPoints: ['bundle.mjs'],
      outfile: join(target, file),
      bundle: true,
      platform: 'node',
      format,
      minify: true,
      logLevel: 'silent',
      external: isWhole ? [] : ['berkeley-sockets'],
      logOverride: { 'empty-import-meta': 'silent' },
    });
    part(`bundled as ${format}, ${isWhole ? 'with the package in it' : 'without it'}`, () => {
      if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'));
      const prebuilds = join(source, 'node_modules/berkeley-sockets/prebuilds');
      if (isWhole) cpSync(prebuilds, join(target, 'prebuilds'), { recursive: true });
      return expectDone(run(target, NODE, [file]));
    });
  }
  part('a bundle without the binary says so', () => {
    const target = join(source, '../whole-esm');
    rmSync(join(target, 'prebuilds'), { recursive: true });
    try {
      run(target, NODE, ['app.mjs']);
    } catch (error) {
      if (/berkeley-sockets has no binary for/.test(error.message)) return;
      throw error;
    }
    throw new Error('it loaded something');
  });
}
