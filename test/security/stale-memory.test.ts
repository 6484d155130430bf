// What a receiving call gives is what came: no byte of an earlier message, of the heap or of a slab.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { closing, pair, tcpPair, udp, unixPath } from '../support/sockets.js';

const { MSG_TRUNC, MSG_DONTWAIT, SOL_SOCKET } = socket;

/** A byte of old messages, which no later one has. */
const SECRET = 0x53;
/** A byte of the caller's own memory. */
const OWN = 0xee;
const SIZES = [100, 4096, 4097, 65_000];

type Sock = socket.socket<number>;
/** The view of either flavour, whose calls are awaited. */
type View = Pick<
  Sock,
  | 'recv'
  | 'recvfrom'
  | 'recvmsg'
  | 'recvmmsg'
  | 'recv_segmented'
  | 'recv_into'
  | 'recvfrom_into'
  | 'recvmsg_into'
  | 'recvmmsg_into'
  | 'recv_segmented_into'
>;

const FLAVOURS: Readonly<Record<string, (sock: Sock) => View>> = {
  blocking: (sock) => sock,
  promises: (sock) => sock.promises as unknown as View,
};

/** Calls that give the data that came. */
const RECEIVE: Readonly<
  Record<string, (view: View, size: number, flags: number) => Promise<Buffer>>
> = {
  recv: async (view, size, flags) => await view.recv(size, flags),
  recvfrom: async (view, size, flags) => (await view.recvfrom(size, flags))[0],
  recvmsg: async (view, size, flags) => (await view.recvmsg(size, 0, flags))[0],
  recv_segmented: async (view, size, flags) => (await view.recv_segmented(size, { flags }))[0],
  recvmmsg: async (view, size, flags) => {
    const messages = await view.recvmmsg(1, size, { flags });
    return (messages[0] as (typeof messages)[0])[0];
  },
};

/** Calls that fill the caller's memory and give how much came. */
const FILL: Readonly<Record<string, (view: View, room: Buffer) => Promise<number>>> = {
  recv_into: async (view, room) => await view.recv_into(room),
  recvfrom_into: async (view, room) => (await view.recvfrom_into(room))[0],
  recvmsg_into: async (view, room) => (await view.recvmsg_into([room]))[0],
  recv_segmented_into: async (view, room) => (await view.recv_segmented_into(room))[0],
  recvmmsg_into: async (view, room) => {
    const batch = new socket.MessageBatch(1, room.length, { memory: room });
    return (await view.recvmmsg_into(batch)) === 0 ? 0 : batch.data(0).length;
  },
};

/** Datagrams that wait for nobody. */
const DATAGRAMS: Readonly<Record<string, (context: TestContext) => readonly [Sock, Sock]>> = {
  AF_UNIX: (context) => pair(context, socket.SOCK_DGRAM),
  UDP(context) {
    const [first, second] = [udp(context), udp(context)];
    first.connect(second.getsockname());
    second.connect(first.getsockname());
    return [first, second];
  },
};

const withoutSecret = (bytes: Uint8Array) => !bytes.includes(SECRET);

/** Fills what is used again, the memory for received messages and the heap, with old messages. */
async function soil(view: View, peer: Sock, size: number): Promise<void> {
  for (const receive of Object.values(RECEIVE)) {
    // Some memory goes to the caller with what it received, some is kept for the next call.
    for (const length of [size, Math.ceil(size / 8)]) {
      peer.send(Buffer.alloc(length, SECRET));
      assert.equal((await receive(view, size, 0)).length, length);
    }
  }
}

for (const [flavour, viewOf] of Object.entries(FLAVOURS)) {
  for (const [kind, make] of Object.entries(DATAGRAMS)) {
    for (const [name, receive] of Object.entries(RECEIVE)) {
      test(`${flavour}: ${name} of ${kind} gives a short datagram after long ones`, async (context) => {
        const [sock, peer] = make(context);
        const view = viewOf(sock);
        for (const size of SIZES) {
          for (const length of [1, 50, Math.ceil(size / 3), size]) {
            await soil(view, peer, size);
            const message = Buffer.alloc(length, 'm');
            peer.send(message);
            const data = await receive(view, size, 0);
            assert.deepEqual(data, message);
            // Only small messages share memory with others.
            if (length > 4096) assert.ok(withoutSecret(new Uint8Array(data.buffer)));
          }
        }
      });

      test(`${flavour}: ${name} of ${kind} gives what there was room for`, async (context) => {
        const [sock, peer] = make(context);
        const view = viewOf(sock);
        for (const flags of [0, MSG_TRUNC]) {
          for (const size of SIZES) {
            await soil(view, peer, size);
            peer.send(Buffer.alloc(65_000, 'm'));
            assert.deepEqual(await receive(view, size, flags), Buffer.alloc(size, 'm'));
          }
        }
      });

      test(`${flavour}: ${name} of ${kind} leaves nothing behind when it fails`, async (context) => {
        const [sock, peer] = make(context);
        const view = viewOf(sock);
        for (const size of SIZES) {
          await soil(view, peer, size);
          await assert.rejects(receive(view, size, MSG_DONTWAIT), socket.BlockingIOError);
          peer.send(Buffer.from('m'));
          assert.deepEqual(await receive(view, size, 0), Buffer.from('m'));
        }
      });
    }

    for (const [name, fill] of Object.entries(FILL)) {
      test(`${flavour}: ${name} of ${kind} writes what came, and not behind it`, async (context) => {
        const [sock, peer] = make(context);
        const view = viewOf(sock);
        for (const size of SIZES) {
          await soil(view, peer, size);
          for (const length of [1, Math.ceil(size / 2), size]) {
            const memory = Buffer.alloc(size + 2, OWN);
            peer.send(Buffer.alloc(length, 'm'));
            assert.equal(await fill(view, memory.subarray(1, size + 1)), length);
            const expected = Buffer.alloc(size + 2, OWN).fill('m', 1, length + 1);
            assert.deepEqual(memory, expected);
          }
        }
      });
    }
  }

  // The kernel drops such bytes and tells how many there were (tcp(7)).
  for (const [name, receive] of Object.entries(RECEIVE)) {
    test(`${flavour}: ${name} of TCP with MSG_TRUNC gives zeros`, async (context) => {
      const { client, accepted } = tcpPair(context);
      const view = viewOf(accepted);
      for (const size of [64, 4096, 60_000, 200_000]) {
        for (const old of [size, Math.ceil(size / 8)]) {
          client.sendall(Buffer.alloc(old, SECRET));
          for (let rest = old; rest > 0; ) rest -= (await receive(view, size, 0)).length;
          client.sendall(Buffer.alloc(size, 'm'));
          while (accepted.recv(size, socket.MSG_PEEK).length < Math.ceil(size / 2));
          const data = await receive(view, size, MSG_TRUNC);
          assert.ok(data.length >= size / 2);
          assert.ok(data.every((byte) => byte === 0));
          for (let rest = size - data.length; rest > 0; ) rest -= accepted.recv(rest).length;
        }
      }
    });
  }

  test(`${flavour}: control messages hold what came with this message`, async (context) => {
    const [sock, peer] = pair(context, socket.SOCK_DGRAM);
    const view = viewOf(sock);
    const room = socket.CMSG_SPACE(4 * 64);
    const ints = (data: Buffer) => [...new Int32Array(new Uint8Array(data).buffer)];
    const receive: Record<string, () => Promise<[number, number, Buffer][]>> = {
      recvmsg: async () => (await view.recvmsg(9, room))[1],
      recvmsg_into: async () => (await view.recvmsg_into([Buffer.alloc(9)], room))[1],
      recvmmsg: async () => (await view.recvmmsg(1, 9, { ancbufsize: room }))[0]?.[1] ?? [],
    };
    for (const take of Object.values(receive)) {
      for (const count of [60, 1, 33, 2]) {
        socket.send_fds(peer, [Buffer.from('m')], Array(count).fill(peer.fileno()));
        const items = await take();
        const fds = items.flatMap(([, , data]) => ints(data));
        for (const fd of new Set(fds)) socket.close(fd);
        assert.deepEqual([items.length, new Set(fds).size], [1, count]);
      }
      peer.send(Buffer.from('m'));
      assert.deepEqual(await take(), []);
    }
  });

  test(`${flavour}: an address ends where it ends`, async (context) => {
    const { AF_UNIX, SOCK_DGRAM } = socket;
    const receiver = closing(context, new socket.socket(AF_UNIX, SOCK_DGRAM));
    const path = unixPath(context);
    receiver.bind(path);
    const view = viewOf(receiver as Sock);
    const unique = `${process.pid}-${Date.now()}`;
    const names = [
      Buffer.concat([Buffer.from(`\0${unique}`), Buffer.alloc(107 - unique.length, SECRET)]),
      Buffer.from(`\0${unique}\0`),
      Buffer.from(`\0${unique}`),
      unixPath(context),
      null,
    ];
    const receive: Record<string, () => Promise<unknown>> = {
      recvfrom: async () => (await view.recvfrom(9))[1],
      recvfrom_into: async () => (await view.recvfrom_into(Buffer.alloc(9)))[1],
      recvmsg: async () => (await view.recvmsg(9))[3],
      recvmmsg: async () => (await view.recvmmsg(1, 9))[0]?.[3],
      recv_segmented: async () => (await view.recv_segmented(9))[2],
    };
    for (const name of names) {
      const sender = closing(context, new socket.socket(AF_UNIX, SOCK_DGRAM));
      if (name !== null) sender.bind(name);
      assert.deepEqual(sender.getsockname(), name ?? '');
      for (const [call, take] of Object.entries(receive)) {
        sender.sendto(Buffer.from('m'), path);
        assert.deepEqual(await take(), name, call);
      }
      sender.close();
    }
  });
}

/** What files that read ahead have, whose results are awaited. */
interface Reader {
  read(size: number): Uint8Array | Promise<Uint8Array>;
  read1(size: number): Uint8Array | Promise<Uint8Array>;
  peek(size: number): Uint8Array | Promise<Uint8Array>;
  readinto1(room: Uint8Array): number | Promise<number>;
  close(): unknown;
}

const FILES: Readonly<Record<string, (sock: Sock, buffering: number) => unknown>> = {
  blocking: (sock, buffering) => sock.makefile('rb', buffering),
  promises: (sock, buffering) => sock.promises.makefile('rb', buffering),
};

for (const [flavour, open] of Object.entries(FILES)) {
  test(`${flavour}: a file object gives what came`, async (context) => {
    const { client, accepted } = tcpPair(context);
    const text = Buffer.from('short');
    for (const buffering of [-1, 16, 65_536]) {
      const file = open(accepted, buffering) as Reader;
      client.sendall(Buffer.alloc(5000, SECRET));
      assert.equal((await file.read(5000)).length, 5000);
      client.send(text);
      assert.deepEqual(Buffer.from(await file.peek(100)), text);
      const room = Buffer.alloc(9, OWN);
      assert.equal(await file.readinto1(room), text.length);
      assert.deepEqual(room, Buffer.concat([text, Buffer.alloc(4, OWN)]));
      client.send(text);
      assert.deepEqual(Buffer.from(await file.read1(100)), text);
      await file.close();
    }
  });
}

test('an option ends where the kernel’s answer ends', (context) => {
  const { client } = tcpPair(context);
  const [local] = pair(context);
  for (let round = 0; round < 2; round += 1) {
    assert.equal(client.getsockopt(SOL_SOCKET, socket.SO_LINGER, 1024).length, 8);
    assert.equal(client.getsockopt(SOL_SOCKET, socket.SO_RCVBUF, 1024).length, 4);
    assert.equal(client.getsockopt(SOL_SOCKET, socket.SO_BINDTODEVICE, 1024).length, 0);
    assert.equal(client.getsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, 1024).length, 0);
    assert.equal(local.getsockopt(SOL_SOCKET, socket.SO_PEERCRED, 1024).length, 12);
    const name = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 1024);
    assert.match(name.toString('latin1'), /^[a-z_0-9]+\0*$/);
  }
});

test('datagrams that the kernel put together hold what came', (context) => {
  const [receiver, sender] = [udp(context), udp(context)];
  receiver.setsockopt(socket.IPPROTO_UDP, socket.UDP_GRO, 1);
  sender.connect(receiver.getsockname());
  for (const [total, size] of [
    [60_000, 1000],
    [1000, 100],
    [1, 1],
  ] as const) {
    for (const byte of [SECRET, 0x6d]) {
      sender.send_segmented(Buffer.alloc(total, byte), size);
      let rest = total;
      while (rest > 0) {
        const [data] = receiver.recv_segmented();
        assert.ok(data.every((each) => each === byte));
        rest -= data.length;
      }
    }
  }
});
