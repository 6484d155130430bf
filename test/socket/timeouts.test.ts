// settimeout, setblocking and the default timeout: what they take, what they do to the descriptor,
// who inherits them, and how a call ends that ran out of time.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import * as socket from 'berkeley-sockets';
import { isNonBlocking } from '../support/descriptors.js';
import {
  assertRefusals,
  type Loose,
  loose,
  type Refusals,
  thrownBy,
} from '../support/exceptions.js';
import { closing, listener, pair, tcpPair, udp, unixPath } from '../support/sockets.js';

/** Sets the default timeout until the test ends. */
function setDefault(context: TestContext, timeout: number | null): void {
  socket.setdefaulttimeout(timeout);
  context.after(() => socket.setdefaulttimeout(null));
}

const NOT_INT = (type: string) => `TypeError: '${type}' object cannot be interpreted as an integer`;
const TOO_LARGE = 'OverflowError: timestamp too large to convert to C PyTime_t';
const OUT_OF_RANGE = 'OverflowError: timestamp out of range for platform time_t';

// What neither settimeout nor setdefaulttimeout takes, and what they say.
const BAD_TIMEOUTS: [value: unknown, text: string][] = [
  [-1, 'ValueError: Timeout value out of range'],
  [-0.0001, 'ValueError: Timeout value out of range'],
  [-1n, 'ValueError: Timeout value out of range'],
  ['1', NOT_INT('str')],
  [Buffer.from('1'), NOT_INT('bytes')],
  [[], NOT_INT('tuple')],
  [new Date(0), NOT_INT('Date')],
  [Number.NaN, 'ValueError: Invalid value NaN (not a number)'],
  [Number.POSITIVE_INFINITY, OUT_OF_RANGE],
  [1e300, OUT_OF_RANGE],
  [2n ** 70n, TOO_LARGE],
  [9_223_372_037, TOO_LARGE],
];

describe('settimeout', () => {
  // The value; what gettimeout, getblocking and O_NONBLOCK are then.
  const TIMEOUTS: [value: unknown, timeout: number | null, blocks: boolean, flag: boolean][] = [
    [null, null, true, false],
    [0, 0, false, true],
    [2, 2, true, true],
    [0.5, 0.5, true, true],
    [true, 1, true, true],
    [false, 0, false, true],
    [3n, 3, true, true],
    [1e-10, 1e-9, true, true],
    [1e9, 1e9, true, true],
    [9_223_372_036, 9_223_372_036, true, true],
    [null, null, true, false],
  ];

  test('decides whether calls wait, and sets O_NONBLOCK for any timeout', (context) => {
    const sock = closing(context, new socket.socket());
    for (const [value, timeout, blocks, flag] of TIMEOUTS) {
      loose(sock).settimeout(value);
      assert.equal(sock.gettimeout(), timeout, inspect(value));
      assert.equal(sock.timeout, timeout, inspect(value));
      assert.equal(sock.getblocking(), blocks, inspect(value));
      assert.equal(isNonBlocking(sock), flag, inspect(value));
    }
  });

  test('refuses what is no timeout, and keeps the one there is', (context) => {
    const sock = closing(context, new socket.socket());
    sock.settimeout(4);
    const seen = BAD_TIMEOUTS.map(([value]) => thrownBy(() => loose(sock).settimeout(value)));
    assert.deepEqual(
      seen,
      BAD_TIMEOUTS.map(([, text]) => text),
    );
    assert.equal(sock.gettimeout(), 4);
  });

  const MISCOUNTED: Refusals<Loose> = [
    [
      'settimeout without an argument',
      (sock) => sock.settimeout(),
      'TypeError: socket.settimeout() takes exactly one argument (0 given)',
    ],
    [
      'settimeout with two',
      (sock) => sock.settimeout(1, 2),
      'TypeError: socket.settimeout() takes exactly one argument (2 given)',
    ],
    [
      'setblocking without an argument',
      (sock) => sock.setblocking(),
      'TypeError: socket.setblocking() takes exactly one argument (0 given)',
    ],
  ];

  test('and setblocking take one argument', (context) => {
    assertRefusals(loose(closing(context, new socket.socket())), MISCOUNTED);
  });

  test('of a closed socket is EBADF, although it keeps its last timeout', () => {
    const sock = new socket.socket();
    sock.settimeout(3);
    sock.close();
    assert.deepEqual([sock.gettimeout(), sock.getblocking(), sock.timeout], [3, true, 3]);
    const text = 'OSError: [Errno 9] Bad file descriptor';
    assert.equal(
      thrownBy(() => sock.settimeout(null)),
      text,
    );
    assert.equal(
      thrownBy(() => sock.setblocking(false)),
      text,
    );
    assert.equal(
      thrownBy(() => sock.settimeout(5)),
      text,
    );
    assert.equal(sock.gettimeout(), 5);
  });
});

test('setblocking takes the truth of anything, and sets no timeout that ends', (context) => {
  const sock = closing(context, new socket.socket());
  for (const value of [true, false, 1, 0, 'yes', '', {}, null]) {
    loose(sock).setblocking(value);
    const blocks = Boolean(value);
    assert.equal(sock.gettimeout(), blocks ? null : 0, inspect(value));
    assert.equal(sock.getblocking(), blocks, inspect(value));
    assert.equal(isNonBlocking(sock), !blocks, inspect(value));
  }
});

describe('the default timeout', () => {
  test('is none until it is set, and none again for null', (context) => {
    assert.equal(socket.getdefaulttimeout(), null);
    setDefault(context, 5);
    assert.equal(socket.getdefaulttimeout(), 5);
    socket.setdefaulttimeout(null);
    assert.equal(socket.getdefaulttimeout(), null);
  });

  test('refuses what is no timeout', () => {
    const setdefaulttimeout = socket.setdefaulttimeout as (...args: unknown[]) => void;
    const seen = BAD_TIMEOUTS.map(([value]) => thrownBy(() => setdefaulttimeout(value)));
    assert.deepEqual(
      seen,
      BAD_TIMEOUTS.map(([, text]) => text),
    );
    assert.equal(
      thrownBy(() => setdefaulttimeout()),
      'TypeError: _socket.setdefaulttimeout() takes exactly one argument (0 given)',
    );
    assert.equal(socket.getdefaulttimeout(), null);
  });

  test('is that of every new socket but a copy, which has that of its original', (context) => {
    setDefault(context, 4);
    const server = listener(context);
    const client = closing(context, new socket.socket());
    client.settimeout(9);
    client.connect(server.getsockname());
    const accepted = closing(context, server.accept()[0]);
    const [first, second] = pair(context);
    const copy = closing(context, client.dup());
    const other = closing(
      context,
      socket.fromfd(client.fileno(), socket.AF_INET, socket.SOCK_STREAM),
    );
    const all = [server, client, accepted, first, second, copy, other];
    assert.deepEqual(
      all.map((sock) => sock.gettimeout()),
      [4, 9, 4, 4, 4, 9, 4],
    );
    assert.ok(all.every(isNonBlocking));
  });

  for (const timeout of [null, 0, 6]) {
    for (const own of [null, 0, 5]) {
      test(`${timeout} is that of an accepted socket, whose listener has ${own}`, (context) => {
        // Unlike a TCP connection, this one waits to be accepted as soon as connect() is back.
        const path = unixPath(context);
        const server = closing(context, new socket.socket(socket.AF_UNIX));
        server.bind(path);
        server.listen();
        closing(context, new socket.socket(socket.AF_UNIX)).connect(path);
        server.settimeout(own);
        setDefault(context, timeout);
        const accepted = closing(context, server.accept()[0]);
        assert.equal(accepted.gettimeout(), timeout);
        assert.equal(isNonBlocking(accepted), timeout !== null);
      });
    }
  }
});

// Every call that receives, on a socket that nothing was sent to.
const RECEIVING: [name: string, call: (sock: socket.socket<number>) => unknown][] = [
  ['recv', (sock) => sock.recv(1)],
  ['recvfrom', (sock) => sock.recvfrom(1)],
  ['recv_into', (sock) => sock.recv_into(new Uint8Array(1))],
  ['recvfrom_into', (sock) => sock.recvfrom_into(new Uint8Array(1))],
  ['recvmsg', (sock) => sock.recvmsg(1)],
  ['recvmsg_into', (sock) => sock.recvmsg_into([new Uint8Array(1)])],
];

/** How many milliseconds a call takes that must fail, and what it throws. */
function timed(call: () => unknown): { elapsed: number; error: unknown } {
  const start = performance.now();
  let error: unknown;
  try {
    call();
  } catch (thrown) {
    error = thrown;
  }
  return { elapsed: performance.now() - start, error };
}

describe('a call that has to wait', () => {
  for (const [name, call] of RECEIVING) {
    test(`${name}: ends with TimeoutError when the timeout has passed`, (context) => {
      const sock = udp(context);
      sock.settimeout(0.05);
      const { elapsed, error } = timed(() => call(sock));
      assert.ok(elapsed >= 50 && elapsed < 2000, `${elapsed} ms`);
      assert.ok(error instanceof socket.TimeoutError);
      assert.ok(error instanceof socket.OSError);
      assert.equal(error.constructor, socket.TimeoutError);
      assert.deepEqual(
        [error.message, error.errno, error.strerror, error.cause],
        ['timed out', undefined, undefined, undefined],
      );
    });

    test(`${name}: ends with BlockingIOError at once on a non-blocking socket`, (context) => {
      const sock = udp(context);
      sock.setblocking(false);
      assert.equal(
        thrownBy(() => call(sock)),
        'BlockingIOError: [Errno 11] Resource temporarily unavailable',
      );
    });
  }

  test('accept: ends with TimeoutError when the timeout has passed', (context) => {
    const server = listener(context);
    server.settimeout(0.05);
    const { elapsed, error } = timed(() => server.accept());
    assert.ok(error instanceof socket.TimeoutError);
    assert.ok(elapsed >= 50 && elapsed < 2000, `${elapsed} ms`);
  });

  test('has the whole timeout for itself, whatever the calls before it took', (context) => {
    const { accepted } = tcpPair(context);
    accepted.settimeout(0.1);
    for (let call = 0; call < 3; call += 1) {
      const { elapsed, error } = timed(() => accepted.recv(1));
      assert.ok(error instanceof socket.TimeoutError);
      assert.ok(elapsed >= 100 && elapsed < 2000, `${elapsed} ms`);
    }
  });

  test('waits for the timeout even with MSG_DONTWAIT', (context) => {
    const { accepted } = tcpPair(context);
    accepted.settimeout(0.1);
    const { elapsed, error } = timed(() => accepted.recv(10, socket.MSG_DONTWAIT));
    assert.ok(error instanceof socket.TimeoutError);
    assert.ok(elapsed >= 100 && elapsed < 2000, `${elapsed} ms`);
  });

  test('and is bounded by SO_RCVTIMEO alone ends with BlockingIOError', (context) => {
    const sock = udp(context);
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, new BigInt64Array([0n, 50_000n]));
    const { elapsed, error } = timed(() => sock.recv(1));
    assert.ok(error instanceof socket.BlockingIOError);
    assert.ok(elapsed >= 30 && elapsed < 2000, `${elapsed} ms`);
  });

  test('a kernel timeout is a TimeoutError, too, with its number', () => {
    const error = new socket.OSError(110, 'Connection timed out');
    assert.ok(error instanceof socket.timeout);
    assert.equal(error.errno, 110);
  });
});
