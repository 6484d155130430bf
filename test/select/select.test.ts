// select(): which descriptors are ready, its arguments, its timeouts.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import * as select from 'berkeley-sockets/select';
import { assertRefusals, loose, thrownBy } from '../support/exceptions.js';
import { closedNumber, readablePair, timed, withFileno, X } from '../support/selecting.js';
import { closing, pair, refusingPort, tcpPair } from '../support/sockets.js';

const lengths = (lists: readonly (readonly unknown[])[]) => lists.map((list) => list.length);
const call = loose(select);

suite('what is ready', () => {
  test('is given in three lists with the objects that were passed', (context) => {
    const [a] = readablePair(context);
    const [readable, writable, exceptional] = select.select([a], [a], [a], 0);
    assert.equal(readable[0], a);
    assert.equal(writable[0], a);
    assert.deepEqual(lengths([readable, writable, exceptional]), [1, 1, 0]);
  });

  test('keeps order and duplicates, and numbers stay numbers', (context) => {
    const [a, b] = readablePair(context);
    const [readable] = select.select([a.fileno(), b, a, a.fileno()], [], [], 1);
    assert.deepEqual(readable, [a.fileno(), a, a.fileno()]);
  });

  test('comes from any iterable; of a Map from its keys', (context) => {
    const [a, b] = readablePair(context);
    const sockets = new Set([a, b]);
    const [readable, writable] = select.select([a].values(), sockets, new Map([[a, 1]]).keys(), 0);
    assert.deepEqual([readable[0] === a, writable.length], [true, 2]);
    const lists = call.select?.(new Map([[a, b]]), [], []) as unknown[][] | undefined;
    assert.equal(lists?.[0]?.[0], a);
  });

  test('is the end of a stream for reading and writing', (context) => {
    const { client, accepted } = tcpPair(context);
    accepted.close();
    assert.deepEqual(lengths(select.select([client], [client], [client], 5)), [1, 1, 0]);
  });

  test('is out-of-band data in the third list', (context) => {
    const { client, accepted } = tcpPair(context);
    accepted.send(Buffer.from('!'), socket.MSG_OOB);
    assert.deepEqual(lengths(select.select([], [], [client], 5)), [0, 0, 1]);
  });

  test('is a refused connection for reading and writing', (context) => {
    const sock = closing(context, new socket.socket());
    sock.setblocking(false);
    sock.connect_ex(['127.0.0.1', refusingPort(context)]);
    assert.deepEqual(lengths(select.select([sock], [sock], [sock], 5)), [1, 1, 0]);
    assert.notEqual(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0);
  });

  test('is not the hang-up of a stream that is only watched for exceptional conditions', (context) => {
    const [a, b] = pair(context);
    b.close();
    assert.deepEqual(select.select([], [], [a], 0.02), [[], [], []]);
  });

  test('is found in typed arrays, and by sockets of the promise flavour', (context) => {
    const [a] = readablePair(context);
    const { promises } = a;
    const [readable, writable] = select.select(Int32Array.of(a.fileno()), [promises], [], 0);
    assert.deepEqual([readable, writable[0] === promises], [[a.fileno()], true]);
  });

  test('is found among more than 1024 items', (context) => {
    const [a, b] = readablePair(context);
    const items = new Array(1500).fill(b);
    items[1400] = a;
    const [readable, writable] = select.select(items, items, []);
    assert.deepEqual([readable.length, writable.length], [1, 1500]);
  });

  test('is found among descriptors above 1024', (context) => {
    const [a, b] = readablePair(context);
    const copies: number[] = [];
    context.after(() => copies.forEach((fd) => void socket.close(fd)));
    while ((copies.at(-1) ?? 0) < 1100) copies.push(socket.dup(a.fileno()));
    const high = copies.at(-1) as number;
    assert.deepEqual(select.select([high, b.fileno()], [high], [high], 5), [[high], [high], []]);
    a.recv(1);
    assert.deepEqual(select.select([high], [], [high], 0), [[], [], []]);
    b.send(X);
    assert.deepEqual(select.select([high], [], [], 5), [[high], [], []]);
  });
});

suite('the timeout', () => {
  test('ends the wait with three empty lists', (context) => {
    const [a] = pair(context);
    const [lists, milliseconds] = timed(() => select.select([a], [], [a], 0.05));
    assert.deepEqual(lists, [[], [], []]);
    assert.ok(milliseconds >= 49, `${milliseconds} ms`);
  });

  test('makes three empty lists a sleep', () => {
    const [lists, milliseconds] = timed(() => select.select([], [], [], 0.05));
    assert.deepEqual(lists, [[], [], []]);
    assert.ok(milliseconds >= 49, `${milliseconds} ms`);
  });

  test('of 0 or next to nothing does not wait', () => {
    for (const timeout of [0, 1e-9, 0n, false]) {
      const [lists, milliseconds] = timed(() => call.select?.([], [], [], timeout));
      assert.deepEqual(lists, [[], [], []]);
      assert.ok(milliseconds < 1000, `${milliseconds} ms`);
    }
  });

  test('may be null or left out where something is ready', (context) => {
    const [a] = readablePair(context);
    assert.deepEqual(lengths(select.select([a], [], [])), [1, 0, 0]);
    assert.deepEqual(lengths(select.select([a], [], [], null)), [1, 0, 0]);
  });

  test('is a number of seconds that can be counted', () => {
    const timeouts: readonly (readonly [unknown, string])[] = [
      [-1, 'ValueError: timeout must be non-negative'],
      [-0.0001, 'ValueError: timeout must be non-negative'],
      ['a', 'TypeError: timeout must be a float or None'],
      [[], 'TypeError: timeout must be a float or None'],
      [Number.NaN, 'ValueError: Invalid value NaN (not a number)'],
      [Number.POSITIVE_INFINITY, 'OverflowError: timestamp out of range for platform time_t'],
      [1e300, 'OverflowError: timestamp out of range for platform time_t'],
      [-1e300, 'OverflowError: timestamp out of range for platform time_t'],
      [2n ** 70n, 'OverflowError: timestamp too large to convert to C PyTime_t'],
      [10_000_000_000, 'OverflowError: timestamp too large to convert to C PyTime_t'],
    ];
    for (const [timeout, text] of timeouts) {
      assert.equal(
        thrownBy(() => call.select?.([], [], [], timeout)),
        text,
      );
    }
  });
});

suite('refused are', () => {
  const NO_DESCRIPTOR = 'TypeError: argument must be an int, or have a fileno() method.';
  const TOO_LARGE = 'OverflowError: Python int too large to convert to C int';
  const NO_INTEGER = 'TypeError: fileno() returned a non-integer';
  const of = (item: unknown) => (target: typeof call) => target.select?.([item], [], [], 0);

  test('wrong arguments, with the texts of Python', () => {
    assertRefusals(call, [
      [
        'one list',
        (target) => target.select?.([]),
        'TypeError: select expected at least 3 arguments, got 1',
      ],
      [
        'no list',
        (target) => target.select?.(),
        'TypeError: select expected at least 3 arguments, got 0',
      ],
      [
        'five',
        (target) => target.select?.([], [], [], 0, 1),
        'TypeError: select expected at most 4 arguments, got 5',
      ],
      [
        'a number',
        (target) => target.select?.(1, [], []),
        'TypeError: arguments 1-3 must be sequences',
      ],
      [
        'null',
        (target) => target.select?.([], null, [], 0),
        'TypeError: arguments 1-3 must be sequences',
      ],
      [
        'an object',
        (target) => target.select?.([], [], { a: 1 }),
        'TypeError: arguments 1-3 must be sequences',
      ],
      [
        'keywords',
        (target) => target.select?.([], [], [], { timeout: 1 }),
        'TypeError: select.select() takes no keyword arguments',
      ],
      ['a string as a list', (target) => target.select?.('a', [], [], 0), NO_DESCRIPTOR],
    ]);
  });

  test('what is no descriptor, with the texts of Python', () => {
    assertRefusals(call, [
      ['a string', of('a'), NO_DESCRIPTOR],
      ['null', of(null), NO_DESCRIPTOR],
      ['a fraction', of(1.5), NO_DESCRIPTOR],
      [
        'a negative number',
        of(-1),
        'ValueError: file descriptor cannot be a negative integer (-1)',
      ],
      ['a large number', of(2 ** 40), TOO_LARGE],
      ['fileno() with a string', of(withFileno('x')), NO_INTEGER],
      ['fileno() with null', of(withFileno(null)), NO_INTEGER],
      ['fileno() with a fraction', of(withFileno(1.5)), NO_INTEGER],
      [
        'fileno() below 0',
        of(withFileno(-2)),
        'ValueError: file descriptor cannot be a negative integer (-2)',
      ],
      ['fileno() too large', of(withFileno(2 ** 40)), TOO_LARGE],
      ['fileno() that throws', of(withFileno(new socket.KeyError("'k'"))), "KeyError: 'k'"],
      ['fileno that is no method', of({ fileno: 5 }), "TypeError: 'int' object is not callable"],
    ]);
  });

  test('memory that was transferred away', () => {
    const fds = Int32Array.of(0);
    structuredClone(fds.buffer, { transfer: [fds.buffer] });
    assert.equal(
      thrownBy(() => select.select(fds, [], [], 0)),
      'ValueError: operation forbidden on a detached buffer',
    );
  });

  test('a closed socket, which has the number -1', () => {
    const sock = new socket.socket();
    sock.close();
    assert.equal(
      thrownBy(() => select.select([sock], [], [], 0)),
      'ValueError: file descriptor cannot be a negative integer (-1)',
    );
  });

  test('descriptors that are not open, whatever their number', () => {
    for (const fd of [closedNumber(), 5000, 2 ** 31 - 1]) {
      assert.throws(() => select.select([fd], [], [], 0), {
        name: 'OSError',
        message: '[Errno 9] Bad file descriptor',
        code: 'EBADF',
        syscall: 'select',
      });
    }
  });
});

test('a call within fileno() does not disturb the call around it', (context) => {
  const [a, b] = readablePair(context);
  const inner = { fileno: () => select.select([], [b], [], 0)[1][0]?.fileno() as number };
  const [readable, writable] = select.select([a, b], [inner], [], 0);
  assert.deepEqual([readable.length, readable[0] === a, writable[0] === inner], [1, true, true]);
});

test('the module has the names of Python, and error is OSError', () => {
  assert.equal(select.error, socket.OSError);
  assert.equal(select.PIPE_BUF, 4096);
  assert.equal(select.EPOLLET, 2 ** 31);
  assert.equal(select.POLLRDHUP, 0x2000);
});
