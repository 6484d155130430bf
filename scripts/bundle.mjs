// Bundles the package: each public module becomes one file, what they share goes into chunks. Node
// spends about a third of a millisecond on each file of an import, so that 57 of them would cost
// more than all they do.

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The public modules, which the package's `exports` name. */
const MODULES = ['index'];

await build({
  absWorkingDir: root,
  entryPoints: MODULES.map((name) => `lib/${name}.ts`),
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  // Error classes and sockets show their names.
  keepNames: true,
  logLevel: 'warning',
});
