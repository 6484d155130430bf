// Checks that C++ files are formatted as clang-format does it; `--write` formats them.

import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = readdirSync(`${root}native`, { recursive: true })
  .map((file) => `native/${file}`)
  .filter((file) => /\.(h|cc)$/.test(file));
const mode = process.argv.includes('--write') ? ['-i'] : ['--dry-run', '--Werror'];
try {
  execFileSync('npx', ['clang-format', ...mode, ...files], { cwd: root, stdio: 'inherit' });
} catch {
  process.exitCode = 1;
}
