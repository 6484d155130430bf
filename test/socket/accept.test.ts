// listen and accept: their arguments, the queue, and what an accepted socket is.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { isInherited } from '../support/descriptors.js';
import {
  assertRefusals,
  type Loose,
  loose,
  type Refusals,
  thrownBy,
} from '../support/exceptions.js';
import { closing, listener, udp, unixPath } from '../support/sockets.js';

const HOST = '127.0.0.1';
const NOT_INT = (type: string) => `TypeError: '${type}' object cannot be interpreted as an integer`;

const REFUSALS: Refusals<Loose> = [
  ['listen: a text', (s) => s.listen('1'), NOT_INT('str')],
  ['listen: half a connection', (s) => s.listen(1.5), NOT_INT('float')],
  ['listen: nothing', (s) => s.listen(null), NOT_INT('NoneType')],
  [
    'listen: two numbers',
    (s) => s.listen(1, 2),
    'TypeError: listen() takes at most 1 argument (2 given)',
  ],
  [
    'listen: too many connections',
    (s) => s.listen(2 ** 31),
    'OverflowError: signed integer is greater than maximum',
  ],
  [
    'accept: an argument',
    (s) => s.accept(1),
    'TypeError: socket.accept() takes 1 positional argument but 2 were given',
  ],
];

test('arguments that are no number of connections are refused', (context) => {
  assertRefusals(loose(closing(context, new socket.socket())), REFUSALS);
});

test('keyword arguments are refused by listen', (context) => {
  const sock = loose(closing(context, new socket.socket()));
  assert.match(
    thrownBy(() => sock.listen({ backlog: 1 })),
    /^TypeError: (socket\.)?listen\(\) takes no keyword arguments$/,
  );
});

/** The queue's length as /proc/net/tcp does not show it, but TCP_INFO does: `tcpi_sacked`. */
function backlogOf(sock: socket.socket): number {
  const UNACKED_OFFSET = 24;
  const info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104);
  // For a listener tcpi_unacked is the queue and tcpi_sacked its limit (net/ipv4/tcp.c).
  return info.readUInt32LE(UNACKED_OFFSET + 4);
}

const MOST = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));

describe('listen', () => {
  const BACKLOGS: [args: unknown[], backlog: number][] = [
    [[], 128],
    [[7], 7],
    [[0], 0],
    [[-5], 0],
    [[true], 1],
    [[3n], 3],
    [[100_000], 100_000],
  ];
  for (const [args, backlog] of BACKLOGS) {
    test(`with (${args}) lets ${backlog} connections wait, if the system does`, (context) => {
      const sock = closing(context, new socket.socket());
      sock.bind([HOST, 0]);
      loose(sock).listen(...args);
      assert.equal(backlogOf(sock), Math.min(backlog, MOST));
    });
  }

  test('binds a TCP socket that has no address to a free port', (context) => {
    const sock = closing(context, new socket.socket());
    sock.listen();
    const [host, port] = sock.getsockname();
    assert.equal(host, '0.0.0.0');
    assert.ok(port > 0);
  });

  test('and accept are nothing for a datagram socket', (context) => {
    const text = 'OSError: [Errno 95] Operation not supported';
    assert.equal(
      thrownBy(() => udp(context).listen()),
      text,
    );
    assert.equal(
      thrownBy(() => udp(context).accept()),
      text,
    );
  });
});

describe('accept', () => {
  test('is EINVAL on a socket that does not listen', (context) => {
    const sock = closing(context, new socket.socket());
    sock.bind([HOST, 0]);
    assert.equal(
      thrownBy(() => sock.accept()),
      'OSError: [Errno 22] Invalid argument',
    );
  });

  test('is a BlockingIOError on a non-blocking socket that nobody connects to', (context) => {
    const server = listener(context);
    server.setblocking(false);
    assert.equal(
      thrownBy(() => server.accept()),
      'BlockingIOError: [Errno 11] Resource temporarily unavailable',
    );
  });

  test('is EBADF on a closed socket', (context) => {
    const server = listener(context);
    server.close();
    assert.equal(
      thrownBy(() => server.accept()),
      'OSError: [Errno 9] Bad file descriptor',
    );
  });

  test('gives a socket of the same kind and the address of the peer', (context) => {
    const server = listener(context);
    const client = closing(context, new socket.socket());
    client.connect(server.getsockname());
    const result = server.accept();
    assert.equal(result.length, 2);
    const accepted = closing(context, result[0]);
    assert.deepEqual(result[1], client.getsockname());
    assert.deepEqual(accepted.getpeername(), client.getsockname());
    assert.deepEqual(accepted.getsockname(), server.getsockname());
    const { family, type, proto } = accepted;
    assert.deepEqual([family, type, proto], [socket.AF_INET, socket.SOCK_STREAM, 0]);
    assert.equal(accepted.get_inheritable(), false);
    assert.equal(isInherited(accepted), false);
  });

  test('gives connections in the order in which they were made', (context) => {
    const server = listener(context);
    const clients = [1, 2, 3].map(() => closing(context, new socket.socket()));
    const expected = clients.map((client) => {
      client.connect(server.getsockname());
      return client.getsockname();
    });
    const seen = clients.map(() => {
      const [accepted, address] = server.accept();
      accepted.close();
      return address;
    });
    assert.deepEqual(seen, expected);
  });

  test('gives a plain socket even on an object of a derived class', (context) => {
    class Special extends socket.socket {}
    const server = closing(context, new Special());
    server.bind([HOST, 0]);
    server.listen();
    const client = closing(context, new Special());
    client.connect(server.getsockname());
    const [accepted] = server.accept();
    assert.equal(closing(context, accepted).constructor, socket.socket);
  });

  test('gives a connection that was reset before, and recv tells of it', (context) => {
    const server = listener(context);
    const client = closing(context, new socket.socket());
    client.connect(server.getsockname());
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, new Int32Array([1, 0]));
    client.close();
    const [accepted, address] = server.accept();
    closing(context, accepted);
    assert.equal((address as [string, number])[0], HOST);
    assert.equal(
      thrownBy(() => accepted.recv(1)),
      'ConnectionResetError: [Errno 104] Connection reset by peer',
    );
  });

  test('names no peer for an AF_UNIX client without an address', (context) => {
    const path = unixPath(context);
    const server = closing(context, new socket.socket(socket.AF_UNIX));
    server.bind(path);
    server.listen();
    closing(context, new socket.socket(socket.AF_UNIX)).connect(path);
    const [accepted, address] = server.accept();
    assert.equal(address, '');
    assert.equal(closing(context, accepted).getsockname(), path);
  });
});
