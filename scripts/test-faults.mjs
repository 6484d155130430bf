// Runs the tests that make system calls fail, against an addon built for it.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildVariant } from './variant.mjs';

const copy = buildVariant('build-faults', { CXXFLAGS: '-DBERKELEY_SOCKETS_FAULTS' });
const directory = join(copy, 'out/test/faults');
const files = readdirSync(directory).filter((file) => file.endsWith('.faults.js'));
const { status } = spawnSync(
  process.execPath,
  [
    '--expose-gc',
    '--enable-source-maps',
    '--test',
    '--test-timeout=60000',
    '--test-reporter=spec',
    ...files.map((file) => join(directory, file)),
  ],
  { cwd: copy, stdio: 'inherit' },
);
process.exit(status ?? 1);
