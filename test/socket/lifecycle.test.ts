// The life of a socket: shutdown, close, detach, dup, inheritance, `using`, and calls afterwards.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import * as socket from 'berkeley-sockets';
import { native } from '#lib/native.js';
import { assertRefusals, loose, notInteger, thrownBy } from '../support/exceptions.js';
import '../support/leaks.js';
import { cannotOn, NO_INHERITANCE, STRANGE_DESCRIPTOR } from '../support/runtime.js';
import { closing, listener, pair, tcpPair, udp } from '../support/sockets.js';

const X = Buffer.from('x');
const CLOSED = 'OSError: [Errno 9] Bad file descriptor';
const NOT_CONNECTED = 'OSError: [Errno 107] Transport endpoint is not connected';

/** Shuts a descriptor down in another thread, while this one waits or is about to. */
function shutDownElsewhere(fd: number): Promise<unknown> {
  const module = import.meta.resolve('berkeley-sockets');
  const worker = new Worker(
    `const { workerData } = require('node:worker_threads');
     import(workerData.module).then((socket) => {
       const sock = new socket.socket({ fileno: workerData.fd });
       sock.shutdown(socket.SHUT_RDWR);
       sock.detach();
     });`,
    { eval: true, workerData: { fd, module } },
  );
  return new Promise((resolve) => worker.once('exit', resolve));
}

describe('shutdown', () => {
  it('needs a connection', (context) => {
    const stream = closing(context, new socket.socket());
    assert.equal(
      thrownBy(() => stream.shutdown(socket.SHUT_RDWR)),
      NOT_CONNECTED,
    );
    const datagrams = udp(context);
    assert.equal(
      thrownBy(() => datagrams.shutdown(socket.SHUT_RD)),
      NOT_CONNECTED,
    );
  });

  it('refuses wrong arguments with the texts of Python', (context) => {
    const { client } = tcpPair(context);
    const invalid = 'OSError: [Errno 22] Invalid argument';
    assertRefusals(loose(client), [
      ['99', (s) => s.shutdown(99), invalid],
      ['-1', (s) => s.shutdown(-1), invalid],
      ['text', (s) => s.shutdown('a'), notInteger('str')],
      ['a fraction', (s) => s.shutdown(1.5), notInteger('float')],
      ['null', (s) => s.shutdown(null), notInteger('NoneType')],
      [
        'nothing',
        (s) => s.shutdown(),
        'TypeError: socket.shutdown() takes exactly one argument (0 given)',
      ],
      [
        'too large',
        (s) => s.shutdown(2 ** 31),
        'OverflowError: Python int too large to convert to C int',
      ],
    ]);
  });

  it('ends one direction and leaves the other', (context) => {
    const { client, accepted } = tcpPair(context);
    client.shutdown(socket.SHUT_WR);
    assert.equal(accepted.recv(1).length, 0);
    assert.equal(accepted.send(Buffer.from('half')), 4);
    assert.equal(client.recv(9).toString(), 'half');
    client.shutdown(socket.SHUT_RD);
    assert.equal(client.recv(1).length, 0);
  });

  it('ends both directions', (context) => {
    const { client } = tcpPair(context);
    client.shutdown(socket.SHUT_RDWR);
    assert.equal(client.recv(5).length, 0);
    assert.equal(
      thrownBy(() => client.send(X)),
      'BrokenPipeError: [Errno 32] Broken pipe',
    );
  });

  it('in another thread wakes a waiting recv', async (context) => {
    const { accepted } = tcpPair(context);
    const ended = shutDownElsewhere(accepted.fileno());
    assert.equal(accepted.recv(1).length, 0);
    await ended;
  });

  it('of a listener in another thread wakes a waiting accept', async (context) => {
    const server = listener(context);
    const ended = shutDownElsewhere(server.fileno());
    assert.equal(
      thrownBy(() => server.accept()),
      'OSError: [Errno 22] Invalid argument',
    );
    await ended;
  });
});

describe('close', () => {
  it('may be called again', () => {
    const sock = new socket.socket();
    assert.equal(sock.close(), undefined);
    assert.equal(sock.close(), undefined);
    assert.equal(sock.fileno(), -1);
  });

  it('leaves family, type and protocol readable, as detach does', () => {
    for (const end of ['close', 'detach'] as const) {
      const sock = new socket.socket(socket.AF_INET6, socket.SOCK_DGRAM, socket.IPPROTO_UDP);
      const fd = sock[end]();
      if (typeof fd === 'number') socket.close(fd);
      assert.deepEqual(
        [sock.family, sock.type, sock.proto],
        [socket.AF_INET6, socket.SOCK_DGRAM, socket.IPPROTO_UDP],
      );
    }
  });

  it('makes every call a bad file descriptor', () => {
    const sock = new socket.socket();
    sock.close();
    const address = ['127.0.0.1', 1] as const;
    const room = Buffer.alloc(1);
    const calls: [name: string, ...args: unknown[]][] = [
      ['accept'],
      ['bind', ['', 0]],
      ['connect', address],
      ['dup'],
      ['get_inheritable'],
      ['set_inheritable', true],
      ['getpeername'],
      ['getsockname'],
      ['getsockopt', 1, 2],
      ['getsockopt', 1, 2, 4],
      ['setsockopt', 1, 2, 1],
      ['setsockopt', 1, 2, X],
      ['setsockopt', 1, 2, null, 1],
      ['listen'],
      ['recv', 1],
      ['recv_into', room],
      ['recvfrom', 1],
      ['recvfrom_into', room],
      ['recvmsg', 1],
      ['recvmsg_into', [room]],
      ['send', X],
      ['sendall', X],
      ['sendto', X, address],
      ['sendmsg', [X]],
      ['sendfile', { read: () => X }],
      ['setblocking', true],
      ['settimeout', 1],
      ['shutdown', 0],
    ];
    const seen = calls.map(([name, ...args]) => [
      name,
      thrownBy(() => loose(sock)[name]?.(...args)),
    ]);
    assert.deepEqual(
      seen,
      calls.map(([name]) => [name, CLOSED]),
    );
    assert.equal(sock.connect_ex(address), 9);
    assert.equal(sock.detach(), -1);
    assert.equal(sock.close(), undefined);
  });

  it('throws once if the descriptor is gone already', () => {
    const sock = new socket.socket();
    socket.close(sock.fileno());
    assert.equal(
      thrownBy(() => sock.close()),
      CLOSED,
    );
    assert.equal(sock.close(), undefined);
    assert.equal(sock.fileno(), -1);
  });

  it('with a linger time of zero resets the connection', (context) => {
    const { client, accepted } = tcpPair(context);
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Int32Array.of(1, 0));
    accepted.close();
    assert.equal(
      thrownBy(() => client.recv(1)),
      'ConnectionResetError: [Errno 104] Connection reset by peer',
    );
  });
});

describe('detach', () => {
  it('gives the descriptor away once, open', () => {
    const sock = new socket.socket();
    const number = sock.fileno();
    const fd = sock.detach();
    assert.equal(fd, number);
    assert.equal(sock.detach(), -1);
    assert.equal(sock.fileno(), -1);
    assert.equal(
      thrownBy(() => sock.recv(1)),
      CLOSED,
    );
    sock.close();
    assert.match(fs.readlinkSync(`/proc/self/fd/${fd}`), /^socket:/);
    socket.close(fd);
  });

  it('lets another object adopt the descriptor', (context) => {
    const [a, b] = pair(context, socket.SOCK_SEQPACKET);
    const adopted = closing(context, new socket.socket({ fileno: a.detach() }));
    assert.deepEqual(
      [adopted.family, adopted.type, adopted.proto],
      [socket.AF_UNIX, socket.SOCK_SEQPACKET, 0],
    );
    adopted.send(X);
    assert.deepEqual(b.recv(9), X);
  });
});

describe('dup', () => {
  it('copies kind and timeout, close-on-exec', (context) => {
    const sock = closing(context, new socket.socket());
    sock.settimeout(3);
    sock.set_inheritable(true);
    const copy = closing(context, sock.dup());
    assert.notEqual(copy.fileno(), sock.fileno());
    assert.deepEqual(
      [copy.gettimeout(), copy.get_inheritable(), copy.family, copy.type, copy.proto],
      [3, false, socket.AF_INET, socket.SOCK_STREAM, 0],
    );
  });

  it('keeps the connection open when one of the two is closed', (context) => {
    const { client, accepted } = tcpPair(context);
    const copy = closing(context, client.dup());
    client.close();
    copy.send(X);
    assert.deepEqual(accepted.recv(1), X);
    copy.close();
    assert.equal(accepted.recv(1).length, 0);
  });

  it('shares O_NONBLOCK: a timeout on the copy makes the original non-blocking', (context) => {
    const { client } = tcpPair(context);
    const copy = closing(context, client.dup());
    copy.settimeout(1);
    assert.equal(client.gettimeout(), null);
    const flags = /^flags:\s+([0-7]+)$/m.exec(
      fs.readFileSync(`/proc/self/fdinfo/${client.fileno()}`, 'utf8'),
    );
    assert.ok(Number.parseInt(flags?.[1] ?? '', 8) & fs.constants.O_NONBLOCK);
    assert.throws(() => client.recv(1), socket.BlockingIOError);
  });

  it('of a subclass is of that subclass', (context) => {
    class Mine extends socket.socket {}
    const sock = closing(context, new Mine());
    assert.ok(closing(context, sock.dup()) instanceof Mine);
  });
});

describe('using', () => {
  it('closes the socket at the end of the block, also when it is left by an exception', () => {
    const sock = new socket.socket();
    {
      using scoped = sock;
      assert.ok(scoped.fileno() >= 0);
    }
    assert.equal(sock.fileno(), -1);
    const other = new socket.socket();
    assert.throws(() => {
      using scoped = other;
      throw new Error(String(scoped.family));
    }, /^Error: 2$/);
    assert.equal(other.fileno(), -1);
  });

  it('is fine with a socket that is closed already', () => {
    using sock = new socket.socket();
    sock.close();
    {
      using again = sock;
      assert.equal(again.fileno(), -1);
    }
  });
});

describe('descriptors', () => {
  it('are inherited by child processes only if they are told to', {
    skip: cannotOn(NO_INHERITANCE),
  }, (context) => {
    const kept = closing(context, new socket.socket());
    const passed = closing(context, new socket.socket());
    passed.set_inheritable(true);
    const look = (fd: number) => `[ -e /proc/self/fd/${fd} ] && echo open || echo closed`;
    const script = `${look(kept.fileno())}; ${look(passed.fileno())}`;
    const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
    assert.deepEqual(stdout.split(/\s/), ['closed', 'open', '']);
    assert.deepEqual([kept.get_inheritable(), passed.get_inheritable()], [false, true]);
    passed.set_inheritable(false);
    assert.equal(passed.get_inheritable(), false);
  });

  it('can be used with node:fs, too', { skip: cannotOn(STRANGE_DESCRIPTOR) }, (context) => {
    const { client, accepted } = tcpPair(context);
    assert.equal(fs.writeSync(client.fileno(), 'raw'), 3);
    assert.equal(accepted.recv(5).toString(), 'raw');
  });

  it('are close-on-exec wherever they come from', (context) => {
    const { server, client, accepted } = tcpPair(context);
    const [a, b] = pair(context);
    const copy = closing(context, client.dup());
    const from = closing(
      context,
      socket.fromfd(client.fileno(), socket.AF_INET, socket.SOCK_STREAM),
    );
    for (const sock of [server, client, accepted, a, b, copy, from]) {
      assert.equal(sock.get_inheritable(), false);
    }
  });
});

describe('other facts', () => {
  it('a receive timeout of the kernel is a BlockingIOError', (context) => {
    const sock = udp(context);
    const timeval = new BigInt64Array([0n, 20_000n]);
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeval);
    assert.equal(
      thrownBy(() => sock.recv(1)),
      'BlockingIOError: [Errno 11] Resource temporarily unavailable',
    );
  });

  it('a socket is a SocketType', (context) => {
    const sock = closing(context, new socket.socket());
    assert.ok(sock instanceof socket.SocketType);
    assert.ok(!Object.is(socket.socket, socket.SocketType));
    assert.equal(Object.getPrototypeOf(socket.socket), socket.SocketType);
  });

  it('a SEQPACKET socket keeps messages apart and cuts what does not fit', () => {
    const [a, b] = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET);
    a.send(Buffer.from('one'));
    a.send(Buffer.from('two'));
    assert.equal(b.recv(10).toString(), 'one');
    assert.equal(b.recv(2).toString(), 'tw');
    a.close();
    assert.equal(b.recv(5).length, 0);
    b.close();
  });

  it('writes itself as Python does', (context) => {
    const sock = udp(context);
    const [, port] = sock.getsockname();
    const fd = sock.fileno();
    const kind = `fd=${fd}, family=2, type=2, proto=0`;
    assert.equal(String(sock), `<socket.socket ${kind}, laddr=('127.0.0.1', ${port})>`);
    sock.close();
    assert.equal(String(sock), '<socket.socket [closed] fd=-1, family=2, type=2, proto=0>');
  });

  it('a descriptor that somebody else closes is never closed twice', () => {
    const sock = new socket.socket();
    const fd = sock.detach();
    assert.equal(native.close(fd), 0);
    const next = new socket.socket();
    assert.equal(next.fileno(), fd);
    sock.close();
    assert.equal(next.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE), socket.SOCK_STREAM);
    next.close();
  });
});
