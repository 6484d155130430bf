// Runs the compiled tests with node:test, one process per file; names of files may be given.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const directory = fileURLToPath(new URL('../out/test/', import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(directory, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)))
  .sort()
  .map((file) => directory + file);
if (files.length === 0) {
  console.error('no such test');
  process.exit(1);
}
const result = spawnSync(
  process.execPath,
  [
    '--expose-gc',
    '--enable-source-maps',
    '--test',
    '--test-timeout=120000',
    '--test-reporter=spec',
    ...files,
  ],
  { stdio: 'inherit' },
);
process.exit(result.status ?? 1);
