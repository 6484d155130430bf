// Workers that wait on one listener: one gets the connection, the others wait and can be ended.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../support/leaks.js';
import { run, start } from '../support/process.js';

test('a connection is for one worker, the others wait on until terminated', async (context) => {
  const program = start(context, 'shared-listener', ['few']);
  const slowest = Number(await program.line());
  assert.ok(slowest < 1500, `the slowest terminate() took ${slowest} ms`);
  const { code, stderr } = await program.ended;
  assert.deepEqual([code, stderr], [0, '']);
});

test('many connections each have one worker, and none of the workers fails', async (context) => {
  assert.deepEqual(await run(context, 'shared-listener', ['many']), {
    code: 0,
    signal: null,
    lines: [JSON.stringify({ errors: [], isSame: true })],
    stderr: '',
  });
});
