// SIGPIPE never ends a program: sending to a closed peer is a BrokenPipeError.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../support/leaks.js';
import { run } from '../support/process.js';
import { runtime } from '../support/runtime.js';

for (const [title, command] of [
  ['inherited as it is', []],
  ['inherited with its default', ['bash', '-c', 'trap - PIPE; exec "$@"', 'bash']],
  ['inherited as ignored', ['bash', '-c', 'trap "" PIPE; exec "$@"', 'bash']],
] as const) {
  test(`sending to a closed peer is a BrokenPipeError, SIGPIPE ${title}`, async (context) => {
    const ending = await run(context, 'broken-pipe', [], { command: [...command] });
    const lines = ending.lines.map((line) => JSON.parse(line));
    // The fixture has given SIGPIPE its default, which would end it.
    assert.equal(lines.shift(), runtime !== 'deno', 'Deno has a handler of its own, always');
    for (const [name, timeout, outcome] of lines) {
      assert.equal(outcome, 'BrokenPipeError', `${name}, timeout ${timeout}`);
    }
    const last = lines.at(-1)?.slice(0, 2);
    assert.deepEqual([ending.signal, ending.code], [null, 0], `after ${last}: ${ending.stderr}`);
    assert.equal(lines.length, 14);
  });
}
