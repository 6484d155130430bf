// The send family: what goes out, what is refused, and how a full or broken connection shows.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import * as socket from 'berkeley-sockets';
import { native } from '#lib/native.js';
import {
  assertRefusals,
  type Loose,
  loose,
  notBytes,
  notInteger,
  type Refusals,
  thrownBy,
} from '../support/exceptions.js';
import '../support/leaks.js';
import { closing, pair, tcpPair, udp } from '../support/sockets.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const X = bytes('x');
const NINE = ['127.0.0.1', 9] as const;
const HUGE = 50_000_000;

const REFUSALS: Refusals<Loose> = [
  ['send: a string', (s) => s.send('str'), notBytes('str')],
  ['send: nothing', (s) => s.send(), 'TypeError: send() takes at least 1 argument (0 given)'],
  ['send: a number', (s) => s.send(5), notBytes('int')],
  ['send: flags as text', (s) => s.send(X, 'flags'), notInteger('str')],
  ['send: a fraction of flags', (s) => s.send(X, 0.5), notInteger('float')],
  [
    'send: one argument too many',
    (s) => s.send(X, 0, 0),
    'TypeError: send() takes at most 2 arguments (3 given)',
  ],
  [
    'send: a keyword',
    (s) => s.send(X, { flags: 0 }),
    'TypeError: socket.send() takes no keyword arguments',
  ],
  ['send: null', (s) => s.send(null), notBytes('NoneType')],
  [
    'send: flags beyond an int',
    (s) => s.send(X, 2 ** 31),
    'OverflowError: signed integer is greater than maximum',
  ],
  ['sendall: a string', (s) => s.sendall('str'), notBytes('str')],
  ['sendall: flags as text', (s) => s.sendall(X, 'y'), notInteger('str')],
  [
    'sendall: nothing',
    (s) => s.sendall(),
    'TypeError: sendall() takes at least 1 argument (0 given)',
  ],
  [
    'sendto: one argument',
    (s) => s.sendto(X),
    'TypeError: sendto() takes 2 or 3 arguments (1 given)',
  ],
  ['sendto: nothing', (s) => s.sendto(), 'TypeError: sendto() takes 2 or 3 arguments (0 given)'],
  [
    'sendto: four arguments',
    (s) => s.sendto(X, 0, NINE, 5),
    'TypeError: sendto() takes 2 or 3 arguments (4 given)',
  ],
  ['sendto: a string', (s) => s.sendto('str', NINE), notBytes('str')],
  [
    'sendto: a number as address',
    (s) => s.sendto(X, 0),
    'TypeError: sendto(): AF_INET address must be tuple, not int',
  ],
  [
    'sendto: null as address',
    (s) => s.sendto(X, null),
    'TypeError: sendto(): AF_INET address must be tuple, not NoneType',
  ],
  ['sendto: flags as text', (s) => s.sendto(X, 'flags', NINE), notInteger('str')],
  ['sendto: the address where flags belong', (s) => s.sendto(X, NINE, 0), notInteger('tuple')],
  [
    'sendto: a port too large',
    (s) => s.sendto(X, ['127.0.0.1', 70000]),
    'OverflowError: sendto(): port must be 0-65535.',
  ],
  ['sendmsg: bytes, which are numbers', (s) => s.sendmsg(bytes('abc')), notBytes('int')],
  [
    'sendmsg: nothing',
    (s) => s.sendmsg(),
    'TypeError: sendmsg() takes at least 1 argument (0 given)',
  ],
  ['sendmsg: a number', (s) => s.sendmsg(5), 'TypeError: sendmsg() argument 1 must be an iterable'],
  ['sendmsg: a string in a list', (s) => s.sendmsg(['str']), notBytes('str')],
  ['sendmsg: flags as text', (s) => s.sendmsg([X], [], 'flags'), notInteger('str')],
  [
    'sendmsg: text as address',
    (s) => s.sendmsg([X], [], 0, 'addr'),
    'TypeError: sendmsg(): AF_INET address must be tuple, not str',
  ],
  [
    'sendmsg: five arguments',
    (s) => s.sendmsg([X], [], 0, null, 1),
    'TypeError: sendmsg() takes at most 4 arguments (5 given)',
  ],
];

describe('sending', () => {
  it('refuses wrong arguments with the texts of Python', (context) => {
    assertRefusals(loose(closing(context, new socket.socket())), REFUSALS);
  });

  it('counts bytes, whatever the memory is made of', (context) => {
    const { client, accepted } = tcpPair(context);
    assert.equal(client.send(Int32Array.of(1, 2)), 8);
    assert.equal(client.send(new DataView(new ArrayBuffer(8), 2, 3)), 3);
    assert.equal(client.send(new Uint8Array(4)), 4);
    assert.equal(client.send(new ArrayBuffer(5)), 5);
    assert.equal(client.send(new SharedArrayBuffer(6)), 6);
    assert.equal(client.sendall(bytes('xx')), undefined);
    assert.equal(accepted.recv(28, socket.MSG_WAITALL).length, 28);
  });

  it('sends just the bytes of a view into larger memory', (context) => {
    const [a, b] = pair(context, socket.SOCK_DGRAM);
    const memory = bytes('0123456789');
    a.send(memory.subarray(2, 5));
    a.send(new DataView(memory.buffer, memory.byteOffset + 7, 2));
    a.sendall(memory.subarray(9));
    a.sendmsg([memory.subarray(0, 2), memory.subarray(8)]);
    assert.deepEqual(
      [1, 2, 3, 4].map(() => b.recv(20).toString()),
      ['234', '78', '9', '0189'],
    );
  });

  it('is a broken pipe on a stream that was never connected', (context) => {
    const sock = closing(context, new socket.socket());
    for (const data of [X, bytes('')]) {
      assert.equal(
        thrownBy(() => sock.send(data)),
        'BrokenPipeError: [Errno 32] Broken pipe',
      );
      assert.equal(
        thrownBy(() => sock.sendall(data)),
        'BrokenPipeError: [Errno 32] Broken pipe',
      );
    }
  });

  it('needs an address on a datagram socket', (context) => {
    const sock = udp(context);
    const text = 'OSError: [Errno 89] Destination address required';
    assert.equal(
      thrownBy(() => sock.send(X)),
      text,
    );
    assert.equal(
      thrownBy(() => sock.sendall(X)),
      text,
    );
    assert.equal(
      thrownBy(() => sock.send(bytes(''))),
      text,
    );
    assert.equal(
      thrownBy(() => sock.sendmsg([X], [], 0, null)),
      text,
    );
  });

  it('sends an empty datagram when all of nothing is to be sent', (context) => {
    const receiver = udp(context);
    const sender = udp(context);
    sender.connect(receiver.getsockname());
    assert.equal(sender.sendall(bytes('')), undefined);
    assert.deepEqual(receiver.recvfrom(5), [bytes(''), sender.getsockname()]);
  });

  it('is a broken pipe after the peer has reset the connection', (context) => {
    const { client, accepted } = tcpPair(context);
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Int32Array.of(1, 0));
    accepted.close();
    assert.throws(() => client.recv(1), socket.ConnectionResetError);
    assert.equal(
      thrownBy(() => client.send(X)),
      'BrokenPipeError: [Errno 32] Broken pipe',
    );
  });

  it('is a broken pipe after the own direction was shut down', (context) => {
    const { client } = tcpPair(context);
    client.shutdown(socket.SHUT_WR);
    assert.equal(
      thrownBy(() => client.send(X)),
      'BrokenPipeError: [Errno 32] Broken pipe',
    );
  });

  it('is a bad file descriptor on a closed socket', () => {
    const sock = new socket.socket();
    sock.close();
    const text = 'OSError: [Errno 9] Bad file descriptor';
    assert.equal(
      thrownBy(() => sock.send(X)),
      text,
    );
    assert.equal(
      thrownBy(() => sock.sendall(X)),
      text,
    );
    assert.equal(
      thrownBy(() => sock.sendto(X, NINE)),
      text,
    );
    assert.equal(
      thrownBy(() => sock.sendmsg([X])),
      text,
    );
  });

  it('tells of a refused datagram at the next call', (context) => {
    const sender = udp(context);
    const receiver = udp(context);
    sender.connect(receiver.getsockname());
    receiver.close();
    sender.send(X);
    // The ICMP message of the refusal is what poll(2) reports without being asked.
    native.wait(sender.fileno(), 0, -1);
    assert.equal(
      thrownBy(() => sender.send(X)),
      'ConnectionRefusedError: [Errno 111] Connection refused',
    );
  });
});

describe('sendto', () => {
  it('takes flags between the data and the address', (context) => {
    const receiver = udp(context);
    const sender = udp(context);
    const address = receiver.getsockname();
    assert.equal(sender.sendto(X, address), 1);
    assert.equal(sender.sendto(bytes('xyz'), 0, address), 3);
    assert.equal(sender.sendto(new Uint8Array(2), socket.MSG_DONTWAIT, address), 2);
    assert.deepEqual(
      [receiver.recv(9), receiver.recv(9), receiver.recv(9)],
      [X, bytes('xyz'), bytes('\0\0')],
    );
  });

  it('ignores the address on a connected stream', (context) => {
    const { client, accepted } = tcpPair(context);
    assert.equal(client.sendto(X, NINE), 1);
    assert.deepEqual(accepted.recv(5), X);
  });

  it('refuses a datagram that is too long, and one to everybody', (context) => {
    const sock = udp(context);
    assert.equal(
      thrownBy(() => sock.sendto(Buffer.alloc(70_000), sock.getsockname())),
      'OSError: [Errno 90] Message too long',
    );
    assert.equal(
      thrownBy(() => sock.sendto(X, ['255.255.255.255', 9])),
      'PermissionError: [Errno 13] Permission denied',
    );
  });
});

describe('a peer that does not read', () => {
  it('ends a non-blocking send once the buffers are full', (context) => {
    const { client } = tcpPair(context);
    client.setblocking(false);
    let sent = 0;
    const text = thrownBy(() => {
      for (;;) sent += client.send(Buffer.alloc(100_000));
    });
    assert.equal(text, 'BlockingIOError: [Errno 11] Resource temporarily unavailable');
    assert.ok(sent > 0);
  });

  it('makes sendall time out, with part of the data on its way', (context) => {
    const { client, accepted } = tcpPair(context);
    client.settimeout(0.1);
    assert.equal(
      thrownBy(() => client.sendall(Buffer.alloc(HUGE))),
      'TimeoutError: timed out',
    );
    assert.ok(accepted.recv(10).length > 0);
  });

  it('makes a non-blocking sendall send what fits, and throw', (context) => {
    const { client, accepted } = tcpPair(context);
    client.setblocking(false);
    assert.equal(
      thrownBy(() => client.sendall(Buffer.alloc(HUGE))),
      'BlockingIOError: [Errno 11] Resource temporarily unavailable',
    );
    assert.ok(accepted.recv(10).length > 0);
  });

  it('that reads slowly does not prolong the timeout of sendall', async (context) => {
    const { client, accepted } = tcpPair(context);
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192);
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192);
    const worker = new Worker(
      `const { readSync } = require('node:fs');
       const { workerData: fd } = require('node:worker_threads');
       const pace = new Int32Array(new SharedArrayBuffer(4));
       while (readSync(fd, Buffer.alloc(4096)) > 0) Atomics.wait(pace, 0, 0, 20);`,
      { eval: true, workerData: accepted.fileno() },
    );
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    client.settimeout(0.5);
    const start = performance.now();
    const text = thrownBy(() => client.sendall(Buffer.alloc(HUGE)));
    const took = performance.now() - start;
    accepted.shutdown(socket.SHUT_RD);
    client.close();
    await ended;
    assert.equal(text, 'TimeoutError: timed out');
    assert.ok(took >= 450 && took < 5000, `took ${took} ms`);
  });
});

describe('sendmsg', () => {
  it('sends several pieces as one', (context) => {
    const { client, accepted } = tcpPair(context);
    assert.equal(client.sendmsg([bytes('ab'), new Uint8Array([99, 100]), bytes('ef')]), 6);
    assert.deepEqual(accepted.recv(10), bytes('abcdef'));
    assert.equal(client.sendmsg([]), 0);
    assert.equal(client.sendmsg([bytes('')]), 0);
  });

  it('sends to an address', (context) => {
    const receiver = udp(context);
    const sender = udp(context);
    assert.equal(sender.sendmsg([bytes('ab'), bytes('c')], [], 0, receiver.getsockname()), 3);
    assert.deepEqual(receiver.recvfrom(9), [bytes('abc'), sender.getsockname()]);
  });

  it('takes anything that can be iterated', (context) => {
    const receiver = udp(context);
    const sender = udp(context);
    sender.connect(receiver.getsockname());
    function* pieces() {
      yield bytes('q');
      yield bytes('r');
    }
    assert.equal(sender.sendmsg(pieces()), 2);
    assert.equal(sender.sendmsg(new Set([bytes('s')])), 1);
    assert.deepEqual([receiver.recv(5), receiver.recv(5)], [bytes('qr'), bytes('s')]);
  });

  it('takes 1024 pieces, as the kernel does, and no more', (context) => {
    const { client, accepted } = tcpPair(context);
    assert.equal(
      thrownBy(() => client.sendmsg(Array(1025).fill(X))),
      'OSError: [Errno 90] Message too long',
    );
    assert.equal(client.sendmsg(Array(1024).fill(X)), 1024);
    assert.equal(accepted.recv(2000, socket.MSG_WAITALL | socket.MSG_DONTWAIT).length, 1024);
  });
});

describe('sendmsg_afalg', () => {
  it('is for AF_ALG sockets only', (context) => {
    const sock = closing(context, new socket.socket());
    assert.equal(
      thrownBy(() => sock.sendmsg_afalg([X], { op: 0 })),
      'OSError: algset is only supported for AF_ALG',
    );
  });

  it('refuses wrong arguments with the texts of Python', (context) => {
    const fd = udp(context).detach();
    const sock = closing(context, new socket.socket(socket.AF_ALG, 5, 0, fd));
    const noOperation = "TypeError: Invalid or missing argument 'op'";
    assertRefusals(loose(sock), [
      ['no operation', (s) => s.sendmsg_afalg(), noOperation],
      ['a negative operation', (s) => s.sendmsg_afalg({ op: -1 }), noOperation],
      [
        'an operation by name',
        (s) => s.sendmsg_afalg({ op: 'x' }),
        'TypeError: sendmsg_afalg() argument 2 must be int, not str',
      ],
      [
        'a negative length',
        (s) => s.sendmsg_afalg([X], { op: 1, assoclen: -1 }),
        'TypeError: assoclen must be positive',
      ],
      ['text as vector', (s) => s.sendmsg_afalg({ op: 1, iv: 'x' }), notBytes('str')],
      [
        'an operation by position',
        (s) => s.sendmsg_afalg([X], 1),
        'TypeError: sendmsg_afalg() takes at most 1 positional argument (2 given)',
      ],
    ]);
  });
});
