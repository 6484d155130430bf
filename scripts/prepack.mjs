// Makes what npm packs: dist/ anew, so that nothing old is in it. The binaries have to be there.
//
// Source maps are left out: they lead to sources that the package does not carry.

import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

for (const target of ['linux-x64', 'linux-arm64']) {
  if (existsSync(join(root, 'prebuilds', target, 'berkeley_sockets.node'))) continue;
  console.error(`prebuilds/${target} is missing: npm run prebuilds`);
  process.exit(1);
}
rmSync(join(root, 'dist'), { recursive: true, force: true });
const options = { cwd: root, stdio: 'inherit' };
execFileSync(process.execPath, ['scripts/bundle.mjs', '--without-maps'], options);
execFileSync('npx', ['tsc', '-p', 'tsconfig.json'], options);
