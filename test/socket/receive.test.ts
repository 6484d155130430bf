// recv and its relatives: arguments, streams, datagrams, flags, and memory of the caller's.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { untilReadable } from '../support/descriptors.js';
import {
  assertRefusals,
  type Loose,
  loose,
  type Refusals,
  thrownBy,
} from '../support/exceptions.js';
import { closing, pair, tcpPair, udp } from '../support/sockets.js';

const { MSG_DONTWAIT, MSG_OOB, MSG_PEEK, MSG_TRUNC } = socket;

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const memory = (size: number): Uint8Array => new Uint8Array(size);
const NOT_INT = (type: string) => `TypeError: '${type}' object cannot be interpreted as an integer`;
const READ_ONLY = (method: string, type: string) =>
  `TypeError: ${method}() argument 1 must be read-write bytes-like object, not ${type}`;
const FEW = (method: string) => `TypeError: ${method}() takes at least 1 argument (0 given)`;
const MANY = (method: string, most: number) =>
  `TypeError: ${method}() takes at most ${most} arguments (${most + 1} given)`;
const MISSING = (method: string) =>
  `TypeError: ${method}() missing required argument 'buffer' (pos 1)`;
const NEGATIVE = (method: string) => `ValueError: negative buffersize in ${method}`;
const TOO_LARGE = 'OverflowError: Python int too large to convert to C ssize_t';
const BAD_ANCILLARY = 'ValueError: invalid ancillary data buffer length';
const NOT_BUFFERS =
  'TypeError: recvmsg_into() argument 1 must be an iterable of single-segment read-write buffers';
const NOT_ITERABLE = 'TypeError: recvmsg_into() argument 1 must be an iterable';

const REFUSALS: Refusals<Loose> = [
  ['recv: less than nothing', (s) => s.recv(-1), NEGATIVE('recv')],
  ['recv: no size', (s) => s.recv(), FEW('recv')],
  ['recv: half a byte', (s) => s.recv(1.5), NOT_INT('float')],
  ['recv: a text', (s) => s.recv('1'), NOT_INT('str')],
  ['recv: nothing', (s) => s.recv(null), NOT_INT('NoneType')],
  ['recv: flags that are a text', (s) => s.recv(1, 'x'), NOT_INT('str')],
  [
    'recv: flags of 32 bits',
    (s) => s.recv(1, 2 ** 31),
    'OverflowError: signed integer is greater than maximum',
  ],
  ['recv: three arguments', (s) => s.recv(1, 2, 3), MANY('recv', 2)],
  ['recv: more than a size can be', (s) => s.recv(2n ** 63n), TOO_LARGE],
  ['recv: more than there is', (s) => s.recv(2n ** 62n), 'MemoryError: '],
  ['recv: more than an array holds', (s) => s.recv(2 ** 53), 'MemoryError: '],
  ['recvfrom: less than nothing', (s) => s.recvfrom(-1), NEGATIVE('recvfrom')],
  ['recvfrom: no size', (s) => s.recvfrom(), FEW('recvfrom')],
  ['recvfrom: three arguments', (s) => s.recvfrom(1, 2, 3), MANY('recvfrom', 2)],
  ['recvfrom: more than there is', (s) => s.recvfrom(2n ** 62n), 'MemoryError: '],
  ['recv_into: no memory', (s) => s.recv_into(), MISSING('recv_into')],
  ['recv_into: a text', (s) => s.recv_into('abc'), READ_ONLY('recv_into', 'str')],
  ['recv_into: a number', (s) => s.recv_into(10), READ_ONLY('recv_into', 'int')],
  [
    'recv_into: more than there is room for',
    (s) => s.recv_into(memory(3), 4),
    'ValueError: buffer too small for requested bytes',
  ],
  ['recv_into: less than nothing', (s) => s.recv_into(memory(3), -1), NEGATIVE('recv_into')],
  ['recv_into: a text as size', (s) => s.recv_into(memory(3), 'x'), NOT_INT('str')],
  ['recvfrom_into: no memory', (s) => s.recvfrom_into(), MISSING('recvfrom_into')],
  ['recvfrom_into: a text', (s) => s.recvfrom_into('abc'), READ_ONLY('recvfrom_into', 'str')],
  [
    'recvfrom_into: more than there is room for',
    (s) => s.recvfrom_into(memory(3), 4),
    'ValueError: nbytes is greater than the length of the buffer',
  ],
  [
    'recvfrom_into: less than nothing',
    (s) => s.recvfrom_into(memory(3), -1),
    NEGATIVE('recvfrom_into'),
  ],
  ['recvmsg: no size', (s) => s.recvmsg(), FEW('recvmsg')],
  [
    'recvmsg: less than nothing',
    (s) => s.recvmsg(-1),
    'ValueError: negative buffer size in recvmsg()',
  ],
  ['recvmsg: a text', (s) => s.recvmsg('a'), NOT_INT('str')],
  ['recvmsg: four arguments', (s) => s.recvmsg(1, 2, 3, 4), MANY('recvmsg', 3)],
  ['recvmsg: less than no ancillary data', (s) => s.recvmsg(1, -1), BAD_ANCILLARY],
  ['recvmsg: too much ancillary data', (s) => s.recvmsg(1, 2 ** 31), BAD_ANCILLARY],
  ['recvmsg_into: no memory', (s) => s.recvmsg_into(), FEW('recvmsg_into')],
  ['recvmsg_into: a number', (s) => s.recvmsg_into(5), NOT_ITERABLE],
  ['recvmsg_into: nothing', (s) => s.recvmsg_into(null), NOT_ITERABLE],
  ['recvmsg_into: texts', (s) => s.recvmsg_into(['abc']), NOT_BUFFERS],
  ['recvmsg_into: numbers', (s) => s.recvmsg_into([5]), NOT_BUFFERS],
  [
    'recvmsg_into: less than no ancillary data',
    (s) => s.recvmsg_into([memory(1)], -1),
    BAD_ANCILLARY,
  ],
];

test('arguments that cannot be received into are refused', (context) => {
  assertRefusals(loose(closing(context, new socket.socket())), REFUSALS);
});

test('keyword arguments are refused by the calls that take none', (context) => {
  const sock = loose(closing(context, new socket.socket()));
  for (const name of ['recv', 'recvfrom', 'recvmsg']) {
    assert.match(
      thrownBy(() => sock[name]?.({ bufsize: 1 })),
      new RegExp(`^TypeError: (socket\\.)?${name}\\(\\) takes no keyword arguments$`),
    );
  }
});

// Each call that receives a byte, and one that receives none.
const CALLS: [name: string, one: (sock: Loose) => unknown, none: (sock: Loose) => unknown][] = [
  ['recv', (s) => s.recv(1), (s) => s.recv(0)],
  ['recv_into', (s) => s.recv_into(memory(1)), (s) => s.recv_into(memory(0))],
  ['recvfrom', (s) => s.recvfrom(1), (s) => s.recvfrom(0)],
  ['recvfrom_into', (s) => s.recvfrom_into(memory(1)), (s) => s.recvfrom_into(memory(0))],
  ['recvmsg', (s) => s.recvmsg(1), (s) => s.recvmsg(0)],
  ['recvmsg_into', (s) => s.recvmsg_into([memory(1)]), (s) => s.recvmsg_into([memory(0)])],
];

test('a closed socket and one without a peer give nothing to receive', (context) => {
  const closed = udp(context);
  closed.close();
  const fresh = closing(context, new socket.socket());
  for (const [name, one, none] of CALLS) {
    const gone = 'OSError: [Errno 9] Bad file descriptor';
    const alone = 'OSError: [Errno 107] Transport endpoint is not connected';
    assert.equal(
      thrownBy(() => one(loose(closed))),
      gone,
      name,
    );
    assert.equal(
      thrownBy(() => one(loose(fresh))),
      alone,
      name,
    );
    // These two ask the kernel for nothing when nothing is wanted.
    const isShort = name === 'recv' || name === 'recv_into';
    assert.equal(
      thrownBy(() => none(loose(closed))),
      isShort ? 'nothing' : gone,
      name,
    );
    assert.equal(
      thrownBy(() => none(loose(fresh))),
      isShort ? 'nothing' : alone,
      name,
    );
  }
  assert.deepEqual(closed.recv(0), bytes(''));
  assert.equal(closed.recv_into(memory(0)), 0);
});

describe('from a stream', () => {
  test('comes what was sent, and then nothing again and again', (context) => {
    const { client, accepted } = tcpPair(context);
    client.sendall(bytes('hello'));
    assert.deepEqual(accepted.recv(3), bytes('hel'));
    client.close();
    for (const expected of ['lo', '', '', '']) {
      assert.deepEqual(accepted.recv(10), bytes(expected));
    }
  });

  test('nothing is waited for when no bytes are wanted, except by recvfrom', (context) => {
    const { accepted } = tcpPair(context);
    accepted.settimeout(0.05);
    assert.deepEqual(accepted.recv(0), bytes(''));
    assert.equal(accepted.recv_into(memory(0)), 0);
    assert.equal(
      thrownBy(() => accepted.recvfrom(0)),
      'TimeoutError: timed out',
    );
  });

  test('MSG_PEEK leaves the bytes, MSG_DONTWAIT does not wait for others', (context) => {
    const { client, accepted } = tcpPair(context);
    client.sendall(bytes('hello'));
    untilReadable(accepted);
    assert.deepEqual(accepted.recv(2, MSG_PEEK), bytes('he'));
    assert.deepEqual(accepted.recv(2), bytes('he'));
    assert.deepEqual(accepted.recv(10, MSG_DONTWAIT), bytes('llo'));
    assert.equal(
      thrownBy(() => accepted.recv(10, MSG_DONTWAIT)),
      'BlockingIOError: [Errno 11] Resource temporarily unavailable',
    );
  });

  test('MSG_OOB takes the urgent byte', (context) => {
    const { client, accepted } = tcpPair(context);
    client.send(bytes('z'), MSG_OOB);
    client.send(bytes('a'));
    // The ordinary byte comes behind the urgent one, which is there when it is.
    untilReadable(accepted);
    assert.deepEqual(accepted.recv(1, MSG_OOB), bytes('z'));
    assert.deepEqual(accepted.recv(5), bytes('a'));
  });

  test('the sender is null', (context) => {
    const { client, accepted } = tcpPair(context);
    const [first, second] = pair(context);
    first.send(bytes('xxxx'));
    for (const [sender, receiver] of [
      [client, accepted],
      [first, second],
    ] as const) {
      for (let sent = 0; sent < 4; sent += 1) sender.send(bytes('x'));
      assert.deepEqual(receiver.recvfrom(1), [bytes('x'), null]);
      assert.deepEqual(receiver.recvfrom_into(memory(1)), [1, null]);
      assert.deepEqual(receiver.recvmsg(1), [bytes('x'), [], 0, null]);
      assert.deepEqual(receiver.recvmsg_into([memory(1)]), [1, [], 0, null]);
    }
  });

  test('pieces of any size come whole, and are the caller’s own', (context) => {
    const [first, second] = pair(context);
    const received: Buffer[] = [];
    const sizes = [1, 7, 100, 4096, 4097, 30_000, 100_000];
    for (const size of sizes) {
      first.sendall(Buffer.alloc(size, size % 251));
      received.push(second.recv(2 * size));
    }
    for (const [index, size] of sizes.entries()) {
      assert.deepEqual(received[index], Buffer.alloc(size, size % 251));
    }
  });

  test('a large size costs nothing when little comes', (context) => {
    const [first, second] = pair(context);
    first.send(bytes('abc'));
    const data = second.recv(2 ** 24);
    assert.deepEqual(data, bytes('abc'));
    assert.ok(data.buffer.byteLength < 2 ** 20, `${data.buffer.byteLength} bytes are kept`);
  });
});

describe('of a datagram', () => {
  test('the rest that does not fit is lost, and the sender is told', (context) => {
    const receiver = udp(context);
    const sender = udp(context);
    const target = receiver.getsockname();
    for (const text of ['data', '', 'next']) sender.sendto(bytes(text), target);
    assert.deepEqual(receiver.recvfrom(2), [bytes('da'), sender.getsockname()]);
    assert.deepEqual(receiver.recvfrom(5), [bytes(''), sender.getsockname()]);
    const room = memory(10);
    assert.deepEqual(receiver.recvfrom_into(room), [4, sender.getsockname()]);
    assert.deepEqual(Buffer.from(room.subarray(0, 5)), bytes('next\0'));
  });

  test('MSG_TRUNC gives no byte that did not come', (context) => {
    const receiver = udp(context);
    const sender = udp(context);
    sender.sendto(bytes('longdata'), receiver.getsockname());
    assert.deepEqual(receiver.recv(2, MSG_TRUNC), bytes('lo'));
    sender.sendto(bytes('longdata'), receiver.getsockname());
    const room = memory(4);
    assert.equal(receiver.recv_into(room, 2, MSG_TRUNC), 8);
    assert.deepEqual(Buffer.from(room), bytes('lo\0\0'));
  });

  test('recvmsg tells whether it was cut', (context) => {
    const receiver = udp(context);
    const sender = udp(context);
    const target = receiver.getsockname();
    sender.sendto(bytes('data'), target);
    assert.deepEqual(receiver.recvmsg(10), [bytes('data'), [], 0, sender.getsockname()]);
    sender.sendto(bytes('data'), target);
    assert.deepEqual(receiver.recvmsg(2), [bytes('da'), [], MSG_TRUNC, sender.getsockname()]);
  });

  test('each sender is told, also when several take turns', (context) => {
    const receiver = udp(context);
    const senders = [udp(context), udp(context)];
    for (let round = 0; round < 4; round += 1) {
      const sender = senders[round % 2] as (typeof senders)[0];
      sender.sendto(bytes(`${round}`), receiver.getsockname());
      const [data, address] = receiver.recvfrom(9);
      assert.deepEqual([data, address], [bytes(`${round}`), sender.getsockname()]);
      (address as unknown[])[0] = 'changed by the caller';
    }
  });
});

describe('into the caller’s memory', () => {
  test('as much comes as there is room for, or as was asked for', (context) => {
    const { client, accepted } = tcpPair(context);
    client.send(bytes('abcdef'));
    const room = Buffer.alloc(4);
    assert.equal(accepted.recv_into(room), 4);
    assert.deepEqual(room, bytes('abcd'));
    assert.equal(accepted.recv_into(room, 0), 2);
    assert.deepEqual(room, bytes('efcd'));
    client.send(bytes('abcdef'));
    const wide = Buffer.alloc(8);
    assert.equal(accepted.recv_into(wide.subarray(2), 3, 0), 3);
    assert.deepEqual(wide, bytes('\0\0abc\0\0\0'));
  });

  test('size and flags can be given by name', (context) => {
    const { client, accepted } = tcpPair(context);
    client.send(bytes('abc'));
    const room = memory(8);
    assert.equal(accepted.recv_into(room, { nbytes: 2, flags: MSG_PEEK }), 2);
    assert.deepEqual(accepted.recvfrom_into(room, { nbytes: 1, flags: MSG_PEEK }), [1, null]);
    assert.equal(accepted.recv_into(room, { flags: 0 }), 3);
  });

  test('it may be any memory, and sizes are bytes', (context) => {
    const [first, second] = pair(context);
    const buffer = new ArrayBuffer(8);
    const rooms = [
      new Int32Array(2),
      new Float64Array(1),
      new DataView(buffer),
      buffer,
      new SharedArrayBuffer(8),
      new Uint8Array(new SharedArrayBuffer(8)),
    ];
    for (const room of rooms) {
      first.send(bytes('abcdef'));
      assert.equal(second.recv_into(room), 6);
      const view = ArrayBuffer.isView(room) ? new Uint8Array(room.buffer) : new Uint8Array(room);
      assert.deepEqual(Buffer.from(view), bytes('abcdef\0\0'));
    }
  });

  test('memory that was transferred away is refused', (context) => {
    const [, second] = pair(context);
    const views = [
      (buffer: ArrayBuffer) => buffer,
      (buffer: ArrayBuffer) => new Uint8Array(buffer),
      (buffer: ArrayBuffer) => new Int32Array(buffer),
      (buffer: ArrayBuffer) => new DataView(buffer),
    ];
    for (const view of views) {
      const buffer = new ArrayBuffer(8);
      const room = view(buffer);
      structuredClone(buffer, { transfer: [buffer] });
      for (const call of [
        () => second.recv_into(room),
        () => second.recvfrom_into(room),
        () => second.recvmsg_into([room]),
      ]) {
        assert.match(thrownBy(call), /^ValueError: /);
      }
    }
  });

  test('recvmsg_into fills one piece after the other', (context) => {
    const { client, accepted } = tcpPair(context);
    client.send(bytes('abcdef'));
    const first = Buffer.alloc(2);
    const second = Buffer.alloc(10);
    const pieces = [first, second.subarray(1, 3)];
    assert.deepEqual(accepted.recvmsg_into(pieces), [4, [], 0, null]);
    assert.deepEqual(first, bytes('ab'));
    assert.deepEqual(second, bytes('\0cd\0\0\0\0\0\0\0'));
    assert.deepEqual(accepted.recvmsg_into([]), [0, [], 0, null]);
  });

  test('recvmsg_into takes anything that gives pieces, up to the kernel’s most', (context) => {
    const { client, accepted } = tcpPair(context);
    client.send(bytes('abc'));
    function* pieces() {
      for (let count = 0; count < 3; count += 1) yield memory(1);
    }
    assert.equal(accepted.recvmsg_into(pieces())[0], 3);
    client.send(bytes('abc'));
    assert.equal(
      thrownBy(() => accepted.recvmsg_into(Array.from({ length: 1025 }, () => memory(1)))),
      'OSError: [Errno 90] Message too long',
    );
  });
});
