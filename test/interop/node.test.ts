// toNetSocket gives a socket to Node, fromNode borrows one of Node's.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { connect, createServer, type Server, Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import * as socket from 'berkeley-sockets';
import { BorrowedSocket, fromNode, toNetSocket, toStream } from 'berkeley-sockets/interop';
import * as promises from 'berkeley-sockets/promises';
import { isNonBlocking } from '../support/descriptors.js';
import { fixturePath, run } from '../support/process.js';
import { cannotOn, HIDDEN_DESCRIPTORS, runtime } from '../support/runtime.js';
import { closing, listener, pair, udp, unixPath } from '../support/sockets.js';
import { connected, contents, KINDS } from '../support/streams.js';

/** The handle inside one of Node's objects. */
function handleOf(value: object): { fd?: number } {
  return (value as { _handle: { fd?: number } })._handle;
}

for (const kind of KINDS) {
  describe(`toNetSocket over ${kind}`, { timeout: 20_000 }, () => {
    test('gives the descriptor to a net.Socket', async (context) => {
      const [sock, peer] = connected(context, kind);
      const fd = sock.fileno();
      const node = toNetSocket(sock);
      assert.ok(node instanceof Socket);
      // Deno does not show it.
      assert.deepEqual([handleOf(node).fd ?? fd, sock.fileno()], [fd, -1]);
      node.end('from Node');
      peer.send(Buffer.from('to Node'));
      peer.shutdown(socket.SHUT_WR);
      assert.equal(String(await contents(node)), 'to Node');
      assert.equal(String(peer.recv(99)), 'from Node');
      if (!node.closed) await once(node, 'close');
    });

    test('takes the options of net.Socket', async (context) => {
      const [sock, peer] = connected(context, kind);
      const node = toNetSocket(sock.promises, { allowHalfOpen: true });
      peer.shutdown(socket.SHUT_WR);
      await once(node.resume(), 'end');
      node.end('late');
      await once(node, 'close');
      assert.equal(String(peer.recv(99)), 'late');
    });

    test('ends what waits on the socket', async (context) => {
      const [sock] = connected(context, kind);
      const waiting = assert.rejects(sock.promises.recv(1), { code: 'EBADF' });
      const node = toNetSocket(sock);
      await waiting;
      await once(node.destroy(), 'close');
    });
  });
}

describe('toNetSocket refuses', () => {
  test('datagrams', (context) => {
    const sock = udp(context);
    assert.throws(() => toNetSocket(sock), {
      name: 'ValueError',
      message: 'only SOCK_STREAM type sockets are supported',
    });
    assert.ok(sock.fileno() >= 0);
  });

  test('listeners', (context) => {
    const server = listener(context);
    assert.throws(() => toNetSocket(server), {
      name: 'ValueError',
      message: /^a listening socket/,
    });
    assert.ok(server.fileno() >= 0);
  });

  test('families that net.Socket does not know', (context) => {
    // The object claims another family than the descriptor has; the machine may have no other.
    const [sock] = pair(context);
    const other = closing(
      context,
      new socket.socket({ family: socket.AF_VSOCK, fileno: sock.detach() }),
    );
    assert.throws(() => toNetSocket(other), {
      name: 'ValueError',
      message: 'net.Socket knows only AF_INET, AF_INET6 and AF_UNIX; use toStream()',
    });
    assert.ok(other.fileno() >= 0);
  });

  test('closed sockets', () => {
    const sock = new socket.socket();
    sock.close();
    assert.throws(() => toNetSocket(sock), { code: 'EBADF' });
  });

  test('what is no socket', () => {
    assert.throws(() => toNetSocket(3 as never), {
      name: 'TypeError',
      message: 'toNetSocket() argument 1 must be socket, not int',
    });
  });
});

/** A listening net.Server of Node's. */
async function nodeServer(context: TestContext, where: string | number = 0): Promise<Server> {
  const server = createServer();
  if (typeof where === 'number') server.listen(where, '127.0.0.1');
  else server.listen(where);
  await once(server, 'listening');
  context.after(() => void server.close());
  return server;
}

/** A connected net.Socket of Node's and the net.Socket that was accepted. */
async function nodePair(context: TestContext, path?: string) {
  const server = await nodeServer(context, path);
  const { port } = server.address() as { port: number };
  const client = path === undefined ? connect(port, '127.0.0.1') : connect(path);
  const [[peer]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [
    [Socket],
    unknown,
  ];
  context.after(() => void client.destroy());
  context.after(() => void peer.destroy());
  return { server, client, peer };
}

describe('fromNode borrows', { timeout: 20_000 }, () => {
  const hidden = cannotOn(HIDDEN_DESCRIPTORS);

  test('a net.Socket over TCP', { skip: hidden }, async (context) => {
    const { client, server } = await nodePair(context);
    const sock = fromNode<typeof socket.AF_INET>(client);
    assert.ok(sock instanceof BorrowedSocket);
    assert.deepEqual([sock.family, sock.type], [socket.AF_INET, socket.SOCK_STREAM]);
    assert.deepEqual(sock.getpeername(), [
      '127.0.0.1',
      (server.address() as { port: number }).port,
    ]);
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 4321);
    assert.equal(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT), 4321);
    assert.equal(sock.get_inheritable(), false);
    assert.match(String(sock), /^<BorrowedSocket fd=\d+, family=2, .*raddr=\('127\.0\.0\.1', /);
  });

  test('a net.Socket over AF_UNIX, with the credentials of its peer', async (context) => {
    const { peer } = await nodePair(context, unixPath(context));
    const sock = fromNode(peer);
    const credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12);
    assert.equal(credentials.readInt32LE(), process.pid);
  });

  test('a net.Server', { skip: hidden }, async (context) => {
    const server = await nodeServer(context);
    const sock = fromNode<typeof socket.AF_INET>(server);
    assert.equal(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN), 1);
    assert.equal(sock.getsockname()[1], (server.address() as { port: number }).port);
  });

  test('a dgram.Socket, without a warning', { skip: hidden }, async (context) => {
    process.on('warning', assert.fail);
    context.after(() => process.off('warning', assert.fail));
    const datagrams = createSocket('udp4');
    assert.throws(() => fromNode(datagrams), {
      name: 'ValueError',
      message: 'the socket is not open yet, or closed already',
    });
    datagrams.bind(0, '127.0.0.1');
    await once(datagrams, 'listening');
    const sock = fromNode(datagrams);
    assert.equal(sock.type, socket.SOCK_DGRAM);
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_RECVERR, 1);
    await turn();
    datagrams.close();
    assert.equal(sock.fileno(), -1);
  });

  const isScriptThere = spawnSync('script', ['--version']).status === 0;
  const skip = isScriptThere ? false : 'there is no script(1) to make a terminal';
  test('a terminal, which has a descriptor but no options', { skip }, () => {
    const options = runtime === 'deno' ? 'run --allow-all' : '';
    const command = `"${process.execPath}" ${options} "${fixturePath('terminal')}"`;
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { stdio: 'pipe' });
    assert.deepEqual(JSON.parse(String(stdout)), [true, 0, 0, true, 'ENOTSOCK']);
  });
});

describe('a borrowed socket', { timeout: 20_000 }, () => {
  test('does not close what it borrowed', async (context) => {
    const { client, peer } = await nodePair(context, unixPath(context));
    const sock = fromNode(client);
    sock.close();
    sock.close();
    assert.equal(sock.fileno(), -1);
    assert.throws(() => sock.getsockname(), { code: 'EBADF' });
    client.end('still there');
    assert.equal(String(await contents(peer)), 'still there');
  });

  test('leaves the mode of the descriptor alone', async (context) => {
    const { client } = await nodePair(context, unixPath(context));
    const sock = fromNode(client);
    assert.equal(isNonBlocking(sock), true);
    for (const change of [() => sock.settimeout(null), () => sock.setblocking(true)]) {
      assert.throws(change, {
        name: 'UnsupportedOperation',
        message: 'the blocking mode of a borrowed descriptor cannot be changed',
      });
    }
    assert.deepEqual([isNonBlocking(sock), sock.getblocking()], [true, false]);
  });

  test('has no calls that read or write, and does not give the descriptor away', async (context) => {
    const { client } = await nodePair(context, unixPath(context));
    const sock = fromNode(client);
    for (const name of ['recv', 'send', 'accept', 'connect', 'makefile', 'sendfile', 'dup']) {
      assert.ok(!(name in sock), name);
    }
    assert.throws(() => sock.detach(), { name: 'UnsupportedOperation' });
    for (const take of [toStream, toNetSocket]) {
      assert.throws(() => take(sock), {
        name: 'TypeError',
        message: `${take.name}() argument 1 must be socket, not BorrowedSocket`,
      });
    }
  });

  test('does not touch another file that has got its number', async (context) => {
    const { client } = await nodePair(context, unixPath(context));
    const sock = fromNode(client);
    const fd = sock.fileno();
    client.destroy();
    // The number is free now, although 'close' is still to come.
    const other = closing(context, new socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    assert.equal(other.fileno(), fd);
    const refused = () => sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1);
    assert.throws(refused, { code: 'EBADF' });
    await once(client, 'close');
    assert.throws(refused, { code: 'EBADF' });
    assert.deepEqual(
      [sock.fileno(), String(sock)],
      [-1, '<BorrowedSocket fd=-1, family=1, type=1, proto=0>'],
    );
    assert.equal(other.getsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST), 0);
  });

  test('does not disturb who waits on its number afterwards', async (context) => {
    const { client } = await nodePair(context, unixPath(context));
    const sock = fromNode(client);
    client.destroy();
    const other = closing(context, new promises.socket(socket.AF_INET, socket.SOCK_DGRAM));
    await other.bind(['127.0.0.1', 0]);
    const received = other.recv(9);
    sock.close();
    await other.blocking.promises.sendto(Buffer.from('x'), other.getsockname());
    assert.equal(String(await received), 'x');
  });

  test('ends what it does to the kernel: shutdown', async (context) => {
    const { client, peer } = await nodePair(context, unixPath(context));
    fromNode(client).shutdown(socket.SHUT_WR);
    assert.equal((await contents(peer)).length, 0);
  });

  test('is closed by neither its collection nor the end of its worker', async (context) => {
    const ending = await run(context, 'borrowing', [unixPath(context)], {
      execArgv: ['--expose-gc'],
    });
    assert.deepEqual(ending, {
      code: 0,
      signal: null,
      lines: ['collected', 'answer', 'worker: borrowed', 'answer'],
      stderr: '',
    });
  });
});

describe('fromNode refuses', () => {
  const message =
    /^fromNode\(\) finds no descriptor in \w+: it is not open, is no socket of Node's/;
  for (const [what, value] of [
    ['a net.Socket that is not connected', new Socket()],
    ['a net.Server that does not listen', createServer()],
    ['a socket of this package', null],
    ['undefined', undefined],
    ['a number', 5],
    ['an object', { _handle: {} }],
  ] as const) {
    test(what, () => {
      const [sock, peer] = socket.socketpair();
      const given = what.includes('package') ? sock : value;
      assert.throws(() => fromNode(given as never), { name: 'TypeError', message });
      for (const end of [sock, peer]) end.close();
    });
  }

  test('a net.Socket that is destroyed', async (context) => {
    const { client } = await nodePair(context);
    client.destroy();
    assert.throws(() => fromNode(client), { name: 'TypeError', message });
  });

  test('the handle of a closed socket', (context) => {
    const file = openSync('/dev/null', 'r');
    context.after(() => closeSync(file));
    assert.throws(() => fromNode({ _handle: { fd: -22 } } as never), { name: 'ValueError' });
    assert.ok(fstatSync(file).isCharacterDevice());
  });
});
