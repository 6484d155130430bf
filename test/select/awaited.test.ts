// The awaited forms: they wait on the event loop, end by time and signal, and leave nothing behind.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync } from 'node:fs';
import { suite, type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import * as select from 'berkeley-sockets/select';
import {
  EpollSelector,
  EVENT_READ,
  PollSelector,
  SelectSelector,
} from 'berkeley-sockets/selectors';
import { readablePair, X } from '../support/selecting.js';
import { closing, pair } from '../support/sockets.js';

type Socket = ReturnType<typeof pair>[0];
type Options = select.AsyncOptions;

/** Waits for a socket to be readable, `timeout` in seconds; how many were. */
type Wait = (sock: Socket, timeout?: number | null, options?: Options) => Promise<number>;

function viaSelector(
  Class: typeof EpollSelector | typeof PollSelector | typeof SelectSelector,
): Wait {
  return async (sock, timeout, options) => {
    const selector = new Class();
    try {
      selector.register(sock, EVENT_READ);
      return (await selector.select_async(timeout, options)).length;
    } finally {
      selector.close();
    }
  };
}

const WAYS: Readonly<Record<string, Wait>> = {
  select_async: async (sock, timeout, options) =>
    (await select.select_async([sock], [], [sock], timeout, options))[0].length,
  'poll.poll_async': async (sock, timeout, options) => {
    const poll = select.poll();
    poll.register(sock, select.POLLIN);
    const milliseconds = typeof timeout === 'number' ? timeout * 1000 : timeout;
    return (await poll.poll_async(milliseconds, options)).length;
  },
  'epoll.poll_async': async (sock, timeout, options) => {
    const set = new select.epoll();
    try {
      set.register(sock, select.EPOLLIN);
      return (await set.poll_async(timeout, -1, options)).length;
    } finally {
      set.close();
    }
  },
  'EpollSelector.select_async': viaSelector(EpollSelector),
  'PollSelector.select_async': viaSelector(PollSelector),
  'SelectSelector.select_async': viaSelector(SelectSelector),
};

const openCount = () => readdirSync('/proc/self/fd').length;

for (const [name, wait] of Object.entries(WAYS)) {
  suite(name, () => {
    // The first wait starts the reactor, which stays.
    const warm = (context: TestContext) => wait(pair(context)[0], 0.001);

    test('gives what is ready at once', async (context) => {
      const [a] = readablePair(context);
      assert.equal(await wait(a), 1);
      assert.equal(await wait(a, 0), 1);
    });

    test('waits on the event loop for what becomes ready', async (context) => {
      const [a, b] = pair(context);
      let isDone = false;
      const waiting = wait(a).then((count) => {
        isDone = true;
        return count;
      });
      await turn();
      await turn();
      assert.equal(isDone, false);
      b.send(X);
      assert.equal(await waiting, 1);
    });

    test('ends with nothing when the time has passed', async (context) => {
      const [a] = pair(context);
      const start = performance.now();
      assert.equal(await wait(a, 0.03), 0);
      assert.ok(performance.now() - start >= 29);
      assert.equal(await wait(a, 0), 0);
    });

    test('ends with the reason of a signal', async (context) => {
      const [a] = pair(context);
      const controller = new AbortController();
      const waiting = wait(a, null, { signal: controller.signal });
      await turn();
      controller.abort(new Error('enough'));
      await assert.rejects(waiting, { message: 'enough' });
      await assert.rejects(wait(a, 5, { signal: controller.signal }), { message: 'enough' });
    });

    test('leaves no descriptor behind', async (context) => {
      const [a, b] = pair(context);
      await warm(context);
      const before = openCount();
      await wait(a, 0.001);
      await wait(a, null, { signal: AbortSignal.timeout(1) }).catch(() => {});
      setImmediate(() => b.send(X));
      assert.equal(await wait(a), 1);
      assert.equal(openCount(), before);
    });

    test('lets the loop turn among many that are ready', async (context) => {
      const [a] = readablePair(context);
      let turns = 0;
      setImmediate(() => {
        turns += 1;
      });
      for (let count = 0; count < 2000; count += 1) await wait(a, count % 2);
      assert.equal(turns, 1);
    });

    test('serves several that wait for the same socket', async (context) => {
      const [a, b] = pair(context);
      const waiting = Promise.all([wait(a), wait(a), wait(a, 30)]);
      await turn();
      b.send(X);
      assert.deepEqual(await waiting, [1, 1, 1]);
    });
  });
}

suite('arguments', () => {
  test('that are wrong reject', async (context) => {
    const set = closing(context, new select.epoll());
    const calls: readonly (readonly [() => Promise<unknown>, string])[] = [
      [() => select.select_async([-1], [], []), 'ValueError'],
      [() => select.select_async([], [], [], -1), 'ValueError'],
      [() => select.poll().poll_async('a' as never), 'TypeError'],
      [() => select.poll().poll_async(0, { signal: 5 as never }), 'TypeError'],
      [() => set.poll_async(0, 0), 'ValueError'],
      [() => set.poll_async({ timeout: 0, events: 1 } as never), 'TypeError'],
      [() => new SelectSelector().select_async('a' as never), 'TypeError'],
    ];
    for (const [call, name] of calls) await assert.rejects(call, { name });
  });

  test('may be in one object', async (context) => {
    const [a] = readablePair(context);
    const set = closing(context, new select.epoll());
    const { signal } = new AbortController();
    set.register(a, select.EPOLLIN);
    assert.equal((await set.poll_async({ timeout: 0, maxevents: 1, signal })).length, 1);
    assert.equal((await set.poll_async(null, { signal })).length, 1);
  });
});

test('what is registered with an epoll object meanwhile counts', async (context) => {
  const [a] = readablePair(context);
  const set = closing(context, new select.epoll());
  const waiting = set.poll_async();
  await turn();
  set.register(a, select.EPOLLIN);
  assert.deepEqual(await waiting, [[a.fileno(), select.EPOLLIN]]);
});

test('closing an epoll object rejects who waits for it', async (context) => {
  const [a] = pair(context);
  const set = new select.epoll();
  set.register(a, select.EPOLLIN);
  const waiting = set.poll_async();
  await turn();
  set.close();
  await assert.rejects(waiting, { code: 'EBADF' });
});

test('a set that takes the number of a closed one is another one', async (context) => {
  const [a, b] = pair(context);
  for (let round = 0; round < 20; round += 1) {
    const set = new select.epoll();
    set.register(a, select.EPOLLIN);
    const waiting = set.poll_async();
    await turn();
    b.send(X);
    assert.equal((await waiting).length, 1);
    a.recv(1);
    set.close();
  }
});

test('poll_async tells of a regular file, and waits for the rest', async (context) => {
  const [a, b] = pair(context);
  const file = openSync('/etc/hosts', 'r');
  context.after(() => closeSync(file));
  const poll = select.poll();
  poll.register(file, select.POLLIN);
  assert.deepEqual(await poll.poll_async(), [[file, select.POLLIN]]);
  poll.register(file, 0);
  poll.register(a, select.POLLIN);
  const waiting = poll.poll_async();
  await turn();
  b.send(X);
  assert.deepEqual(await waiting, [[a.fileno(), select.POLLIN]]);
});

test('select_async does not spin on a hang-up that it was not asked about', async (context) => {
  const [a, b] = pair(context);
  b.close();
  const before = process.cpuUsage();
  assert.deepEqual(await select.select_async([], [], [a], 0.3), [[], [], []]);
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 200_000, `${user + system} microseconds`);
});

suite('a descriptor that is closed while it is waited for', () => {
  test('is an OSError of select_async', async (context) => {
    const [sock, peer] = pair(context);
    const waiting = select.select_async([peer, sock], [], []);
    await turn();
    sock.close();
    await assert.rejects(waiting, { name: 'OSError', code: 'EBADF' });
  });

  test('is an OSError of a SelectSelector', async (context) => {
    const [sock] = pair(context);
    using selector = new SelectSelector();
    selector.register(sock, EVENT_READ);
    const waiting = selector.select_async();
    await turn();
    sock.close();
    await assert.rejects(waiting, { name: 'OSError', code: 'EBADF' });
  });

  test('tells poll_async and a PollSelector POLLNVAL', async (context) => {
    const [sock] = pair(context);
    const fd = sock.fileno();
    const poll = select.poll();
    poll.register(sock, select.POLLIN);
    using selector = new PollSelector();
    selector.register(sock, EVENT_READ);
    const waiting = [poll.poll_async(), selector.select_async()] as const;
    await turn();
    sock.close();
    assert.deepEqual(await waiting[0], [[fd, select.POLLNVAL]]);
    assert.deepEqual(
      (await waiting[1]).map(([key, events]) => [key.fd, events]),
      [[fd, EVENT_READ]],
    );
  });

  test('is waited for on, with the time that is left, if it was only given away', async (context) => {
    const [sock, peer] = pair(context);
    const waiting = select.select_async([sock.fileno()], [], []);
    const short = select.select_async([sock.fileno()], [], [], 0.05);
    await turn();
    const fd = sock.detach();
    context.after(() => closeSync(fd));
    assert.deepEqual(await short, [[], [], []]);
    peer.send(X);
    assert.deepEqual(await waiting, [[fd], [], []]);
  });
});
