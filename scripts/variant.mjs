// Builds the package another way in a directory of its own, so that the ordinary build stays as it
// is, and finds what such a build runs with.

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
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

/**
 * A Node.js that loads libraries of the compiler's, such as a sanitizer's, before its own. Unlike
 * with LD_PRELOAD, programs that tests start are without them unless they are Node.js, too.
 *
 * @param {string} directory below the package, such as 'build-asan'
 * @param {readonly string[]} names such as 'libasan.so'; the first one is loaded first
 * @returns {string} the path of the program
 */
export function nodeWith(directory, names) {
  const folder = join(root, directory, 'bin');
  mkdirSync(folder, { recursive: true });
  const program = join(folder, 'node');
  cpSync(realpathSync(process.execPath), program);
  for (const name of names.toReversed()) {
    const library = execFileSync(process.env.CC ?? 'gcc', [`-print-file-name=${name}`], {
      encoding: 'utf8',
    }).trim();
    if (!existsSync(library)) throw new Error(`${name} is missing; it comes with gcc`);
    execFileSync('patchelf', ['--add-needed', library, program], { stdio: 'inherit' });
  }
  return program;
}

/**
 * Options as sanitizers read them from the environment.
 *
 * @param {Record<string, string | number>} options
 * @returns {string}
 */
export function sanitizerOptions(options) {
  return Object.entries(options)
    .map(([name, value]) => `${name}=${value}`)
    .join(':');
}
