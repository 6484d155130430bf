// Several messages in one system call: recvmmsg and sendmmsg in both flavours, and the batch.

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import '../support/leaks.js';
import { loose, thrownBy } from '../support/exceptions.js';
import { hearOnlyPort } from '../support/filters.js';
import { closing, pair, tcpPair, udp } from '../support/sockets.js';

const { MessageBatch } = socket;

/** A sender, a receiver, and the receiver's address. */
function datagrams(context: TestContext) {
  const sender = udp(context);
  const receiver = udp(context);
  receiver.settimeout(10);
  return { sender, receiver, to: receiver.getsockname(), from: sender.getsockname() };
}

const texts = (messages: Iterable<socket.Message>) =>
  Array.from(messages, ([data]) => data.toString());

const isRoot = process.getuid?.() === 0;

describe('recvmmsg', () => {
  it('works on packet sockets', { skip: !isRoot && 'they need root' }, (context) => {
    const { sender, to } = datagrams(context);
    const watcher = closing(context, new socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0));
    hearOnlyPort(watcher, to[1], 14);
    watcher.bind(['lo', socket.ETH_P_IP]);
    sender.sendto(Buffer.from('abc'), to);
    const [[frame, ancdata, flags, address] = []] = watcher.recvmmsg(1, 2000);
    assert.equal(frame?.toString('latin1', 14 + 20 + 8), 'abc');
    assert.deepEqual([ancdata, flags, address?.[0]], [[], 0, 'lo']);
  });

  it('gives the messages that are there, each as recvmsg does', (context) => {
    const { sender, receiver, to, from } = datagrams(context);
    for (const text of ['one', 'two', 'three']) sender.sendto(Buffer.from(text), to);
    assert.deepEqual(receiver.recvmmsg(2, 100), [
      [Buffer.from('one'), [], 0, from],
      [Buffer.from('two'), [], 0, from],
    ]);
    assert.deepEqual(texts(receiver.recvmmsg(2, 100)), ['three']);
  });

  it('cuts long datagrams and says so', (context) => {
    const { sender, receiver, to, from } = datagrams(context);
    sender.sendto(Buffer.from('abcdef'), to);
    const [message] = receiver.recvmmsg(2, 4);
    assert.deepEqual(message, [Buffer.from('abcd'), [], socket.MSG_TRUNC, from]);
  });

  it('gives what is there of a datagram whose length MSG_TRUNC tells', (context) => {
    const { sender, receiver, to } = datagrams(context);
    sender.sendto(Buffer.from('abcdef'), to);
    const messages = receiver.recvmmsg(1, 4, { flags: socket.MSG_TRUNC });
    assert.deepEqual(texts(messages), ['abcd']);
  });

  it('gives control messages to each message', (context) => {
    const { sender, receiver, to } = datagrams(context);
    receiver.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTTL, 1);
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 7);
    sender.sendto(Buffer.from('a'), to);
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 9);
    sender.sendto(Buffer.from('b'), to);
    const messages = receiver.recvmmsg(4, 10, { ancbufsize: socket.CMSG_SPACE(4) });
    const hops = messages.map(([, [item]]) => [item?.[0], item?.[1], item?.[2].readInt32LE(0)]);
    assert.deepEqual(hops, [
      [socket.IPPROTO_IP, socket.IP_TTL, 7],
      [socket.IPPROTO_IP, socket.IP_TTL, 9],
    ]);
  });

  it('keeps its messages apart from those of the next call', (context) => {
    const { sender, receiver, to } = datagrams(context);
    sender.sendto(Buffer.from('first'), to);
    const [first] = receiver.recvmmsg(1, 10);
    sender.sendto(Buffer.from('other'), to);
    receiver.recvmmsg(1, 10);
    assert.equal(first?.[0].toString(), 'first');
  });

  it('shows no memory but that of its message', (context) => {
    const { sender, receiver, to } = datagrams(context);
    sender.sendto(Buffer.alloc(5000, 0x55), to);
    receiver.recvmmsg(1, 6000);
    sender.sendto(Buffer.from('x'), to);
    const [message] = receiver.recvmmsg(1, 6000);
    const whole = Buffer.from(message?.[0].buffer as ArrayBuffer);
    assert.equal(whole.includes(0x55), false);
  });

  it('times out by the socket, and by its own timeout', (context) => {
    const { receiver } = datagrams(context);
    receiver.settimeout(0.01);
    assert.throws(() => receiver.recvmmsg(1, 10), socket.TimeoutError);
    receiver.settimeout(null);
    assert.throws(() => receiver.recvmmsg(1, 10, { timeout: 0.01 }), socket.TimeoutError);
    assert.throws(() => receiver.recvmmsg(1, 10, { timeout: 0 }), socket.BlockingIOError);
    const flags = socket.MSG_DONTWAIT;
    assert.throws(() => receiver.recvmmsg(1, 10, { flags }), socket.BlockingIOError);
  });

  it('refuses wrong numbers', (context) => {
    const { receiver } = datagrams(context);
    const texts: [unknown[], string][] = [
      [[-1, 10], 'ValueError: negative count of messages'],
      [[0, 10], 'ValueError: a batch has 1 to 1024 messages, not 0'],
      [[1025, 10], 'ValueError: a batch has 1 to 1024 messages, not 1025'],
      [[1, -1], 'ValueError: negative buffersize in recvmmsg'],
      [[1, 10, { ancbufsize: -1 }], 'ValueError: invalid ancillary data buffer length'],
      [['1', 10], "TypeError: 'str' object cannot be interpreted as an integer"],
      [[1024, 2 ** 40], 'MemoryError: '],
      [[1], "TypeError: socket.recvmmsg() missing 1 required positional argument: 'size'"],
      [[1, 1, { size: 2 }], "TypeError: socket.recvmmsg() got multiple values for argument 'size'"],
    ];
    for (const [given, text] of texts) {
      assert.equal(
        thrownBy(() => loose(receiver).recvmmsg(...given)),
        text,
      );
    }
  });

  it('fails on a closed socket with EBADF', () => {
    const sock = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    sock.close();
    assert.throws(() => sock.recvmmsg(1, 10), { errno: 9, syscall: 'recvmmsg' });
    assert.throws(() => sock.sendmmsg([Buffer.from('x')]), { errno: 9, syscall: 'sendmmsg' });
  });

  it('hands descriptors over, close-on-exec', (context) => {
    const [first, second] = pair(context, socket.SOCK_DGRAM);
    const rights = (fd: number): [number, number, Int32Array] => [
      socket.SOL_SOCKET,
      socket.SCM_RIGHTS,
      new Int32Array([fd]),
    ];
    const sent = first.sendmmsg([
      [Buffer.from('a'), [rights(first.fileno())]],
      [Buffer.from('b'), [rights(second.fileno())]],
    ]);
    assert.deepEqual(sent, [1, 1]);
    const messages = second.recvmmsg(4, 10, { ancbufsize: socket.CMSG_SPACE(4) });
    const fds = messages.map(([, [item]]) => item?.[2].readInt32LE(0) as number);
    assert.equal(fds.length, 2);
    for (const fd of fds) {
      const copy = closing(context, new socket.socket({ fileno: fd }));
      assert.equal(copy.get_inheritable(), false);
      assert.equal(copy.type, socket.SOCK_DGRAM);
    }
  });
});

describe('sendmmsg', () => {
  it('sends bytes, pieces and addresses, and says how much of each went', (context) => {
    const { sender, receiver, to } = datagrams(context);
    const lengths = sender.sendmmsg([
      [Buffer.from('whole'), [], to],
      [[Buffer.from('in '), new Uint8Array([0x74, 0x77, 0x6f])], [], to],
      [Buffer.alloc(0), [], to],
    ]);
    assert.deepEqual(lengths, [5, 6, 0]);
    assert.deepEqual(texts(receiver.recvmmsg(5, 100)), ['whole', 'in two', '']);
  });

  it('sends to the peer of a connected socket', (context) => {
    const { sender, receiver, to } = datagrams(context);
    sender.connect(to);
    assert.deepEqual(sender.sendmmsg([Buffer.from('a'), new Uint16Array([0x6262]).buffer]), [1, 2]);
    assert.deepEqual(texts(receiver.recvmmsg(5, 100)), ['a', 'bb']);
  });

  it('sends nothing for no messages', (context) => {
    const { sender } = datagrams(context);
    assert.deepEqual(sender.sendmmsg([]), []);
  });

  it('gives what went before a message that fails, whose error the next call meets', (context) => {
    const { sender, receiver, to } = datagrams(context);
    const tooLong = Buffer.alloc(70_000);
    assert.deepEqual(
      sender.sendmmsg([
        [Buffer.from('a'), [], to],
        [tooLong, [], to],
      ]),
      [1],
    );
    assert.throws(() => sender.sendmmsg([[tooLong, [], to]]), { code: 'EMSGSIZE' });
    assert.deepEqual(texts(receiver.recvmmsg(5, 100)), ['a']);
  });

  it('says how much of a stream went when its buffer is full', (context) => {
    const { client, accepted } = tcpPair(context);
    client.settimeout(0);
    const part = Buffer.alloc(1024 * 1024, 1);
    let total = 0;
    for (;;) {
      try {
        total += client.sendmmsg([part, part]).reduce((sum, length) => sum + length, 0);
      } catch (error) {
        assert.ok(error instanceof socket.BlockingIOError);
        break;
      }
    }
    client.shutdown(socket.SHUT_WR);
    let received = 0;
    for (let data = accepted.recv(65536); data.length > 0; data = accepted.recv(65536)) {
      received += data.length;
    }
    assert.equal(received, total);
  });

  it('refuses what is no list of messages', (context) => {
    const { sender } = datagrams(context);
    const table: [unknown, string][] = [
      [5, 'TypeError: sendmmsg() argument 1 must be an iterable of messages'],
      [null, 'TypeError: sendmmsg() argument 1 must be an iterable of messages'],
      [Buffer.from('x'), 'TypeError: sendmmsg() argument 1 must be an iterable of messages'],
      [['x'], "TypeError: a bytes-like object is required, not 'str'"],
      [[[]], 'TypeError: a message has 1 to 3 items, not 0'],
      [[[5]], "TypeError: a bytes-like object is required, not 'int'"],
      [[[null]], "TypeError: a bytes-like object is required, not 'NoneType'"],
    ];
    for (const [given, text] of table) {
      assert.equal(
        thrownBy(() => loose(sender).sendmmsg(given)),
        text,
      );
    }
    const address: [string, number] = ['127.0.0.1', 70_000];
    assert.throws(() => sender.sendmmsg([[Buffer.from('x'), [], address]]), socket.OverflowError);
  });
});

describe('a batch', () => {
  it('sends the same messages again and again, and a part of them', (context) => {
    const { sender, receiver, to } = datagrams(context);
    const batch = new MessageBatch(4, 16);
    for (const text of ['a', 'b', 'c']) batch.add(Buffer.from(text), [], to);
    assert.equal(sender.sendmmsg_from(batch), 3);
    assert.equal(sender.sendmmsg_from(batch, { first: 2 }), 1);
    assert.equal(sender.sendmmsg_from(batch, { first: 1, count: 1 }), 1);
    assert.equal(sender.sendmmsg_from(batch, { first: 3 }), 0);
    assert.deepEqual(texts(receiver.recvmmsg(9, 100)), ['a', 'b', 'c', 'c', 'b']);
  });

  it('receives into the caller’s memory', (context) => {
    const { sender, receiver, to, from } = datagrams(context);
    const memory = new Uint8Array(40);
    const batch = new MessageBatch(4, 10, { memory });
    sender.sendmmsg([
      [Buffer.from('abc'), [], to],
      [Buffer.from('de'), [], to],
    ]);
    assert.equal(receiver.recvmmsg_into(batch), 2);
    assert.equal(batch.length, 2);
    assert.equal(batch.data(1).toString(), 'de');
    assert.equal(batch.data(1).buffer, memory.buffer);
    assert.deepEqual(batch.address(1), from);
    assert.equal(Buffer.from(memory).toString('latin1', 0, 12), 'abc\0\0\0\0\0\0\0de');
  });

  it('keeps the number of its messages to itself', (context) => {
    const [sock] = pair(context);
    const batch = new MessageBatch(4, 16);
    batch.add(Buffer.from('one'));
    // Each call would go through as many messages as the number says.
    assert.throws(() => Object.assign(batch, { length: 1e9 }), TypeError);
    assert.equal(sock.sendmmsg_from(batch), 1);
  });

  it('sends what was written into its room', (context) => {
    const { sender, receiver, to } = datagrams(context);
    const batch = new MessageBatch(1, 16);
    batch.room(0).write('in place');
    assert.equal(batch.add(8, [], to), 0);
    sender.sendmmsg_from(batch);
    assert.equal(receiver.recv(100).toString(), 'in place');
  });

  it('names the peers of datagrams from several senders', (context) => {
    const { sender, receiver, to } = datagrams(context);
    const other = udp(context);
    sender.sendto(Buffer.from('1'), to);
    other.sendto(Buffer.from('2'), to);
    sender.sendto(Buffer.from('3'), to);
    const batch = new MessageBatch(4, 10);
    receiver.recvmmsg_into(batch);
    const peers = [0, 1, 2].map((index) => batch.address(index));
    assert.deepEqual(
      peers,
      [sender, other, sender].map((sock) => sock.getsockname()),
    );
  });

  it('takes a long run of messages through memory for a few', (context) => {
    const { sender, receiver, to } = datagrams(context);
    const outgoing = new MessageBatch(16, 8);
    const incoming = new MessageBatch(16, 8);
    let expected = 0;
    for (let round = 0; round < 100; round += 1) {
      outgoing.clear();
      for (let index = 0; index < 16; index += 1) {
        outgoing.room(index).writeUInt32LE(round * 16 + index);
        outgoing.add(4, [], to);
      }
      assert.equal(sender.sendmmsg_from(outgoing), 16);
      for (let left = 16; left > 0; left -= incoming.length) {
        receiver.recvmmsg_into(incoming);
        for (const [data] of incoming) {
          assert.equal(data.readUInt32LE(), expected);
          expected += 1;
        }
      }
    }
    assert.equal(expected, 1600);
  });

  it('refuses what does not fit', () => {
    const batch = new MessageBatch(1, 4, { ancbufsize: 24 });
    const table: [() => unknown, string][] = [
      [() => batch.add(Buffer.alloc(5)), '5 bytes do not fit into a message of 4'],
      [() => batch.add(5), '5 bytes do not fit into a message of 4'],
      [() => batch.data(0), 'no message 0 in the batch'],
      [() => batch.room(1), 'no message 1 in the batch'],
      [() => batch.room(-1), 'no message -1 in the batch'],
      [
        () => batch.add(1, [[1, 1, Buffer.alloc(9)]]),
        '32 bytes of control messages do not fit into 24',
      ],
      [
        () => new MessageBatch(2, 8, { memory: new Uint8Array(15) }),
        '16 bytes of memory are needed, not 15',
      ],
    ];
    for (const [call, message] of table) {
      assert.throws(call, { name: 'ValueError', message });
    }
    batch.add(4);
    assert.throws(() => batch.add(1), {
      name: 'ValueError',
      message: 'the batch is full: 1 messages',
    });
  });

  it('refuses to send what it received, and memory that was transferred away', (context) => {
    const { sender, receiver, to } = datagrams(context);
    const memory = new Uint8Array(8);
    const batch = new MessageBatch(1, 8, { memory });
    sender.sendto(Buffer.from('x'), to);
    receiver.recvmmsg_into(batch);
    assert.throws(() => sender.sendmmsg_from(batch), { name: 'ValueError' });
    structuredClone(memory.buffer, { transfer: [memory.buffer] });
    sender.sendto(Buffer.from('x'), to);
    assert.throws(() => receiver.recvmmsg_into(batch), { code: 'EFAULT' });
    assert.equal(receiver.recv(10).toString(), 'x');
  });

  it('must be a batch', (context) => {
    const { receiver } = datagrams(context);
    for (const method of ['recvmmsg_into', 'sendmmsg_from']) {
      assert.throws(() => loose(receiver)[method]?.({}, { timeout: 0 }), {
        name: 'TypeError',
        message: `${method}() argument 1 must be a MessageBatch`,
      });
    }
  });
});

describe('batches of a promise socket', () => {
  it('keep their messages as long as a call waits', async (context) => {
    const { sender, receiver, to } = datagrams(context);
    const batch = new MessageBatch<typeof socket.AF_INET>(2, 10);
    const controller = new AbortController();
    const waiting = receiver.promises.recvmmsg_into(batch, { signal: controller.signal });
    const inUse = { name: 'RuntimeError', message: 'a call that waits has the batch' };
    assert.throws(() => batch.clear(), inUse);
    assert.throws(() => batch.add(1), inUse);
    assert.throws(() => receiver.recvmmsg_into(batch), inUse);
    assert.throws(() => receiver.recvmmsg_into(batch, { timeout: 1 }), inUse);
    await assert.rejects(receiver.promises.recvmmsg_into(batch), inUse);
    controller.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
    batch.add(Buffer.from('abc'), [], to);
    assert.equal(await sender.promises.sendmmsg_from(batch), 1);
    batch.clear();
    assert.equal(await receiver.promises.recvmmsg_into(batch), 1);
    assert.equal(batch.data(0).toString(), 'abc');
  });

  it('are for receiving again when they have been sent', (context) => {
    const { sender, receiver, to } = datagrams(context);
    const batch = new MessageBatch<typeof socket.AF_INET>(2, 10);
    batch.add(Buffer.from('a'), [], to);
    assert.equal(sender.sendmmsg_from(batch), 1);
    assert.equal(receiver.recvmmsg_into(batch), 1);
    sender.sendto(Buffer.from('longer'), to);
    sender.sendto(Buffer.from('text'), to);
    assert.equal(receiver.recvmmsg_into(batch), 2);
    assert.deepEqual(texts(batch), ['longer', 'text']);
  });

  it('wait for the first message', async (context) => {
    const { sender, receiver, to, from } = datagrams(context);
    const waiting = receiver.promises.recvmmsg(4, 10);
    sender.sendto(Buffer.from('late'), to);
    assert.deepEqual(await waiting, [[Buffer.from('late'), [], 0, from]]);
    const batch = new MessageBatch(4, 10);
    const filling = receiver.promises.recvmmsg_into(batch);
    assert.deepEqual(await sender.promises.sendmmsg([[Buffer.from('x'), [], to]]), [1]);
    assert.equal(await filling, 1);
    assert.equal(batch.data(0).toString(), 'x');
  });

  it('look host names up', async (context) => {
    const { sender, receiver, to } = datagrams(context);
    const address: [string, number] = ['localhost', to[1]];
    await sender.promises.sendmmsg([[Buffer.from('a'), [], address]]);
    const batch = new MessageBatch(1, 4);
    batch.add(Buffer.from('b'), [], address);
    assert.equal(await sender.promises.sendmmsg_from(batch), 1);
    assert.equal(receiver.recv(9).toString() + receiver.recv(9).toString(), 'ab');
  });

  it('end by timeouts and signals, and reject for wrong arguments', async (context) => {
    const { receiver } = datagrams(context);
    const { promises } = receiver;
    await assert.rejects(promises.recvmmsg(1, 10, { timeout: 0.01 }), socket.TimeoutError);
    const controller = new AbortController();
    const waiting = promises.recvmmsg(1, 10, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    await assert.rejects(promises.recvmmsg(0, 10), { name: 'ValueError' });
    await assert.rejects(loose(promises).sendmmsg(5) as Promise<unknown>, { name: 'TypeError' });
  });
});
