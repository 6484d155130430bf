// Calls that go on in a later turn of the loop by themselves, or begin in one: by then the number may
// be a stranger's, although nobody has told the package that it was closed.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import * as socket from 'berkeley-sockets';
import { toStream } from 'berkeley-sockets/interop';
import * as promises from 'berkeley-sockets/promises';
import { type Decoy, decoyFor, put } from '../support/decoys.js';
import { closeUnseen } from '../support/descriptors.js';
import { fullListener } from '../support/hanging.js';
import { descriptorTargets } from '../support/process.js';
import { assertWaits, promised, settled } from '../support/promised.js';
import { closing, pair, tcpPair, udp, unixPath } from '../support/sockets.js';
import { fill, openFile } from '../support/waits.js';

const options = { concurrency: false, timeout: 30_000 };
const lost = { error: 'OSError: EBADF' };
const MUCH = 2 ** 22;

type Sock = socket.socket<number>;

/** Closes the number without the package's knowledge, and has a stranger take it. */
function steal(sock: Sock, decoy: Decoy): void {
  const fd = sock.fileno();
  closeUnseen(fd);
  decoy.take(fd);
}

async function someTurns(): Promise<void> {
  for (let count = 0; count < 5; count += 1) await turn();
}

describe('a number that was closed unseen is not touched', options, () => {
  test('by a call that lets others have their turn first', async (context) => {
    const [sock, peer] = pair(context, socket.SOCK_DGRAM);
    const decoy = decoyFor('recv', sock);
    // As many calls as complete at once before one has to go through the loop.
    const calls: Promise<unknown>[] = [];
    let waiting: Promise<unknown> | undefined;
    for (let count = 0; count < 2000 && waiting === undefined; count += 1) {
      peer.send(Buffer.from('x'));
      const call = sock.promises.recv(9);
      const isDone = await Promise.race([call.then(() => true), tick(10)]);
      if (isDone === true) calls.push(call);
      else waiting = call;
    }
    assert.ok(waiting !== undefined, 'no call went through the loop');
    waiting.catch(() => {});
    steal(sock, decoy);
    assert.deepEqual(await settled(waiting), lost);
    decoy.assertUntouched();
    sock.detach();
  });

  test('by a file of which a part is sent', async (context) => {
    const { client, accepted } = tcpPair(context);
    const decoy = decoyFor('sendfile', client);
    const sending = promised([client, 'sendfile', openFile(context, MUCH)]);
    steal(client, decoy);
    assert.deepEqual(await settled(sending), lost);
    decoy.assertUntouched();
    client.detach();
    accepted.close();
  });

  test('by the datagram that is sent again and again', async (context) => {
    const path = unixPath(context);
    const receiver = closing(context, new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM));
    receiver.bind(path);
    const sock = new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);
    const stranger = closing(context, new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM));
    let queued = 0;
    receiver.setblocking(false);
    for (;;) {
      try {
        sock.sendto(Buffer.from('mine'), socket.MSG_DONTWAIT, path);
        queued += 1;
      } catch {
        break;
      }
    }
    const sending = promised([sock as Sock, 'sendto', Buffer.from('late'), path]);
    await assertWaits(sending);
    const fd = sock.fileno();
    closeUnseen(fd);
    put(fd, stranger.fileno());
    for (let count = 0; count < queued; count += 1) receiver.recv(9);
    assert.deepEqual(await settled(sending), lost);
    assert.throws(() => receiver.recv(9), socket.BlockingIOError, 'the stranger sent it');
    socket.close(sock.detach());
  });

  test('by what copies of the old socket hear, when a socket object has it now', async (context) => {
    const [sock, peer] = pair(context);
    const copy = closing(context, sock.dup());
    const reading = promised([sock, 'recv', 99]);
    await assertWaits(reading);
    const fd = sock.fileno();
    closeUnseen(fd);
    const [first, second] = pair(context);
    const isFirst = first.fileno() === fd;
    assert.ok(isFirst || second.fileno() === fd);
    const [stranger, other] = isFirst ? [first, second] : [second, first];
    other.send(Buffer.from('not for you'));
    peer.send(Buffer.from('mine'));
    assert.deepEqual(await settled(reading), lost);
    assert.equal(String(stranger.recv(99)), 'not for you');
    assert.equal(String(copy.recv(99)), 'mine');
    sock.detach();
  });

  test('by who comes after a call that is given up', async (context) => {
    const [sock] = pair(context);
    fill(sock);
    const decoy = decoyFor('send', sock);
    const controller = new AbortController();
    const first = promised([sock, 'send', Buffer.from('a')], { signal: controller.signal });
    const second = promised([sock, 'send', Buffer.from('b')]);
    await assertWaits(second);
    steal(sock, decoy);
    controller.abort(new Error('enough'));
    assert.deepEqual(await settled(first), { error: 'Error: enough' });
    assert.deepEqual(await settled(second), lost);
    decoy.assertUntouched();
    sock.detach();
  });
});

/** Settles after that many turns of the microtasks. */
async function tick(count: number): Promise<false> {
  for (let index = 0; index < count; index += 1) await undefined;
  return false;
}

describe('a call that looks a name up', options, () => {
  const bytes = Buffer.from('x');
  const address = ['localhost', 9] as const;
  const calls: Readonly<Record<string, (sock: promises.socket) => unknown>> = {
    sendto: (sock) => sock.sendto(bytes, address as never),
    sendmsg: (sock) => sock.sendmsg([bytes], [], 0, address as never),
    sendmmsg: (sock) => sock.sendmmsg([[[bytes], [], address as never]]),
    send_segmented: (sock) => sock.send_segmented(bytes, 9, { address: address as never }),
    connect: (sock) => sock.connect(address as never),
    bind: (sock) => sock.bind(['localhost', 0]),
  };
  for (const [method, call] of Object.entries(calls)) {
    for (const how of ['close()', 'the module’s close()', 'nobody']) {
      test(`${method} does not use a stranger’s socket, closed by ${how}`, async () => {
        const sock = new promises.socket(socket.AF_INET, socket.SOCK_DGRAM);
        const stranger = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
        const promise = call(sock) as Promise<unknown>;
        assert.ok(promise instanceof Promise);
        const fd = sock.fileno();
        if (how === 'close()') sock.close();
        else if (how === 'nobody') closeUnseen(fd);
        else socket.close(fd);
        put(fd, stranger.fileno());
        assert.deepEqual(await settled(promise), lost);
        // Sending binds a datagram socket, too.
        assert.deepEqual(stranger.getsockname(), ['0.0.0.0', 0]);
        assert.throws(() => stranger.getpeername(), { code: 'ENOTCONN' });
        if (sock.fileno() >= 0) sock.detach();
        socket.close(fd);
        stranger.close();
      });
    }
  }
});

test('the file that is sent is not exchanged for another one', options, async (context) => {
  const { client, accepted } = tcpPair(context);
  const path = unixPath(context);
  writeFileSync(path, Buffer.alloc(MUCH, 'mine '));
  const other = unixPath(context);
  writeFileSync(other, Buffer.alloc(MUCH, 'other'));
  const file = openSync(path, 'r');
  const sending = promised([client, 'sendfile', file]);
  closeSync(file);
  assert.equal(openSync(other, 'r'), file);
  const received: Buffer[] = [];
  const { promises: view } = accepted;
  const reading = (async () => {
    for (let data = await view.recv(65_536); data.length > 0; data = await view.recv(65_536)) {
      received.push(data);
    }
  })();
  assert.deepEqual(await settled(sending), lost);
  client.close();
  await reading;
  assert.ok(!Buffer.concat(received).includes('other'));
  closeSync(file);
});

describe('an attempt to connect that is ended', options, () => {
  function newest(before: readonly number[]): number {
    const found = descriptorTargets()
      .filter(([fd, target]) => target.startsWith('socket:') && !before.includes(fd))
      .map(([fd]) => fd);
    assert.equal(found.length, 1);
    return found[0] as number;
  }

  for (const happy_eyeballs_delay of [undefined, 0.001]) {
    test(`leaves its number alone, happy_eyeballs_delay ${happy_eyeballs_delay}`, async (context) => {
      const { server, address } = fullListener(context);
      const stranger = closing(context, new socket.socket());
      const controller = new AbortController();
      const { signal } = controller;
      const before = descriptorTargets().map(([fd]) => fd);
      const given = happy_eyeballs_delay === undefined ? {} : { happy_eyeballs_delay };
      const connecting = promises.create_connection(address, { ...given, signal });
      connecting.catch(() => {});
      await assertWaits(connecting);
      const fd = newest(before);
      controller.abort(new Error('enough'));
      await assert.rejects(connecting, /enough/);
      put(fd, stranger.fileno());
      server.accept()[0].close();
      await someTurns();
      assert.throws(() => stranger.getpeername(), { code: 'ENOTCONN' });
      socket.close(fd);
    });
  }
});

describe('a stream', options, () => {
  for (const how of ['destroy()', 'close() of its socket', 'destroy(error)'] as const) {
    test(`writes nothing that waits to a stranger, after ${how}`, async (context) => {
      const [sock, peer] = pair(context);
      const decoy = decoyFor('send', sock);
      const stream = toStream(sock);
      stream.on('error', () => {});
      stream.write(Buffer.alloc(MUCH, 'first'));
      stream.write('second');
      await turn();
      const fd = sock.fileno();
      const closed = new Promise((resolve) => stream.once('close', resolve));
      if (how === 'destroy()') stream.destroy();
      else if (how === 'destroy(error)') stream.destroy(new Error('mine'));
      else sock.close();
      decoy.take(fd);
      while (peer.recv(MUCH).length > 0);
      stream.write('third');
      stream.end();
      await closed;
      await someTurns();
      decoy.assertUntouched();
    });
  }
});

describe('a file object', options, () => {
  /** What is written and read ahead belongs to the old socket. */
  const files: Readonly<Record<string, (sock: Sock) => unknown>> = {
    blocking: (sock) => sock.makefile('rwb'),
    promises: (sock) => sock.promises.makefile('rwb'),
  };
  for (const [flavour, open] of Object.entries(files)) {
    test(`of the ${flavour} flavour sends its buffer before the number is free`, async (context) => {
      const [sock, peer] = pair(context);
      const decoy = decoyFor('send', sock);
      const file = open(sock) as {
        write(data: Uint8Array): unknown;
        close(): unknown;
        flush(): unknown;
      };
      const fd = sock.fileno();
      await file.write(Buffer.from('buffered'));
      sock.close();
      assert.equal(sock.fileno(), fd, 'the file still uses it');
      await file.close();
      decoy.take(fd);
      await assert.rejects(async () => await file.write(Buffer.from('late')));
      await assert.rejects(async () => await file.flush());
      await file.close();
      assert.equal(String(peer.recv(99)), 'buffered');
      assert.equal(peer.recv(99).length, 0);
      decoy.assertUntouched();
    });
  }

  test('that waits for room when its socket is closed by number sends no more', async (context) => {
    const [sock, peer] = pair(context);
    const decoy = decoyFor('send', sock);
    const file = sock.promises.makefile('wb');
    const writing = file.write(Buffer.alloc(MUCH, 'file'));
    await assertWaits(writing);
    const fd = sock.fileno();
    socket.close(fd);
    decoy.take(fd);
    while (peer.recv(MUCH).length > 0);
    assert.deepEqual(await settled(writing), lost);
    await someTurns();
    decoy.assertUntouched();
    sock.detach();
  });
});

test('datagrams for others stay theirs when a reader ends', options, async (context) => {
  const sock = udp(context);
  const decoy = decoyFor('recv', sock);
  const reading = promised([sock, 'recv', 9]);
  await assertWaits(reading);
  const copy = closing(context, sock.dup());
  const fd = sock.fileno();
  sock.close();
  decoy.take(fd);
  udp(context).sendto(Buffer.from('x'), copy.getsockname());
  assert.deepEqual(await settled(reading), lost);
  assert.equal(String(await copy.promises.recv(9)), 'x');
  decoy.assertUntouched();
});
