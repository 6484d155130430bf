// epoll objects: their life, what is registered, what it tells and when.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { suite, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import * as select from 'berkeley-sockets/select';
import { assertRefusals, loose, thrownBy } from '../support/exceptions.js';
import { descriptorTargets, until } from '../support/process.js';
import { cannotOn, NO_DESCRIPTOR } from '../support/runtime.js';
import { readablePair, timed, withFileno, X } from '../support/selecting.js';
import { closing, pair, tcpPair } from '../support/sockets.js';

const { EPOLLIN, EPOLLOUT, EPOLLET, EPOLLONESHOT, EPOLLRDHUP, EPOLLHUP, epoll } = select;
const CLOSED = 'ValueError: I/O operation on closed epoll object';

suite('an epoll object', () => {
  test('is a descriptor that is not inherited, until it is closed', () => {
    const set = new epoll();
    assert.equal(set.closed, false);
    assert.ok(set.fileno() >= 0);
    assert.equal(select.poll().poll(0).length, 0);
    assert.equal(String(set), '<select.epoll object>');
    set.close();
    set.close();
    assert.equal(set.closed, true);
  });

  test('is closed by using', () => {
    let outside: select.epoll;
    {
      using set = new epoll();
      outside = set;
      assert.equal(set.closed, false);
    }
    assert.equal(outside.closed, true);
  });

  test('refuses everything but closing when it is closed', () => {
    const set = new epoll();
    set.close();
    assertRefusals(set, [
      ['fileno', (closed) => closed.fileno(), CLOSED],
      ['poll', (closed) => closed.poll(0), CLOSED],
      ['register', (closed) => closed.register(0), CLOSED],
      ['modify', (closed) => closed.modify(0, 1), CLOSED],
      ['unregister', (closed) => closed.unregister(0), CLOSED],
      ['close', (closed) => closed.close(), 'nothing'],
    ]);
  });

  test('takes a hint and flags', (context) => {
    for (const made of [
      new epoll(-1),
      new epoll(5),
      new epoll(1, select.EPOLL_CLOEXEC),
      new epoll({ flags: 0 }),
      new epoll({ sizehint: 3, flags: select.EPOLL_CLOEXEC }),
    ]) {
      assert.deepEqual(closing(context, made).poll(0), []);
    }
  });

  test('refuses others, with the texts of Python', () => {
    const make =
      (...given: unknown[]) =>
      () =>
        new (epoll as new (...given: unknown[]) => unknown)(...given);
    assertRefusals(undefined, [
      ['no hint', make(0), 'ValueError: negative sizehint'],
      ['a negative hint', make(-2), 'ValueError: negative sizehint'],
      ['a string', make('a'), "TypeError: 'str' object cannot be interpreted as an integer"],
      ['a large hint', make(2 ** 31), 'OverflowError: Python int too large to convert to C int'],
      ['wrong flags', make(1, 1), 'OSError: invalid flags'],
      ['wrong flags by name', make({ sizehint: 1, flags: 99 }), 'OSError: invalid flags'],
      ['three', make(1, 2, 3), 'TypeError: epoll() takes at most 2 arguments (3 given)'],
      [
        'an unknown name',
        make({ size: 1 }),
        "TypeError: epoll() got an unexpected keyword argument 'size'",
      ],
    ]);
  });

  test('is made of a set that there is by fromfd(), which owns it', (context) => {
    const [a] = pair(context);
    const set = closing(context, new epoll());
    set.register(a, EPOLLOUT);
    const copy = epoll.fromfd(socket.dup(set.fileno()));
    assert.deepEqual(copy.poll(0), [[a.fileno(), EPOLLOUT]]);
    const fd = copy.fileno();
    copy.close();
    assert.throws(() => socket.close(fd), { code: 'EBADF' });
    const fresh = closing(context, epoll.fromfd(-1));
    assert.deepEqual([fresh.closed, fresh.poll(0)], [false, []]);
    assert.equal(epoll.fromfd(-2).closed, true);
    assertRefusals(loose(epoll), [
      [
        'a string',
        (cls) => cls.fromfd?.('a'),
        "TypeError: 'str' object cannot be interpreted as an integer",
      ],
      [
        'nothing',
        (cls) => cls.fromfd?.(),
        'TypeError: epoll.fromfd() takes exactly one argument (0 given)',
      ],
    ]);
  });

  test('of fromfd() finds out in its first call that the number is no set', (context) => {
    const [a] = pair(context);
    const set = epoll.fromfd(socket.dup(a.fileno()));
    assert.throws(() => set.poll(0), { code: 'EINVAL', syscall: 'epoll_wait' });
    set.close();
  });

  test('is ready itself when something in it is', (context) => {
    const [a] = readablePair(context);
    const inner = closing(context, new epoll());
    const outer = closing(context, new epoll());
    outer.register(inner, EPOLLIN);
    assert.deepEqual(outer.poll(0), []);
    inner.register(a, EPOLLIN);
    assert.deepEqual(outer.poll(), [[inner.fileno(), EPOLLIN]]);
    assert.equal(select.select([inner], [], [], 0)[0][0], inner);
  });

  test('is closed when it is collected', async () => {
    const fd = ((): number => new epoll().fileno())();
    const collect = globalThis.gc as () => void;
    await until('the set to be closed', () => {
      collect();
      return descriptorTargets().some(([number]) => number === fd) ? undefined : true;
    });
  });

  test('is closed when it is collected although no descriptor is left', {
    skip: cannotOn(NO_DESCRIPTOR),
  }, () => {
    const program = `
      import { closeSync, fstatSync, openSync } from 'node:fs';
      import { setImmediate as turn } from 'node:timers/promises';
      import { epoll } from 'berkeley-sockets/select';
      const fd = (() => new epoll().fileno())();
      try {
        for (;;) openSync('/dev/null');
      } catch ({ code }) {
        if (code !== 'EMFILE') throw new Error(code);
      }
      for (let round = 0; round < 100; round += 1) {
        globalThis.gc();
        await turn();
        try {
          fstatSync(fd);
        } catch {
          process.stdout.write('closed');
          process.exit();
        }
      }`;
    const node = [process.execPath, '--expose-gc', '--input-type=module', '--eval', program];
    const limited = ['-c', 'ulimit -n 100 && exec "$@"', 'sh', ...node];
    assert.equal(execFileSync('sh', limited, { encoding: 'utf8', timeout: 20_000 }), 'closed');
  });
});

suite('registering', () => {
  test('is for reading, writing and what is exceptional unless told', (context) => {
    const [a] = readablePair(context);
    const set = closing(context, new epoll());
    set.register(a);
    assert.deepEqual(set.poll(), [[a.fileno(), EPOLLIN | EPOLLOUT]]);
    set.modify(a, EPOLLOUT);
    assert.deepEqual(set.poll(), [[a.fileno(), EPOLLOUT]]);
    set.unregister(a);
    assert.deepEqual(set.poll(0), []);
  });

  test('takes numbers, objects with fileno(), and keywords', (context) => {
    const [a, b] = pair(context);
    const set = closing(context, new epoll());
    set.register({ fd: a, eventmask: EPOLLOUT });
    set.register(withFileno(b.fileno()), EPOLLOUT);
    assert.equal(set.poll({ timeout: 0, maxevents: 5 }).length, 2);
    set.modify({ fd: a.fileno(), eventmask: EPOLLIN });
    set.unregister({ fd: b });
    assert.deepEqual(set.poll({ timeout: 0 }), []);
  });

  test('fails as the kernel says', (context) => {
    const [a] = pair(context);
    const set = closing(context, new epoll());
    const file = openSync('/etc/hosts', 'r');
    context.after(() => closeSync(file));
    set.register(a);
    const failures: readonly (readonly [() => void, string, string])[] = [
      [() => set.register(a), 'FileExistsError', 'EEXIST'],
      [() => set.register(file), 'PermissionError', 'EPERM'],
      [() => set.register(99_999), 'OSError', 'EBADF'],
      [() => set.register(set), 'OSError', 'EINVAL'],
      [() => set.modify(set.fileno(), 1), 'OSError', 'EINVAL'],
      [() => set.unregister(99_999), 'OSError', 'EBADF'],
    ];
    for (const [call, name, code] of failures) {
      assert.throws(call, { name, code, syscall: 'epoll_ctl' });
    }
    set.unregister(a);
    assert.throws(() => set.unregister(a), { name: 'FileNotFoundError', code: 'ENOENT' });
    assert.throws(() => set.modify(a, 1), { name: 'FileNotFoundError', code: 'ENOENT' });
  });

  test('takes the lowest 32 bits of a mask', (context) => {
    const [a] = readablePair(context);
    const set = closing(context, new epoll());
    assert.throws(() => set.register(a, -1), { code: 'EINVAL' });
    assert.throws(() => set.unregister(a), { code: 'ENOENT' });
    set.register(a, 2 ** 32 + EPOLLIN);
    assert.deepEqual(set.poll(0), [[a.fileno(), EPOLLIN]]);
  });

  test('ends when the descriptor is closed', (context) => {
    const [a] = readablePair(context);
    const set = closing(context, new epoll());
    const fd = a.fileno();
    set.register(a);
    a.close();
    assert.deepEqual(set.poll(0), []);
    assert.throws(() => set.unregister(fd), { code: 'EBADF' });
  });

  test('refuses wrong arguments, with the texts of Python', (context) => {
    const set = closing(context, new epoll());
    const NO_INTEGER = "TypeError: 'str' object cannot be interpreted as an integer";
    assertRefusals(loose(set), [
      [
        'below 0',
        (target) => target.register?.(-1),
        'ValueError: file descriptor cannot be a negative integer (-1)',
      ],
      [
        'a string',
        (target) => target.register?.('a'),
        'TypeError: argument must be an int, or have a fileno() method.',
      ],
      ['a string as mask', (target) => target.register?.(0, 'a'), NO_INTEGER],
      [
        'no mask',
        (target) => target.modify?.(0),
        "TypeError: modify() missing required argument 'eventmask' (pos 2)",
      ],
      [
        'nothing',
        (target) => target.register?.(),
        "TypeError: register() missing required argument 'fd' (pos 1)",
      ],
      [
        'too much',
        (target) => target.register?.(0, 1, 2),
        'TypeError: register() takes at most 2 arguments (3 given)',
      ],
      [
        'twice',
        (target) => target.register?.(0, { fd: 0 }),
        "TypeError: argument for register() given by name ('fd') and position (1)",
      ],
      [
        'two to take out',
        (target) => target.unregister?.(0, 1),
        'TypeError: unregister() takes at most 1 argument (2 given)',
      ],
      [
        'no events',
        (target) => target.poll?.(0, 0),
        'ValueError: maxevents must be greater than 0, got 0',
      ],
      [
        'less',
        (target) => target.poll?.(0, -2),
        'ValueError: maxevents must be greater than 0, got -2',
      ],
      ['a string of events', (target) => target.poll?.(0, 'a'), NO_INTEGER],
      [
        'three',
        (target) => target.poll?.(0, 1, 2),
        'TypeError: poll() takes at most 2 arguments (3 given)',
      ],
    ]);
  });
});

suite('what a descriptor tells', () => {
  test('comes once for each change if it is edge-triggered', (context) => {
    const { client, accepted } = tcpPair(context);
    const set = closing(context, new epoll());
    set.register(client, EPOLLIN | EPOLLET);
    accepted.send(X);
    assert.equal(set.poll().length, 1);
    assert.equal(set.poll(0.01).length, 0);
    accepted.send(X);
    assert.equal(set.poll().length, 1);
  });

  test('comes once for each modify() with EPOLLONESHOT', (context) => {
    const { client, accepted } = tcpPair(context);
    const set = closing(context, new epoll());
    set.register(client, EPOLLIN | EPOLLONESHOT);
    accepted.send(X);
    assert.equal(set.poll().length, 1);
    accepted.send(X);
    assert.equal(set.poll(0.01).length, 0);
    set.modify(client, EPOLLIN | EPOLLONESHOT);
    assert.equal(set.poll().length, 1);
  });

  test('is the end of a stream, and a hang-up without being asked', (context) => {
    const { client, accepted } = tcpPair(context);
    const set = closing(context, new epoll());
    set.register(client, EPOLLRDHUP);
    accepted.shutdown(socket.SHUT_WR);
    assert.deepEqual(set.poll(), [[client.fileno(), EPOLLRDHUP]]);
    client.shutdown(socket.SHUT_WR);
    accepted.close();
    assert.deepEqual(set.poll(), [[client.fileno(), EPOLLRDHUP | EPOLLHUP]]);
  });

  test('is of as many descriptors as asked for', (context) => {
    const set = closing(context, new epoll());
    for (let count = 0; count < 5; count += 1) set.register(pair(context)[0], EPOLLOUT);
    assert.equal(set.poll(0, 2).length, 2);
    assert.equal(set.poll(0, -1).length, 5);
    assert.equal(set.poll(0, 2 ** 31 - 1).length, 5);
  });
});

suite('the timeout', () => {
  test('is seconds, and its fractions of milliseconds are rounded up', (context) => {
    const set = closing(context, new epoll());
    const [events, milliseconds] = timed(() => set.poll(0.05));
    assert.deepEqual(events, []);
    assert.ok(milliseconds >= 49, `${milliseconds} ms`);
    const [, fraction] = timed(() => set.poll(0.0001));
    assert.ok(fraction >= 0.9, `${fraction} ms`);
  });

  test('waits for ever if it is negative, null or left out', (context) => {
    const [a] = readablePair(context);
    const set = closing(context, new epoll());
    set.register(a, EPOLLIN);
    for (const timeout of [-1, -5, -0.0001, null, undefined]) {
      assert.equal(set.poll(timeout).length, 1);
    }
  });

  test('is a number that can be counted', (context) => {
    const set = loose(closing(context, new epoll()));
    const timeouts: readonly (readonly [unknown, string])[] = [
      ['a', 'TypeError: timeout must be an integer or None'],
      [10 ** 7, 'OverflowError: timeout is too large'],
      [2n ** 70n, 'OverflowError: timestamp too large to convert to C PyTime_t'],
      [1e300, 'OverflowError: timestamp out of range for platform time_t'],
      [Number.NaN, 'ValueError: Invalid value NaN (not a number)'],
    ];
    for (const [timeout, text] of timeouts) {
      assert.equal(
        thrownBy(() => set.poll?.(timeout)),
        text,
      );
    }
  });
});
