// Uses two installed copies of the package in one process.

import { join } from 'node:path';
import { consumer, expectDone, folder, install, part, run } from './workshop.mjs';

export function testCopies(tarball) {
  part('two copies in one process', () => {
    const folders = [consumer('copy-one', 'copies.mjs'), folder('copy-two')];
    for (const path of folders) install(path, tarball);
    const copies = folders.map((path) => join(path, 'node_modules/berkeley-sockets'));
    expectDone(run(folders[0], process.execPath, ['--expose-gc', 'copies.mjs', ...copies]));
  });
}
