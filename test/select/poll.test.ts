// poll() objects: what is registered, what it tells, in which order and when.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import * as select from 'berkeley-sockets/select';
import { assertRefusals, loose, thrownBy } from '../support/exceptions.js';
import { readablePair, timed, withFileno, X } from '../support/selecting.js';
import { closing, pair, tcpPair } from '../support/sockets.js';

const { POLLIN, POLLOUT, POLLHUP, POLLNVAL, POLLRDHUP } = select;

suite('registering', () => {
  test('without a mask is for reading, writing and what is exceptional', (context) => {
    const [a] = readablePair(context);
    const poll = select.poll();
    assert.equal(poll.register(a), undefined);
    assert.deepEqual(poll.poll(5000), [[a.fileno(), POLLIN | POLLOUT]]);
  });

  test('again replaces the mask and keeps the place', (context) => {
    const [a] = readablePair(context);
    const [b] = readablePair(context);
    const poll = select.poll();
    poll.register(b, POLLIN);
    poll.register(a, POLLIN);
    poll.register(b.fileno(), POLLOUT);
    assert.deepEqual(poll.poll(0), [
      [b.fileno(), POLLOUT],
      [a.fileno(), POLLIN],
    ]);
  });

  test('is undone by unregister(), once', (context) => {
    const [a] = readablePair(context);
    const poll = select.poll();
    poll.register(a);
    poll.unregister(a.fileno());
    assert.deepEqual(poll.poll(0), []);
    assert.equal(
      thrownBy(() => poll.unregister(a)),
      `KeyError: ${a.fileno()}`,
    );
    assert.throws(() => poll.unregister(a), socket.LookupError);
  });

  test('is changed by modify(), which knows only what is registered', (context) => {
    const [a] = readablePair(context);
    const poll = select.poll();
    assert.throws(() => poll.modify(a, POLLIN), {
      name: 'FileNotFoundError',
      message: '[Errno 2] No such file or directory',
      code: 'ENOENT',
    });
    poll.register(a, POLLIN);
    poll.modify(a, POLLOUT);
    assert.deepEqual(poll.poll(0), [[a.fileno(), POLLOUT]]);
  });

  test('takes objects with fileno() and does not look whether they are open', (context) => {
    const [a] = readablePair(context);
    const poll = select.poll();
    poll.register(withFileno(a.fileno()), POLLIN);
    poll.register(9999, POLLIN);
    poll.modify(withFileno(a.fileno()), POLLOUT);
    poll.unregister(withFileno(9999));
    assert.deepEqual(poll.poll(0), [[a.fileno(), POLLOUT]]);
    poll.register(9999, POLLIN);
    poll.unregister(a);
    assert.deepEqual(poll.poll(0), [[9999, POLLNVAL]]);
  });
});

suite('what a descriptor tells', () => {
  test('is POLLNVAL when it is closed', () => {
    const sock = new socket.socket();
    const fd = sock.fileno();
    const poll = select.poll();
    poll.register(sock);
    sock.close();
    assert.deepEqual(poll.poll(0), [[fd, POLLNVAL]]);
  });

  test('is the end of a stream, and a hang-up without being asked', (context) => {
    const { client, accepted } = tcpPair(context);
    const poll = select.poll();
    poll.register(client, POLLIN | POLLRDHUP);
    accepted.close();
    assert.deepEqual(poll.poll(5000), [[client.fileno(), POLLIN | POLLRDHUP]]);
    poll.register(client, 0);
    assert.deepEqual(poll.poll(0), []);
    client.shutdown(socket.SHUT_WR);
    assert.deepEqual(poll.poll(5000), [[client.fileno(), POLLHUP]]);
  });

  test('is told although another one is closed', (context) => {
    const [a, b] = pair(context);
    const poll = select.poll();
    const fd = b.detach();
    poll.register(a, POLLOUT);
    poll.register(fd, POLLOUT);
    socket.close(fd);
    const told = poll.poll(0);
    assert.deepEqual(told[1], [fd, POLLNVAL]);
    const [, events] = told[0] as [number, number];
    assert.equal(events, POLLOUT | POLLHUP);
  });

  test('is told of each of many, in the order of registration', (context) => {
    const poll = select.poll();
    const sockets = Array.from({ length: 40 }, () => readablePair(context)[0]);
    for (const sock of sockets) poll.register(sock, POLLIN);
    sockets[7]?.recv(1);
    const ready = sockets.filter((_, index) => index !== 7);
    assert.deepEqual(
      poll.poll(),
      ready.map((sock) => [sock.fileno(), POLLIN]),
    );
  });
});

suite('the timeout', () => {
  test('is milliseconds, and its fractions are rounded up', () => {
    const [, milliseconds] = timed(() => select.poll().poll(50));
    assert.ok(milliseconds >= 49 && milliseconds < 5000, `${milliseconds} ms`);
    const [, fraction] = timed(() => select.poll().poll(0.5));
    assert.ok(fraction >= 0.9, `${fraction} ms`);
    assert.deepEqual(select.poll().poll(0), []);
  });

  test('waits for ever if it is negative, null or left out', (context) => {
    const [a] = readablePair(context);
    const poll = select.poll();
    poll.register(a, POLLIN);
    for (const timeout of [-1, -0.5, -(2 ** 40), null, undefined]) {
      assert.equal(poll.poll(timeout).length, 1);
    }
  });

  test('is a number that can be counted', () => {
    const poll = loose(select.poll());
    const timeouts: readonly (readonly [unknown, string])[] = [
      ['a', 'TypeError: timeout must be an integer or None'],
      [2 ** 31, 'OverflowError: timeout is too large'],
      [3e9, 'OverflowError: timeout is too large'],
      [2n ** 70n, 'OverflowError: timestamp too large to convert to C PyTime_t'],
      [-(2n ** 70n), 'OverflowError: timestamp too large to convert to C PyTime_t'],
      [1e300, 'OverflowError: timestamp out of range for platform time_t'],
      [Number.POSITIVE_INFINITY, 'OverflowError: timestamp out of range for platform time_t'],
      [Number.NaN, 'ValueError: Invalid value NaN (not a number)'],
    ];
    for (const [timeout, text] of timeouts) {
      assert.equal(
        thrownBy(() => poll.poll?.(timeout)),
        text,
      );
    }
  });
});

suite('refused are', () => {
  test('wrong arguments, with the texts of Python', (context) => {
    const sock = closing(context, new socket.socket());
    assertRefusals(loose(select.poll()), [
      [
        'a string',
        (poll) => poll.register?.('a'),
        'TypeError: argument must be an int, or have a fileno() method.',
      ],
      [
        'below 0',
        (poll) => poll.register?.(-1),
        'ValueError: file descriptor cannot be a negative integer (-1)',
      ],
      ['a negative mask', (poll) => poll.register?.(0, -1), 'ValueError: value must be positive'],
      [
        '17 bits',
        (poll) => poll.register?.(0, 65536),
        'OverflowError: Python int too large for C unsigned short',
      ],
      [
        '40 bits',
        (poll) => poll.register?.(0, 2 ** 40),
        'OverflowError: Python int too large for C unsigned short',
      ],
      ['a string as mask', (poll) => poll.register?.(0, 'a'), 'TypeError: an integer is required'],
      [
        'a fraction as mask',
        (poll) => poll.register?.(0, 1.5),
        'TypeError: an integer is required',
      ],
      ['null as mask', (poll) => poll.register?.(0, null), 'TypeError: an integer is required'],
      [
        'nothing',
        (poll) => poll.register?.(),
        'TypeError: register expected at least 1 argument, got 0',
      ],
      [
        'too much',
        (poll) => poll.register?.(0, 1, 2),
        'TypeError: register expected at most 2 arguments, got 3',
      ],
      [
        'keywords',
        (poll) => poll.register?.(sock, { eventmask: 1 }),
        'TypeError: poll.register() takes no keyword arguments',
      ],
      ['no mask', (poll) => poll.modify?.(0), 'TypeError: modify expected 2 arguments, got 1'],
      [
        'nothing to take out',
        (poll) => poll.unregister?.(),
        'TypeError: poll.unregister() takes exactly one argument (0 given)',
      ],
      [
        'two timeouts',
        (poll) => poll.poll?.(1, 2),
        'TypeError: poll expected at most 1 argument, got 2',
      ],
      [
        'a named timeout',
        (poll) => poll.poll?.({ timeout: 1 }),
        'TypeError: poll.poll() takes no keyword arguments',
      ],
    ]);
    const module = loose(select);
    assert.equal(
      thrownBy(() => module.poll?.(1)),
      'TypeError: select.poll() takes no arguments (1 given)',
    );
  });

  test('objects that poll() did not make', () => {
    const { constructor: Poll } = select.poll() as object as { constructor: new () => unknown };
    assert.equal(Poll.name, 'poll');
    assert.equal(
      thrownBy(() => new Poll()),
      "TypeError: cannot create 'select.poll' instances",
    );
  });

  test('a call while another one waits', async (context) => {
    const [a, b] = pair(context);
    const poll = select.poll();
    poll.register(a, POLLIN);
    const waiting = poll.poll_async();
    const text = 'RuntimeError: concurrent poll() invocation';
    assert.equal(
      thrownBy(() => poll.poll(0)),
      text,
    );
    await assert.rejects(poll.poll_async(0), { name: 'RuntimeError' });
    b.send(X);
    assert.deepEqual(await waiting, [[a.fileno(), POLLIN]]);
    assert.deepEqual(poll.poll(0), [[a.fileno(), POLLIN]]);
  });
});
