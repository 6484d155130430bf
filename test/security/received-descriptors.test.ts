// Descriptors and credentials that a hostile process sends: none is leaked, none is believed.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { toStream } from 'berkeley-sockets/interop';
import { peercred } from 'berkeley-sockets/options';
import { openDescriptors } from '../support/leaks.js';
import { run } from '../support/process.js';
import { closing, pair } from '../support/sockets.js';
import { openFile } from '../support/waits.js';

const { MSG_CTRUNC, SCM_RIGHTS, SOL_SOCKET, SOCK_DGRAM, SOCK_STREAM } = socket;
const X = Buffer.from('x');
/** The most that the kernel takes in one message (SCM_MAX_FD). */
const MOST = 253;

type Sock = socket.socket<number>;
type Items = readonly (readonly [number, number, Buffer])[];

function descriptorsIn(items: Items): number[] {
  return items
    .filter(([level, type]) => level === SOL_SOCKET && type === SCM_RIGHTS)
    .flatMap(([, , data]) => [...new Int32Array(new Uint8Array(data).buffer)]);
}

function flood(sock: Sock, count = MOST): void {
  socket.send_fds(sock, [X], Array(count).fill(sock.fileno()));
}

const room = () => Buffer.alloc(9);

/** Calls that ask for no descriptors, by the type of the socket that they are for. */
const DEAF: Readonly<Record<string, (sock: Sock) => unknown>> = {
  recv: (sock) => sock.recv(9),
  recv_into: (sock) => sock.recv_into(room()),
  recvfrom: (sock) => sock.recvfrom(9),
  recvfrom_into: (sock) => sock.recvfrom_into(room()),
  recvmsg: (sock) => sock.recvmsg(9),
  recvmsg_into: (sock) => sock.recvmsg_into([room()]),
  recvmmsg: (sock) => sock.recvmmsg(1, 9),
  recvmmsg_into: (sock) => sock.recvmmsg_into(new socket.MessageBatch(1, 9)),
  recv_segmented: (sock) => sock.recv_segmented(9),
  recv_segmented_into: (sock) => sock.recv_segmented_into(room()),
};
const DEAF_AWAITED: typeof DEAF = {
  ...Object.fromEntries(
    Object.entries(DEAF).map(([name, call]) => [
      name,
      (sock: Sock) => call(sock.promises as unknown as Sock),
    ]),
  ),
  'datagrams()': (sock) => sock.promises.datagrams(9).next(),
};

/** Readers of streams. */
const READERS: Readonly<Record<string, (context: TestContext, sock: Sock) => Promise<unknown>>> = {
  'a blocking file': async (context, sock) => {
    const file = closing(
      context,
      sock.makefile('rb', 9) as { close(): void; read1(n: number): unknown },
    );
    return file.read1(9);
  },
  'a file': async (_context, sock) => {
    const file = sock.promises.makefile('rb', 9);
    const data = await (file as { read1(size: number): Promise<unknown> }).read1(9);
    await file.close();
    return data;
  },
  'a stream': async (_context, sock) => {
    const stream = toStream(sock);
    const data = await new Promise((resolve) => stream.once('data', resolve));
    stream.destroy();
    return data;
  },
};

describe('descriptors that nobody asked for are closed by', { timeout: 20_000 }, () => {
  for (const [flavour, calls] of Object.entries({ blocking: DEAF, promises: DEAF_AWAITED })) {
    for (const [name, call] of Object.entries(calls)) {
      for (const type of [SOCK_STREAM, SOCK_DGRAM]) {
        test(`${flavour}: ${name}, type ${type}`, async (context) => {
          const [sock, peer] = pair(context, type);
          peer.send(X);
          await call(sock);
          const before = openDescriptors();
          for (let round = 0; round < 3; round += 1) {
            flood(peer);
            await call(sock);
            assert.deepEqual(openDescriptors(), before);
          }
        });
      }
    }
  }

  for (const [name, read] of Object.entries(READERS)) {
    test(name, async (context) => {
      const [sock, peer] = pair(context);
      const before = openDescriptors().size;
      flood(peer);
      await read(context, sock);
      assert.ok(openDescriptors().size <= before);
    });
  }
});

describe('descriptors that there is too little room for are closed by', { timeout: 20_000 }, () => {
  const LISTENING: Readonly<
    Record<string, (sock: Sock, ancbufsize: number) => Promise<[Items, number]>>
  > = {
    recvmsg: async (sock, size) => sock.recvmsg(9, size).slice(1, 3) as unknown as [Items, number],
    recvmsg_into: async (sock, size) =>
      sock.recvmsg_into([room()], size).slice(1, 3) as unknown as [Items, number],
    recvmmsg: async (sock, size) =>
      sock.recvmmsg(1, 9, { ancbufsize: size })[0]?.slice(1, 3) as unknown as [Items, number],
    recvmmsg_into: async (sock, size) => {
      const batch = new socket.MessageBatch(1, 9, { ancbufsize: size });
      sock.recvmmsg_into(batch);
      return [batch.ancdata(0), batch.msg_flags(0)];
    },
    recv_fds: async (sock, size) => {
      const count = Math.max(0, Math.floor((size - socket.CMSG_LEN(0)) / 4));
      const [, fds, flags] = socket.recv_fds(sock, 9, count);
      const data = Buffer.from(Int32Array.from(fds).buffer);
      return [[[SOL_SOCKET, SCM_RIGHTS, data]], flags];
    },
    'recvmsg, awaited': async (sock, size) =>
      (await sock.promises.recvmsg(9, size)).slice(1, 3) as unknown as [Items, number],
    'recvmmsg, awaited': async (sock, size) =>
      (await sock.promises.recvmmsg(1, 9, { ancbufsize: size }))[0]?.slice(1, 3) as unknown as [
        Items,
        number,
      ],
  };
  for (const [name, receive] of Object.entries(LISTENING)) {
    test(name, async (context) => {
      const [sock, peer] = pair(context);
      peer.send(X);
      await receive(sock, 0);
      const before = openDescriptors();
      for (const most of [1, 2, 3, 10, 100, MOST]) {
        flood(peer);
        const [items, flags] = await receive(sock, socket.CMSG_LEN(4 * most));
        const fds = descriptorsIn(items);
        assert.ok(fds.length <= MOST && fds.length >= most);
        assert.equal((flags & MSG_CTRUNC) !== 0, fds.length < MOST);
        assert.equal(new Set(fds).size, fds.length);
        for (const fd of fds) socket.close(fd);
        assert.deepEqual(openDescriptors(), before);
      }
    });
  }

  test('a batch that is full of them', (context) => {
    const [sock, peer] = pair(context, SOCK_DGRAM);
    const before = openDescriptors();
    const count = 5;
    for (let index = 0; index < count; index += 1) flood(peer, 20);
    const batch = new socket.MessageBatch(count, 9, { ancbufsize: socket.CMSG_SPACE(4 * 3) });
    assert.equal(sock.recvmmsg_into(batch), count);
    for (const [, items, flags] of batch) {
      assert.equal(flags & MSG_CTRUNC, MSG_CTRUNC);
      for (const fd of descriptorsIn(items)) socket.close(fd);
    }
    assert.deepEqual(openDescriptors(), before);
  });
});

test('more descriptors than the process may have end nothing', async (context) => {
  const limited = ['sh', '-c', 'ulimit -n 100; exec "$@"', 'sh'];
  const { code, lines, stderr } = await run(context, 'descriptor-flood', [], { command: limited });
  assert.deepEqual([code, stderr], [0, '']);
  assert.deepEqual(JSON.parse(lines[0] as string), [
    ['recvmsg', true, true],
    ['recvmsg_into', true, true],
    ['recvmmsg', true, true],
  ]);
});

test('what a descriptor is must be seen: a socket object refuses one that is none', (context) => {
  const [sock, peer] = pair(context);
  socket.send_fds(peer, [X], [openFile(context, 10)]);
  const [, [fd]] = socket.recv_fds(sock, 1, 1);
  assert.throws(() => new socket.socket({ fileno: fd as number }), { code: 'ENOTSOCK' });
  socket.close(fd as number);
});

test('credentials are the kernel’s, whatever the peer says in its data', (context) => {
  const [sock, peer] = pair(context);
  sock.setsockopt(SOL_SOCKET, socket.SO_PASSCRED, 1);
  const forged = Buffer.from(Int32Array.of(1, 0, 0).buffer);
  peer.send(forged);
  const [data, items] = sock.recvmsg(99, socket.CMSG_SPACE(12));
  assert.deepEqual(data, forged);
  const [[, type, credentials] = []] = items;
  assert.equal(type, socket.SCM_CREDENTIALS);
  const numbers = [...new Int32Array(new Uint8Array(credentials as Buffer).buffer)];
  assert.deepEqual(numbers, [process.pid, process.getuid?.(), process.getgid?.()]);
  assert.deepEqual(peercred(sock), {
    pid: process.pid,
    uid: process.getuid?.(),
    gid: process.getgid?.(),
  });
});
