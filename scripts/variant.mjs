// Builds the package another way in a directory of its own, so that the ordinary build stays as it is.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

// What Node's build or a developer's own runs leave in the directory is not part of the package.
const left = /^(\..*|node_modules|build.*|dist|out|prebuilds)$/;

/**
 * Copies the package to `directory/package`.
 *
 * @param {string} directory below the package, such as 'build-asan'
 * @returns {string} where the copy is
 */
export function copyPackage(directory) {
  const copy = join(root, directory, 'package');
  mkdirSync(copy, { recursive: true });
  for (const name of readdirSync(copy)) {
    // build/ stays, so that only what has changed is compiled.
    if (name !== 'build') rmSync(join(copy, name), { recursive: true });
  }
  for (const name of readdirSync(root)) {
    if (left.test(name)) continue;
    cpSync(join(root, name), join(copy, name), { recursive: true, preserveTimestamps: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/**
 * Copies the package to `directory/package` and builds it there.
 *
 * @param {string} directory below the package, such as 'build-asan'
 * @param {Record<string, string>} variables for the compiler: CXXFLAGS, LDFLAGS
 * @returns {string} where the copy is
 */
export function buildVariant(directory, variables) {
  const copy = copyPackage(directory);
  execFileSync('npm', ['run', 'build'], {
    cwd: copy,
    stdio: 'inherit',
    env: { ...process.env, ...variables },
  });
  return copy;
}
