// Workers: a blocked one can be terminated or woken, and what one owned is closed when it ends.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import '../support/leaks.js';
import { run, start } from '../support/process.js';
import { BUSY_WORKER, cannotOn, runtime } from '../support/runtime.js';
import { cases } from './fixtures/waits.js';

interface Termination {
  code: number;
  milliseconds: number;
  opened: number;
  left: number;
  answer: string;
  echoCode: number;
}

suite('worker.terminate()', { skip: cannotOn(BUSY_WORKER) }, () => {
  for (const [call, timeout] of cases) {
    test(`ends ${call} with timeout ${timeout} and closes the worker's sockets`, async (context) => {
      const program = start(context, 'terminate', [call, timeout]);
      const report = await program.message<Termination>();
      assert.ok(report.milliseconds < 1000, `it took ${report.milliseconds} ms`);
      assert.ok(report.opened > 0);
      const { code, left, answer, echoCode } = report;
      assert.deepEqual(
        { code, left, answer, echoCode },
        { code: 1, left: 0, answer: 'still there?', echoCode: 0 },
      );
      const ending = await program.ended;
      assert.deepEqual([ending.code, ending.stderr], [0, '']);
    });
  }
});

suite('workers that await and look names up', { skip: cannotOn(BUSY_WORKER) }, () => {
  for (const thread of [undefined, '1']) {
    const reactor = thread === undefined ? 'the usual reactor' : 'a reactor with a thread';
    const options = { env: { ...process.env, BERKELEY_SOCKETS_REACTOR_THREAD: thread } };
    for (const [end, ended, code] of [
      ['terminate', 'are terminated', 1],
      ['leave', 'end by themselves', 3],
    ] as const) {
      test(`${ended} and leave no socket open, with ${reactor}`, async (context) => {
        const ending = await run(context, 'busy-workers', [end], options);
        const report = JSON.stringify({ codes: [code, code, code], left: 0 });
        assert.deepEqual(ending, { code: 0, signal: null, lines: [report], stderr: '' });
      });
    }

    test(`end with their process, with ${reactor}`, async (context) => {
      const ending = await run(context, 'busy-workers', ['exit'], options);
      assert.deepEqual(ending, { code: 7, signal: null, lines: [], stderr: '' });
    });
  }
});

suite('shutdown() in another thread', () => {
  for (const [call, kind, outcome] of [
    ['recv', 'tcp', ''],
    ['recv', 'unix', ''],
    ['accept', 'tcp', 'EINVAL'],
    ['accept', 'unix', 'EINVAL'],
  ] as const) {
    for (const blocking of ['main', 'worker']) {
      for (const timeout of ['null', '600']) {
        const title = `ends a ${kind} ${call} that blocks the ${blocking} thread, timeout ${timeout}`;
        test(title, async (context) => {
          const ending = await run(context, 'shutdown', [call, kind, timeout, blocking]);
          assert.deepEqual(ending, {
            code: 0,
            signal: null,
            lines: [JSON.stringify(outcome)],
            stderr: '',
          });
        });
      }
    }
  }
});

test('a hundred workers leave no descriptor behind', {
  skip: cannotOn({ deno: 'Deno keeps two descriptors of its own for each worker with an addon' }),
}, async (context) => {
  const { stderr, ...ending } = await run(context, 'many-workers');
  assert.deepEqual(ending, {
    code: 0,
    signal: null,
    lines: [JSON.stringify({ good: 100, left: 0 })],
  });
  // Bun collects what a worker leaves, and so there is a warning of each socket.
  if (runtime !== 'bun') assert.equal(stderr, '');
});
