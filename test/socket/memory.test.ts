// Memory of a transfer: what was moved away or shrunk is never touched, what was received stays.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { closing, pair } from '../support/sockets.js';

const SIZE = 4096;
const OLD = 1;
const OWNER = 2;
const NEW = 3;

/** Moves memory to a new owner, as a message to another thread does, who fills it. */
function transfer(view: Uint8Array): Uint8Array {
  const { buffer } = view;
  const owner = new Uint8Array(structuredClone(buffer, { transfer: [buffer as ArrayBuffer] }));
  assert.equal(view.byteLength, 0);
  return owner.fill(OWNER);
}

/** A resizable buffer; the library of types is older than it. */
function resizable(length: number, maxByteLength: number) {
  const Resizable = ArrayBuffer as unknown as new (
    length: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(length: number): void };
  return new Resizable(length, { maxByteLength });
}

/** A pair of datagram sockets that never wait: nothing is lost or hidden between two messages. */
function datagrams(context: Parameters<typeof pair>[0]) {
  const [sock, peer] = pair(context, socket.SOCK_DGRAM);
  for (const each of [sock, peer]) {
    each.setblocking(false);
    each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20);
  }
  return { sock, peer };
}

type Sock = socket.socket<typeof socket.AF_UNIX>;

class Long extends Uint8Array {
  override get length(): number {
    return SIZE;
  }
}

/** Views that go on telling a length when their memory is gone. */
const VIEWS: Record<string, () => Uint8Array> = {
  'a plain view': () => new Uint8Array(SIZE),
  'a Buffer': () => Buffer.from(new ArrayBuffer(SIZE)),
  'a view with a length of its own': () =>
    Object.defineProperty(new Uint8Array(SIZE), 'length', { value: SIZE }),
  'a Buffer with a length of its own': () =>
    Object.defineProperty(Buffer.from(new ArrayBuffer(SIZE)), 'length', { value: SIZE }),
  'a subclass that overrides length': () => new Long(SIZE),
};

const RECEIVE: Record<string, (sock: Sock, view: Uint8Array) => number> = {
  recv_into: (sock, view) => sock.recv_into(view),
  'recv_into with nbytes': (sock, view) => sock.recv_into(view, SIZE),
  recvfrom_into: (sock, view) => sock.recvfrom_into(view)[0],
  recvmsg_into: (sock, view) => sock.recvmsg_into([view])[0],
};

const SEND: Record<string, (sock: Sock, view: Uint8Array) => unknown> = {
  send: (sock, view) => sock.send(view),
  sendall: (sock, view) => sock.sendall(view),
  sendmsg: (sock, view) => sock.sendmsg([view]),
};

/** Makes a call that may throw; gives what it gave or undefined. */
function tried<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    assert.ok(error instanceof socket.OSError || error instanceof TypeError || isValueError(error));
    return undefined;
  }
}

const isValueError = (error: unknown) => error instanceof Error && error.name === 'ValueError';

const full = Buffer.alloc(SIZE, NEW);

for (const [what, make] of Object.entries(VIEWS)) {
  describe(`${what} whose memory was transferred away`, () => {
    for (const [name, receive] of Object.entries(RECEIVE)) {
      for (const isKnown of [false, true]) {
        test(`${isKnown ? 'after' : 'before'} its first ${name} is not written to`, (context) => {
          const { sock, peer } = datagrams(context);
          const view = make();
          if (isKnown) {
            peer.send(Buffer.alloc(SIZE, OLD));
            assert.equal(receive(sock, view), SIZE);
            assert.equal(view[SIZE - 1], OLD);
          }
          const owner = transfer(view);
          peer.send(full);
          assert.ok([undefined, 0].includes(tried(() => receive(sock, view))));
          assert.ok(owner.every((byte) => byte === OWNER));
        });
      }
    }

    for (const [name, send] of Object.entries(SEND)) {
      for (const isKnown of [false, true]) {
        test(`${isKnown ? 'after' : 'before'} its first ${name} is not read`, (context) => {
          const { sock, peer } = datagrams(context);
          const view = make().fill(OLD);
          if (isKnown) {
            send(sock, view);
            assert.equal(peer.recv(2 * SIZE).length, SIZE);
          }
          transfer(view);
          tried(() => send(sock, view));
          // At most an empty datagram came.
          assert.equal(tried(() => peer.recv(2 * SIZE).length) ?? 0, 0);
        });
      }
    }
  });
}

describe('memory that is shrunk between two calls', () => {
  for (const [name, receive] of Object.entries(RECEIVE)) {
    if (name === 'recv_into with nbytes') continue;
    test(`takes what there is room for: ${name}`, (context) => {
      const { sock, peer } = datagrams(context);
      const buffer = resizable(8, 16);
      const view = new Uint8Array(buffer);
      for (const length of [8, 2, 16, 1, 8]) {
        buffer.resize(length);
        peer.send(Buffer.alloc(16, NEW));
        assert.equal(receive(sock, view), length);
        assert.deepEqual(view, new Uint8Array(length).fill(NEW));
        view.fill(0);
      }
      // What was given back to the system reads as zeros when it is there again.
      buffer.resize(2);
      peer.send(Buffer.alloc(16, NEW));
      assert.equal(receive(sock, view), 2);
      buffer.resize(16);
      assert.deepEqual(view.subarray(2), new Uint8Array(14));
    });
  }

  test('is sent as long as it is', (context) => {
    const { sock, peer } = datagrams(context);
    const buffer = resizable(8, 16);
    const view = new Uint8Array(buffer);
    for (const length of [8, 2, 16, 1, 8]) {
      buffer.resize(length);
      assert.equal(sock.send(view), length);
      assert.equal(peer.recv(99).length, length);
    }
  });

  test('is refused or empty for a view that no longer fits', (context) => {
    const { sock, peer } = datagrams(context);
    const buffer = resizable(16, 16);
    const view = new Uint8Array(buffer, 8, 8);
    peer.send(full);
    assert.equal(sock.recv_into(view), 8);
    assert.equal(sock.send(view), 8);
    assert.equal(peer.recv(99).length, 8);
    buffer.resize(10);
    peer.send(full);
    assert.ok([undefined, 0].includes(tried(() => sock.recv_into(view))));
    tried(() => sock.send(view));
    assert.equal(tried(() => peer.recv(99).length) ?? 0, 0);
    buffer.resize(16);
    assert.deepEqual(new Uint8Array(buffer).subarray(10), new Uint8Array(6));
  });
});

describe('what was received', () => {
  const SIZES = [1, 7, 8, 100, 4095, 4096, 4097, 20_000, 65_536, 200_000];
  const ROOMS = [4096, 65_536, 262_144, 300_000];
  const METHODS: Record<string, (sock: Sock, room: number) => Buffer> = {
    recv: (sock, room) => sock.recv(room),
    recvfrom: (sock, room) => sock.recvfrom(room)[0],
    recvmsg: (sock, room) => sock.recvmsg(room)[0],
  };

  test('neither overlaps anything else nor changes later', (context) => {
    const { sock, peer } = datagrams(context);
    const results: { data: Buffer; byte: number }[] = [];
    let byte = 0;
    for (let round = 0; round < 3; round += 1) {
      for (const size of SIZES) {
        for (const room of ROOMS) {
          for (const receive of Object.values(METHODS)) {
            byte = (byte + 1) % 251;
            peer.send(Buffer.alloc(size, byte));
            // A look and a failed call leave nothing behind that a result could share.
            sock.recv(room, socket.MSG_PEEK).fill(255);
            const data = receive(sock, room);
            assert.equal(data.length, Math.min(size, room));
            results.push({ data, byte });
            assert.throws(() => sock.recv(room), socket.BlockingIOError);
          }
        }
      }
    }
    for (const { data, byte: expected } of results) {
      assert.ok(data.equals(Buffer.alloc(data.length, expected)));
    }
    const ends = new Map<ArrayBufferLike, number>();
    for (const { data } of results.toSorted((a, b) => a.data.byteOffset - b.data.byteOffset)) {
      assert.ok((ends.get(data.buffer) ?? 0) <= data.byteOffset);
      ends.set(data.buffer, data.byteOffset + data.length);
    }
  });

  for (const room of ROOMS) {
    test(`into room for ${room} can be transferred away before the next call`, (context) => {
      const { sock, peer } = datagrams(context);
      for (const [name, receive] of Object.entries(METHODS)) {
        peer.send(Buffer.alloc(20, OLD));
        const owner = transfer(receive(sock, room));
        peer.send(full);
        const next = receive(sock, room);
        assert.ok(next.equals(full), name);
        assert.ok(owner.every((byte) => byte === OWNER));
      }
    });
  }

  test('stays when its socket is closed', (context) => {
    const [first, second] = pair(context);
    second.send(full);
    const data = first.recv(SIZE);
    first.close();
    const [third, fourth] = pair(context);
    fourth.send(Buffer.alloc(SIZE, OLD));
    closing(context, third).recv(SIZE);
    assert.ok(data.equals(full));
  });
});

describe('memory that tells another length than it has', () => {
  const lies: Record<string, number> = { 'more than it has': 70_000, 'less than it has': 3 };
  const make = (length: number): Uint8Array =>
    Object.defineProperties(Uint8Array.of(1, 2, 3, 4, 5), {
      length: { value: length },
      byteLength: { value: length },
      byteOffset: { value: 1 },
    });

  for (const [what, length] of Object.entries(lies)) {
    for (const [name, send] of Object.entries(SEND)) {
      test(`${what} is sent as it is by ${name}`, (context) => {
        const { sock, peer } = datagrams(context);
        send(sock, make(length));
        assert.deepEqual([...peer.recv(SIZE)], [1, 2, 3, 4, 5]);
      });
    }

    for (const [name, receive] of Object.entries(RECEIVE)) {
      if (name.includes('nbytes')) continue;
      test(`${what} is filled as it is by ${name}`, (context) => {
        const { sock, peer } = datagrams(context);
        peer.send(Buffer.alloc(SIZE, NEW));
        const view = make(length);
        assert.equal(receive(sock, view), 5);
        assert.deepEqual([...view.values()], [NEW, NEW, NEW, NEW, NEW]);
      });
    }

    test(`${what} is written as it is to a file`, (context) => {
      const [sock, peer] = pair(context);
      const file = sock.makefile('wb');
      assert.equal(file.write(make(length)), 5);
      file.close();
      assert.deepEqual([...peer.recv(SIZE)], [1, 2, 3, 4, 5]);
    });
  }
});
