// Runs the compiled tests with node:test, one process per file; names of files may be given, and with
// `--seconds=N` how long a file may take.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const directory = fileURLToPath(new URL('../out/test/', import.meta.url));
const words = process.argv.slice(2);
const limit = words.find((word) => word.startsWith('--seconds='));
const seconds = Number(limit?.slice('--seconds='.length) ?? 120);
const wanted = words.filter((word) => word !== limit);
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
    `--test-timeout=${seconds * 1000}`,
    '--test-reporter=spec',
    ...files,
  ],
  { stdio: 'inherit' },
);
process.exit(result.status ?? 1);
