// Datagrams cut from one buffer and put together in one: UDP's segmentation offload.

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import '../support/leaks.js';
import { loose, thrownBy } from '../support/exceptions.js';
import { udp } from '../support/sockets.js';

const { IPPROTO_UDP, UDP_GRO, UDP_SEGMENT } = socket;

/** Bytes that tell their place. */
function numbered(length: number): Buffer {
  const data = Buffer.alloc(length);
  for (let offset = 0; offset + 4 <= length; offset += 4) data.writeUInt32LE(offset, offset);
  return data;
}

function datagrams(context: TestContext) {
  const sender = udp(context);
  const receiver = udp(context);
  receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024);
  receiver.settimeout(10);
  return { sender, receiver, to: receiver.getsockname(), from: sender.getsockname() };
}

describe('send_segmented', () => {
  it('sends datagrams of the size, and a shorter last one', (context) => {
    const { sender, receiver, to } = datagrams(context);
    const data = numbered(2500);
    assert.equal(sender.send_segmented(data, 1000, { address: to }), 2500);
    const parts = [receiver.recv(9000), receiver.recv(9000), receiver.recv(9000)];
    assert.deepEqual(
      parts.map((part) => part.length),
      [1000, 1000, 500],
    );
    assert.deepEqual(Buffer.concat(parts), data);
  });

  it('sends more than the kernel takes in one call', (context) => {
    const { sender, receiver, to } = datagrams(context);
    const data = numbered(150_000);
    assert.equal(sender.send_segmented(data, 1000, { address: to }), data.length);
    const parts: Buffer[] = [];
    for (let index = 0; index < 150; index += 1) parts.push(receiver.recv(9000));
    assert.deepEqual(Buffer.concat(parts), data);
  });

  it('sends one datagram of what fits into one, also an empty one', (context) => {
    const { sender, receiver, to } = datagrams(context);
    sender.connect(to);
    assert.equal(sender.send_segmented(Buffer.from('short'), 1000), 5);
    assert.equal(sender.send_segmented(Buffer.alloc(0), 1000), 0);
    assert.equal(receiver.recv(100).toString(), 'short');
    assert.equal(receiver.recv(100).length, 0);
  });

  it('explains why the kernel refuses', (context) => {
    const { sender, to } = datagrams(context);
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_NO_CHECK, 1);
    assert.throws(() => sender.send_segmented(Buffer.alloc(2000), 1000, { address: to }), {
      code: 'EINVAL',
      message: /^\[Errno 22\] Invalid argument: segments of 1000 bytes do not fit .*checksums$/,
    });
    const raw = new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);
    context.after(() => raw.close());
    assert.throws(() => raw.send_segmented(Buffer.alloc(2000), 1000), { name: 'OSError' });
  });

  it('refuses sizes that no segment has', (context) => {
    const { sender } = datagrams(context);
    const table: [unknown, string][] = [
      [0, 'ValueError: a segment has 1 to 65507 bytes, not 0'],
      [65_508, 'ValueError: a segment has 1 to 65507 bytes, not 65508'],
      [-1, 'ValueError: negative segment size'],
      ['5', "TypeError: 'str' object cannot be interpreted as an integer"],
    ];
    for (const [size, text] of table) {
      assert.equal(
        thrownBy(() => loose(sender).send_segmented(Buffer.alloc(9), size)),
        text,
      );
    }
  });

  it('goes as a control message of sendmsg and of a batch, too', (context) => {
    const { sender, receiver, to } = datagrams(context);
    const control: [number, number, Uint16Array] = [IPPROTO_UDP, UDP_SEGMENT, new Uint16Array([2])];
    sender.sendmsg([Buffer.from('aabb')], [control], 0, to);
    sender.sendmmsg([[Buffer.from('ccd'), [control], to]]);
    const parts = [1, 2, 3, 4].map(() => receiver.recv(9).toString());
    assert.deepEqual(parts, ['aa', 'bb', 'cc', 'd']);
  });
});

describe('recv_segmented', () => {
  it('gives what the kernel put together, and the size of its parts', (context) => {
    const { sender, receiver, to, from } = datagrams(context);
    receiver.setsockopt(IPPROTO_UDP, UDP_GRO, 1);
    const data = numbered(10_500);
    sender.send_segmented(data, 1000, { address: to });
    const received: Buffer[] = [];
    let total = 0;
    while (total < data.length) {
      const [part, size, address] = receiver.recv_segmented();
      assert.equal(size, Math.min(1000, part.length));
      assert.deepEqual(address, from);
      received.push(part);
      total += part.length;
    }
    assert.deepEqual(Buffer.concat(received), data);
    assert.ok(received.length < 11, 'fewer calls than datagrams');
  });

  it('gives single datagrams with their own size where nothing was put together', (context) => {
    const { sender, receiver, to, from } = datagrams(context);
    sender.sendto(Buffer.from('alone'), to);
    assert.deepEqual(receiver.recv_segmented(), [Buffer.from('alone'), 5, from]);
  });

  it('has no memory for sizes that no memory has', (context) => {
    const { receiver } = datagrams(context);
    assert.throws(() => receiver.recv_segmented(2 ** 53), { name: 'MemoryError' });
  });

  it('receives into the caller’s memory', (context) => {
    const { sender, receiver, to, from } = datagrams(context);
    receiver.setsockopt(IPPROTO_UDP, UDP_GRO, 1);
    sender.send_segmented(numbered(3000), 1000, { address: to });
    const memory = new Uint8Array(65_535);
    assert.deepEqual(receiver.recv_segmented_into(memory), [3000, 1000, from]);
    assert.deepEqual(Buffer.from(memory.buffer, 0, 3000), numbered(3000));
  });

  it('waits in the promise flavour, and sends there', async (context) => {
    const { sender, receiver, to, from } = datagrams(context);
    receiver.setsockopt(IPPROTO_UDP, UDP_GRO, 1);
    const waiting = receiver.promises.recv_segmented();
    const sent = await sender.promises.send_segmented(numbered(4000), 1000, { address: to });
    assert.equal(sent, 4000);
    assert.deepEqual(await waiting, [numbered(4000), 1000, from]);
    await assert.rejects(receiver.promises.recv_segmented(10, { timeout: 0.01 }), {
      name: 'TimeoutError',
    });
  });
});
