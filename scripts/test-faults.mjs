// Runs the tests that make system calls fail, against an addon built for it.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildVariant } from './variant.mjs';

const copy = buildVariant('build-faults', { CXXFLAGS: '-DBERKELEY_SOCKETS_FAULTS' });
const directory = join(copy, 'out/test/faults');
const files = readdirSync(directory).filter((file) => file.endsWith('.faults.js'));
const scratch = mkdtempSync(join(tmpdir(), 'berkeley-faults-'));
const tally = join(scratch, 'tally');
writeFileSync(tally, '');
const { status } = spawnSync(
  process.execPath,
  [
    '--expose-gc',
    '--enable-source-maps',
    '--test',
    '--test-timeout=900000',
    '--test-reporter=spec',
    ...files.map((file) => join(directory, file)),
  ],
  { cwd: copy, stdio: 'inherit', env: { ...process.env, BERKELEY_SOCKETS_TALLY: tally } },
);
const counts = readFileSync(tally, 'utf8')
  .split('\n')
  .map((line) => line.split(' ').map(Number));
const [walks, faults] = [0, 1].map((part) =>
  counts.reduce((sum, line) => sum + (line[part] ?? 0), 0),
);
console.log(`${walks} calls walked through, ${faults} faults injected`);
rmSync(scratch, { recursive: true });
process.exit(status ?? 1);
