// A program ends when it wants to, whatever its sockets and its workers wait for.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import '../support/leaks.js';
import { run } from '../support/process.js';
import { cases } from './fixtures/waits.js';

suite('a program with open sockets', () => {
  for (const [way, code] of [
    ['end', 0],
    ['exitCode', 8],
    ['exit', 7],
    ['throw', 1],
    ['reject', 1],
  ] as const) {
    test(`ends with its code: ${way}`, async (context) => {
      const ending = await run(context, 'exit', [way]);
      assert.deepEqual([ending.code, ending.signal], [code, null], ending.stderr);
      if (code !== 1) assert.equal(ending.stderr, '');
      else assert.match(ending.stderr, /nobody catches this/);
    });
  }
});

suite('while a worker is blocked', () => {
  for (const [call, timeout] of cases) {
    test(`in ${call}, timeout ${timeout}, process.exit() ends the program`, async (context) => {
      const ending = await run(context, 'exit', ['exit', call, timeout]);
      assert.deepEqual([ending.code, ending.signal], [7, null], ending.stderr);
      assert.equal(ending.stderr, '');
    });
  }

  for (const timeout of ['null', '600']) {
    test(`in recv, timeout ${timeout}, the program ends when nothing else is left`, async (context) => {
      const ending = await run(context, 'exit', ['end', 'recv', timeout]);
      assert.deepEqual([ending.code, ending.signal, ending.stderr], [0, null, '']);
    });

    test(`in accept, timeout ${timeout}, an uncaught exception ends the program`, async (context) => {
      const ending = await run(context, 'exit', ['throw', 'accept', timeout]);
      assert.deepEqual([ending.code, ending.signal], [1, null]);
      assert.match(ending.stderr, /nobody catches this/);
    });
  }
});
