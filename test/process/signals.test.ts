// Signals while the main thread is blocked: they end the wait if somebody listens, else the process.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import '../support/leaks.js';
import { start, until, untilBlocked, untilSignalsTaken } from '../support/process.js';
import { cannotOn } from '../support/runtime.js';

const CALLS = ['recv', 'accept', 'connect', 'sendall'];
const OTHERS = ['recvmsg', 'sendfile', 'connect (AF_UNIX)', 'select', 'poll', 'epoll'];
const SELECTORS = ['SelectSelector', 'PollSelector', 'EpollSelector'];
const TIMEOUTS = ['null', '600'];
const SIGNALS_OF_THREADS = {
  deno: 'Deno takes signals in any of its threads, so that they do not always end the wait',
};
const LATE_DEFAULT = {
  bun: 'Bun gives a signal its default back when the loop turns',
  deno: SIGNALS_OF_THREADS.deno,
};
const INTERRUPTED = JSON.stringify(['InterruptedError', 4, 'EINTR']);

suite('with a listener', { skip: cannotOn(SIGNALS_OF_THREADS) }, () => {
  for (const call of [...CALLS, ...OTHERS]) {
    for (const timeout of call === 'connect (AF_UNIX)' ? ['null'] : TIMEOUTS) {
      for (const signal of CALLS.includes(call) ? ['SIGINT', 'SIGTERM', 'SIGUSR2'] : ['SIGINT']) {
        test(`${signal} ends ${call}, timeout ${timeout}, then the listener runs`, async (context) => {
          const program = start(context, 'signals', ['on', signal, call, timeout]);
          for (let round = 0; round < 2; round += 1) {
            await program.says('blocking');
            await untilBlocked(program.pid);
            program.kill(signal as NodeJS.Signals);
            await program.says(INTERRUPTED);
            if (round === 0) await program.says('heard');
          }
          assert.equal((await program.ended).code, 0);
        });
      }
    }
  }
});

suite('with a listener a selector gives an empty list', {
  skip: cannotOn(SIGNALS_OF_THREADS),
}, () => {
  for (const call of SELECTORS) {
    for (const timeout of TIMEOUTS) {
      test(`in ${call}, timeout ${timeout}, then the listener runs`, async (context) => {
        const program = start(context, 'signals', ['on', 'SIGINT', call, timeout]);
        for (let round = 0; round < 2; round += 1) {
          await program.says('blocking');
          await untilBlocked(program.pid);
          program.kill('SIGINT');
          await program.says('done []');
          if (round === 0) await program.says('heard');
        }
        assert.equal((await program.ended).code, 0);
      });
    }
  }
});

suite('without a listener the signal ends the process', () => {
  for (const call of [...CALLS, 'select', 'epoll']) {
    for (const timeout of TIMEOUTS) {
      test(`in ${call}, timeout ${timeout}`, async (context) => {
        const program = start(context, 'signals', ['none', 'SIGINT', call, timeout]);
        await program.says('blocking');
        await untilBlocked(program.pid);
        program.kill(call === 'recv' ? 'SIGTERM' : 'SIGINT');
        const { code, signal, lines } = await program.ended;
        assert.deepEqual([code, signal, lines], [null, call === 'recv' ? 'SIGTERM' : 'SIGINT', []]);
      });
    }
  }

  for (const way of ['removed', 'removedAll']) {
    test(`after it was ${way}`, async (context) => {
      const program = start(context, 'signals', [way, 'SIGINT', 'recv', 'null']);
      await program.says('blocking');
      await untilBlocked(program.pid);
      program.kill('SIGINT');
      assert.equal((await program.ended).signal, 'SIGINT');
    });
  }

  for (const timeout of TIMEOUTS) {
    test(`after once() has heard the first one, timeout ${timeout}`, {
      skip: cannotOn(LATE_DEFAULT),
    }, async (context) => {
      const program = start(context, 'signals', ['once', 'SIGTERM', 'recv', timeout]);
      await program.says('blocking');
      await untilBlocked(program.pid);
      program.kill('SIGTERM');
      await program.says(INTERRUPTED);
      await program.says('heard');
      await program.says('blocking');
      await untilBlocked(program.pid);
      program.kill('SIGTERM');
      assert.equal((await program.ended).signal, 'SIGTERM');
    });
  }
});

suite('a wait goes on', () => {
  for (const timeout of TIMEOUTS) {
    test(`after signals that nobody listens for, timeout ${timeout}`, async (context) => {
      const program = start(context, 'other-signals', ['main', timeout]);
      const peer = connect(Number(await program.line()), '127.0.0.1');
      context.after(() => peer.destroy());
      await program.says('blocking');
      for (const signal of ['SIGCHLD', 'SIGWINCH', 'SIGURG', 'SIGCONT'] as NodeJS.Signals[]) {
        await untilBlocked(program.pid);
        program.kill(signal);
        await untilSignalsTaken(program.pid);
      }
      await untilBlocked(program.pid);
      peer.write('data');
      const { code, lines } = await program.ended;
      assert.deepEqual([code, lines], [0, ['data']]);
    });

    test(`in a worker, whatever the signal, timeout ${timeout}`, async (context) => {
      const program = start(context, 'other-signals', ['worker', timeout]);
      const { code, lines, stderr } = await program.ended;
      assert.deepEqual([code, lines, stderr], [0, ['data'], '']);
    });
  }

  for (const listens of ['listens', 'deaf']) {
    test(`to its deadline when a child dies, ${listens}`, async (context) => {
      const program = start(context, 'child-death', [listens, '0.5']);
      const child = Number(await program.line());
      await untilBlocked(program.pid);
      process.kill(child, 'SIGKILL');
      await until('the death', () => isDead(child) || undefined);
      const report = await program.message<{
        name: string;
        milliseconds: number;
        signal: string;
      }>();
      assert.deepEqual([report.name, report.signal], ['TimeoutError', 'SIGKILL']);
      assert.ok(report.milliseconds >= 500, `it waited ${report.milliseconds} ms`);
      assert.equal((await program.ended).code, 0);
    });
  }
});

/** Whether a process is a zombie or gone. */
function isDead(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z');
  } catch {
    return true;
  }
}
