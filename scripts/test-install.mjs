// Packs the package and proves, in temporary folders, that the tarball installs and works everywhere.
//
// Usage: node scripts/test-install.mjs [TARBALL.tgz] [PART…]
//
// The parts are contents, managers, runtimes, typescript, bundles, copies and emulated; all without
// names. Without a tarball the package is packed, after making the binaries that are missing. Where
// programs are installed and run, there is neither a compiler nor a shell. Tools and runtimes come
// from npm, into a folder of the user's cache.

import { resolve } from 'node:path';
import { testBundles } from './install/bundles.mjs';
import { testCopies } from './install/copies.mjs';
import { testEmulated } from './install/emulated.mjs';
import { testManagers } from './install/managers.mjs';
import { testRuntimes } from './install/runtimes.mjs';
import { checkContents, makeBinaries, pack } from './install/tarball.mjs';
import { testTypeScript } from './install/typescript.mjs';
import { failed, part } from './install/workshop.mjs';

const PARTS = {
  contents: (tarball) => part('contents', () => checkContents(tarball)),
  managers: testManagers,
  runtimes: testRuntimes,
  typescript: testTypeScript,
  bundles: testBundles,
  copies: testCopies,
  emulated: testEmulated,
};

const args = process.argv.slice(2);
const given = args.find((name) => name.endsWith('.tgz'));
const names = args.filter((name) => name !== given);
const unknown = names.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) {
  console.error(`no such part: ${unknown}; there are ${Object.keys(PARTS).join(', ')}`);
  process.exit(1);
}
if (given === undefined) makeBinaries();
const tarball = given === undefined ? pack() : resolve(given);
for (const name of names.length > 0 ? names : Object.keys(PARTS)) await PARTS[name](tarball);
console.log(failed() === 0 ? 'all parts passed' : `${failed()} parts failed`);
