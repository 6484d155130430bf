// Memory that its owner gives away, or shrinks, while a call waits that has it.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { toStream } from 'berkeley-sockets/interop';
import { assertWaits } from '../support/promised.js';
import { pair, udp } from '../support/sockets.js';
import { fill } from '../support/waits.js';

const gone = { code: 'EFAULT' };
const data = Buffer.from('data');
const MANY = 2 ** 22;

/** Transfers the memory, as `postMessage()` does. */
function giveAway({ buffer }: Uint8Array): void {
  structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
}

/** Receives all that is there; how long each piece was. */
function drain(sock: socket.socket<number>): number[] {
  const lengths: number[] = [];
  sock.setblocking(false);
  try {
    for (;;) lengths.push(sock.recv(MANY).length);
  } catch (error) {
    if (!(error instanceof socket.BlockingIOError)) throw error;
  }
  return lengths;
}

type Sock = socket.socket<number>['promises'];

const SENDS: Readonly<Record<string, (sock: Sock, memory: Uint8Array) => Promise<unknown>>> = {
  send: (sock, memory) => sock.send(memory),
  sendall: (sock, memory) => sock.sendall(memory),
  sendmsg: (sock, memory) => sock.sendmsg([data, memory]),
};

const READS: Readonly<Record<string, (sock: Sock, memory: Uint8Array) => Promise<unknown>>> = {
  recv_into: (sock, memory) => sock.recv_into(memory),
  recvfrom_into: (sock, memory) => sock.recvfrom_into(memory),
  recvmsg_into: (sock, memory) => sock.recvmsg_into([memory]),
  recv_segmented_into: (sock, memory) => sock.recv_segmented_into(memory),
};

/** Gives the memory of a waiting call away, and has the call tried again. */
async function assertRefused(
  waiting: Promise<unknown>,
  give: () => unknown,
  wake: () => unknown,
): Promise<void> {
  await assertWaits(waiting.catch(() => {}));
  // A call that nobody wakes may be tried again by itself, but only in a later turn.
  give();
  wake();
  await assert.rejects(waiting, gone);
}

describe('memory that is given away', { timeout: 10_000 }, () => {
  for (const [method, send] of Object.entries(SENDS)) {
    test(`is not sent as an empty datagram by ${method}`, async (context) => {
      const [sock, peer] = pair(context, socket.SOCK_DGRAM);
      fill(sock, data);
      const memory = new Uint8Array(9);
      const sending = send(sock.promises, memory);
      await assertRefused(
        sending,
        () => giveAway(memory),
        () => assert.ok(!drain(peer).includes(0)),
      );
      assert.deepEqual(drain(peer), []);
    });

    test(`does not pass for sent by ${method} of a stream`, async (context) => {
      const [sock, peer] = pair(context);
      fill(sock);
      const memory = new Uint8Array(9);
      const sending = send(sock.promises, memory);
      await assertRefused(
        sending,
        () => giveAway(memory),
        () => drain(peer),
      );
    });
  }

  test('does not pass for sent by a sendall that has begun', async (context) => {
    const [sock, peer] = pair(context);
    const memory = new Uint8Array(MANY);
    const sending = sock.promises.sendall(memory);
    await assertRefused(
      sending,
      () => giveAway(memory),
      () => drain(peer),
    );
  });

  test('is not sent where it has shrunk', async (context) => {
    const [sock, peer] = pair(context);
    const make = ArrayBuffer as unknown as new (
      length: number,
      options: { maxByteLength: number },
    ) => ArrayBuffer & { resize(length: number): void };
    const buffer = new make(MANY, { maxByteLength: MANY });
    const sending = sock.promises.sendall(new Uint8Array(buffer));
    await assertRefused(
      sending,
      () => buffer.resize(MANY - 1),
      () => drain(peer),
    );
  });

  test('fails the stream that writes it', async (context) => {
    const [sock, peer] = pair(context);
    const stream = toStream(sock);
    const memory = new Uint8Array(MANY);
    stream.write(memory);
    giveAway(memory);
    const failed = once(stream, 'error');
    drain(peer);
    const [error] = await failed;
    assert.equal((error as NodeJS.ErrnoException).code, 'EFAULT');
  });

  for (const [method, read] of Object.entries(READS)) {
    test(`gets nothing by ${method}, and the data stay`, async (context) => {
      const sock = udp(context);
      const memory = new Uint8Array(9);
      const reading = read(sock.promises, memory);
      await assertRefused(
        reading,
        () => giveAway(memory),
        () => udp(context).sendto(data, sock.getsockname()),
      );
      assert.deepEqual(sock.recv(9), data);
    });
  }

  test('of a call that never waits is of no concern', async (context: TestContext) => {
    const [sock, peer] = pair(context);
    const memory = new Uint8Array(9);
    const sending = sock.promises.send(memory);
    giveAway(memory);
    assert.equal(await sending, 9);
    assert.deepEqual(drain(peer), [9]);
  });
});
