// The module's functions that make sockets, and those that work on descriptors.

import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import { assertRefusals, loose, notInteger, thrownBy } from '../support/exceptions.js';
import { openDescriptors } from '../support/leaks.js';
import { closing, listener, refusingPort, unixPath } from '../support/sockets.js';

const ANY = loose(socket);
const BAD = 'OSError: [Errno 9] Bad file descriptor';
const REFUSED = 'ConnectionRefusedError: [Errno 111] Connection refused';
const UNKNOWN = 'gaierror: [Errno -2] Name or service not known';

/** An address of this host that answers no connection: its queue is full. */
function hangingAddress(context: TestContext) {
  const server = closing(context, socket.create_server(['127.0.0.1', 0], { backlog: 0 }));
  const filler = closing(context, new socket.socket());
  filler.connect(server.getsockname());
  return server.getsockname();
}

/** Runs with a default timeout and takes it back. */
function withDefault(seconds: number, run: () => void): void {
  socket.setdefaulttimeout(seconds);
  try {
    run();
  } finally {
    socket.setdefaulttimeout(null);
  }
}

describe('socketpair', () => {
  it('makes two blocking, close-on-exec sockets of AF_UNIX', () => {
    const sockets = socket.socketpair();
    for (const sock of sockets) {
      assert.deepEqual(
        [sock.family, sock.type, sock.proto, sock.gettimeout(), sock.get_inheritable()],
        [socket.AF_UNIX, socket.SOCK_STREAM, 0, null, false],
      );
      assert.ok(sock instanceof socket.socket);
    }
    sockets[0].send(Buffer.from('x'));
    assert.equal(sockets[1].recv(2).toString(), 'x');
    for (const sock of sockets) sock.close();
  });

  it('takes its arguments by position and by name', (context) => {
    const [a, b] = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM, 0);
    const [c, d] = socket.socketpair({ type: socket.SOCK_SEQPACKET });
    for (const sock of [a, b, c, d]) closing(context, sock);
    assert.deepEqual(
      [a, b, c, d].map((sock) => sock.type),
      [2, 2, 5, 5],
    );
  });

  it('makes non-blocking sockets if the type says so', (context) => {
    const type = socket.SOCK_STREAM | socket.SOCK_NONBLOCK;
    const [a, b] = socket.socketpair(socket.AF_UNIX, type);
    closing(context, b);
    assert.deepEqual([closing(context, a).gettimeout(), a.type], [0, socket.SOCK_STREAM]);
    assert.throws(() => a.recv(1), socket.BlockingIOError);
  });

  it('refuses what cannot be a pair', () => {
    assertRefusals(ANY, [
      [
        'AF_INET',
        (s) => s.socketpair(socket.AF_INET),
        'OSError: [Errno 95] Operation not supported',
      ],
      [
        'no family',
        (s) => s.socketpair(999),
        'OSError: [Errno 97] Address family not supported by protocol',
      ],
      ['no type', (s) => s.socketpair(socket.AF_UNIX, 99), 'OSError: [Errno 22] Invalid argument'],
      ['text', (s) => s.socketpair('x'), notInteger('str')],
    ]);
  });
});

describe('fromfd, dup and close', () => {
  it('fromfd makes a socket on a copy', (context) => {
    const sock = closing(context, new socket.socket());
    const copy = closing(context, socket.fromfd(sock.fileno(), socket.AF_INET, socket.SOCK_STREAM));
    assert.notEqual(copy.fileno(), sock.fileno());
    assert.deepEqual([copy.get_inheritable(), copy.proto], [false, 0]);
  });

  it('fromfd refuses wrong arguments with the texts of Python', (context) => {
    const sock = closing(context, new socket.socket());
    assertRefusals(ANY, [
      ['a number that is none', (s) => s.fromfd(99_999, 2, 1), BAD],
      ['-1', (s) => s.fromfd(-1, 2, 1), BAD],
      ['text', (s) => s.fromfd('x', 2, 1), notInteger('str')],
      ['a socket', (s) => s.fromfd(sock, 2, 1), notInteger('socket')],
      [
        'one argument',
        (s) => s.fromfd(0),
        "TypeError: fromfd() missing 2 required positional arguments: 'family' and 'type'",
      ],
    ]);
  });

  it('fromfd refuses a descriptor that is no socket, and keeps no copy of it', () => {
    const fd = openSync('/dev/null', 'r');
    const before = openDescriptors();
    assert.equal(
      thrownBy(() => socket.fromfd(fd, socket.AF_INET, socket.SOCK_STREAM)),
      'OSError: [Errno 88] Socket operation on non-socket',
    );
    assert.deepEqual(openDescriptors(), before);
    socket.close(fd);
  });

  it('dup and close work on numbers', (context) => {
    const sock = closing(context, new socket.socket());
    const fd = socket.dup(sock.fileno());
    assert.notEqual(fd, sock.fileno());
    assert.equal(socket.close(fd), undefined);
    assert.equal(
      thrownBy(() => socket.close(fd)),
      BAD,
    );
  });

  it('dup and close refuse wrong arguments with the texts of Python', () => {
    const tooLarge = 'OverflowError: Python int too large to convert to C int';
    assertRefusals(ANY, [
      ['dup of no descriptor', (s) => s.dup(99_999), BAD],
      ['dup of -1', (s) => s.dup(-1), BAD],
      ['dup of text', (s) => s.dup('a'), notInteger('str')],
      ['dup', (s) => s.dup(), 'TypeError: _socket.dup() takes exactly one argument (0 given)'],
      ['close of -1', (s) => s.close(-1), BAD],
      ['close of text', (s) => s.close('a'), notInteger('str')],
      ['close of a fraction', (s) => s.close(1.5), notInteger('float')],
      [
        'close',
        (s) => s.close(),
        'TypeError: _socket.close() takes exactly one argument (0 given)',
      ],
      // Whoever cut this to 32 bits would close the descriptor 0.
      ['close of more than an int', (s) => s.close(2 ** 40), tooLarge],
      ['dup of more than an int', (s) => s.dup(2 ** 40), tooLarge],
    ]);
  });
});

describe('create_connection', () => {
  it('connects to the first address that answers', (context) => {
    const server = listener(context);
    const sock = closing(context, socket.create_connection(server.getsockname()));
    assert.deepEqual(
      [sock.family, sock.type, sock.proto, sock.gettimeout()],
      [socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, null],
    );
    assert.deepEqual(sock.getpeername(), server.getsockname());
  });

  it('sets the timeout, which is the default one if it is left out', (context) => {
    const address = listener(context).getsockname();
    const timeout = (...args: unknown[]) =>
      closing(context, ANY.create_connection(address, ...args) as socket.socket).gettimeout();
    assert.equal(timeout({ timeout: null }), null);
    assert.equal(timeout({ timeout: 3 }), 3);
    assert.equal(timeout(4), 4);
    withDefault(7, () => {
      assert.equal(timeout(), 7);
      assert.equal(timeout(null), null);
    });
  });

  it('throws the last error, or all of them', (context) => {
    const port = refusingPort(context);
    assertRefusals(ANY, [
      ['the last', (s) => s.create_connection(['127.0.0.1', port]), REFUSED],
      [
        'all of them',
        (s) => s.create_connection(['127.0.0.1', port], { all_errors: true }),
        'ExceptionGroup: create_connection failed (1 sub-exception)',
      ],
    ]);
    const count = socket.getaddrinfo('localhost', port, 0, socket.SOCK_STREAM).length;
    try {
      socket.create_connection(['localhost', port], { all_errors: true });
      assert.fail('nobody listens');
    } catch (error) {
      assert.ok(error instanceof socket.ExceptionGroup);
      assert.equal(error.exceptions.length, count);
      for (const one of error.exceptions) assert.ok(one instanceof socket.ConnectionRefusedError);
    }
  });

  it('times out where nobody answers', (context) => {
    const address = hangingAddress(context);
    assertRefusals(ANY, [
      ['0.1', (s) => s.create_connection(address, 0.1), 'TimeoutError: timed out'],
      [
        '0',
        (s) => s.create_connection(address, 0),
        'BlockingIOError: [Errno 115] Operation now in progress',
      ],
    ]);
  });

  it('binds to a source address', (context) => {
    const server = listener(context);
    const connect = (source: [string, number] | null) =>
      closing(
        context,
        socket.create_connection(server.getsockname(), { source_address: source }),
      ).getsockname();
    assert.equal(connect(['127.0.0.2', 0])[0], '127.0.0.2');
    assert.equal(connect(null)[0], '127.0.0.1');
    assert.equal(connect([] as unknown as [string, number])[0], '127.0.0.1');
    const at = server.getsockname();
    assertRefusals(ANY, [
      [
        'not here',
        (s) => s.create_connection(at, { source_address: ['1.2.3.4', 0] }),
        'OSError: [Errno 99] Cannot assign requested address',
      ],
      [
        'no tuple',
        (s) => s.create_connection(at, { source_address: 'x' }),
        'TypeError: bind(): AF_INET address must be tuple, not str',
      ],
    ]);
  });

  it('takes a host of null and a port as text, but no empty host', (context) => {
    const [, port] = listener(context).getsockname();
    for (const address of [
      [null, port],
      ['127.0.0.1', String(port)],
    ] as const) {
      const sock = closing(context, socket.create_connection(address));
      assert.equal(sock.getpeername()[0], '127.0.0.1');
    }
    assert.equal(
      thrownBy(() => socket.create_connection(['', port])),
      UNKNOWN,
    );
  });

  it('refuses wrong arguments with the texts of Python', (context) => {
    const at = listener(context).getsockname();
    const many = 'ValueError: too many values to unpack (expected 2)';
    assertRefusals(ANY, [
      [
        'a host alone',
        (s) => s.create_connection(['127.0.0.1']),
        'ValueError: not enough values to unpack (expected 2, got 1)',
      ],
      ['text', (s) => s.create_connection('127.0.0.1'), many],
      ['an address of IPv6', (s) => s.create_connection(['::1', 80, 0, 0]), many],
      [
        'a number',
        (s) => s.create_connection(5),
        'TypeError: cannot unpack non-iterable int object',
      ],
      [
        'four arguments',
        (s) => s.create_connection(at, 1, null, true),
        'TypeError: create_connection() takes from 1 to 3 positional arguments but 4 were given',
      ],
      ['a timeout as text', (s) => s.create_connection(at, { timeout: 'x' }), notInteger('str')],
      [
        'a negative timeout',
        (s) => s.create_connection(at, { timeout: -1 }),
        'ValueError: Timeout value out of range',
      ],
      ['an unknown host', (s) => s.create_connection(['nosuchhost.invalid', 80], 5), UNKNOWN],
    ]);
  });
});

describe('create_server', () => {
  it('listens, and lets the port be used again', (context) => {
    const server = listener(context);
    const { SOL_SOCKET, SO_REUSEADDR, SO_REUSEPORT, SO_ACCEPTCONN } = socket;
    assert.deepEqual(
      [server.family, server.type, server.proto, server.gettimeout()],
      [socket.AF_INET, socket.SOCK_STREAM, 0, null],
    );
    assert.deepEqual(
      [SO_REUSEADDR, SO_REUSEPORT, SO_ACCEPTCONN].map((name) =>
        server.getsockopt(SOL_SOCKET, name),
      ),
      [1, 0, 1],
    );
    withDefault(5, () => assert.equal(listener(context).gettimeout(), 5));
  });

  it('listens with the backlog that is asked for, and with 128 otherwise', (context) => {
    // The limit of a listener's queue is where TCP_INFO of others has the segments in flight.
    const SACKED = 28;
    const backlog = (value: number | null) => {
      const server = socket.create_server(['127.0.0.1', 0], { backlog: value });
      const info = closing(context, server).getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104);
      return info.readUInt32LE(SACKED);
    };
    assert.deepEqual([null, 0, 5, -1].map(backlog), [128, 0, 5, 0]);
  });

  it('serves IPv6 alone, or both', (context) => {
    const { AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY } = socket;
    const only = closing(context, socket.create_server(['::1', 0], { family: AF_INET6 }));
    const both = closing(
      context,
      socket.create_server(['', 0], { family: AF_INET6, dualstack_ipv6: true }),
    );
    assert.equal(only.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY), 1);
    assert.equal(both.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY), 0);
    assert.equal(socket.has_dualstack_ipv6(), true);
    const client = socket.create_connection(['127.0.0.1', both.getsockname()[1]]);
    const [connection, address] = both.accept();
    assert.deepEqual(address, ['::ffff:127.0.0.1', client.getsockname()[1], 0, 0]);
    connection.close();
    client.close();
  });

  it('shares a port', (context) => {
    const first = closing(context, socket.create_server(['127.0.0.1', 0], { reuse_port: true }));
    const second = closing(
      context,
      socket.create_server(first.getsockname(), { reuse_port: true }),
    );
    assert.equal(second.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT), 1);
    assert.deepEqual(second.getsockname(), first.getsockname());
  });

  it('serves AF_UNIX, where sharing a port means nothing', (context) => {
    const path = unixPath(context);
    const { AF_UNIX: family } = socket;
    const server = closing(context, socket.create_server(path, { family }));
    assert.equal(server.getsockname(), path);
    const other = unixPath(context);
    closing(context, socket.create_server(other, { family, reuse_port: true }));
  });

  it('names the address that it cannot bind, and keeps the error number', (context) => {
    const at = listener(context).getsockname();
    const [, port] = at;
    const taken = `(while attempting to bind on address ('127.0.0.1', ${port}))`;
    const trying = (address: string) => `(while attempting to bind on address ('${address}', 0))`;
    assertRefusals(ANY, [
      ['in use', (s) => s.create_server(at), `OSError: [Errno 98] Address already in use ${taken}`],
      [
        'not here',
        (s) => s.create_server(['1.2.3.4', 0]),
        `OSError: [Errno 99] Cannot assign requested address ${trying('1.2.3.4')}`,
      ],
      [
        'another family',
        (s) => s.create_server(['::1', 0]),
        `OSError: [Errno -9] Address family for hostname not supported ${trying('::1')}`,
      ],
      [
        'unknown',
        (s) => s.create_server(['nosuchhost.invalid', 0]),
        `OSError: [Errno -2] Name or service not known ${trying('nosuchhost.invalid')}`,
      ],
    ]);
    assert.throws(() => socket.create_server(at), { errno: 98, code: 'EADDRINUSE' });
  });

  it('refuses wrong arguments with the texts of Python', () => {
    const any = ['127.0.0.1', 0] as const;
    assertRefusals(ANY, [
      [
        'text',
        (s) => s.create_server('127.0.0.1'),
        'TypeError: bind(): AF_INET address must be tuple, not str',
      ],
      [
        'a large port',
        (s) => s.create_server(['127.0.0.1', 70_000]),
        'OverflowError: bind(): port must be 0-65535.',
      ],
      [
        'the family by position',
        (s) => s.create_server(any, socket.AF_INET),
        'TypeError: create_server() takes 1 positional argument but 2 were given',
      ],
      ['a backlog as text', (s) => s.create_server(any, { backlog: 'x' }), notInteger('str')],
      [
        'both stacks of IPv4',
        (s) => s.create_server(['', 0], { dualstack_ipv6: true }),
        'ValueError: dualstack_ipv6 requires AF_INET6 family',
      ],
    ]);
  });
});
