// Importing this file makes a test file run in an empty directory, removed afterwards: a text is a
// good address for an AF_UNIX socket, and bind() makes a file of that name.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

const directory = mkdtempSync(join(tmpdir(), 'berkeley-'));
process.chdir(directory);

after(() => {
  process.chdir('/');
  rmSync(directory, { recursive: true });
});
