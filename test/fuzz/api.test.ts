// The fuzzer of the API for some seconds, with scripts that are the same each time.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import '../support/leaks.js';
import { cannotOn } from '../support/runtime.js';

const CANNOT = cannotOn({
  bun: 'the fuzzer watches a process of Node.js',
  deno: 'the fuzzer watches a process of Node.js',
});
const program = fileURLToPath(new URL('./api.js', import.meta.url));

it('arbitrary calls end, and throw only what is documented', {
  skip: CANNOT,
}, () => {
  const args = [program, '--seed', '7', '--scripts', '400', '--calls', '1'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  // Where there are no rights to make namespaces it says so.
  assert.match(stdout, /^\d{4,} calls of \d+ functions|^0 calls: no namespaces/m);
});
