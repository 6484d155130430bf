// wait_readable and wait_writable: descriptors of every kind, and how such a wait ends.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { closeSync, constants, readFileSync, readSync, writeSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { wait_readable, wait_writable } from 'berkeley-sockets/promises';
import { loose } from '../support/exceptions.js';
import { foreignDescriptors, open, openPipe, pipe } from '../support/foreign.js';
import { fullListener } from '../support/hanging.js';
import { descriptorTargets } from '../support/process.js';
import { assertWaits, promised, settled } from '../support/promised.js';
import { findPython } from '../support/python.js';
import { cannotOn, OWN_DESCRIPTORS, STRANGE_DESCRIPTOR } from '../support/runtime.js';
import {
  closing,
  listener,
  pair,
  refusingPort,
  tcpPair,
  udp,
  unixPath,
} from '../support/sockets.js';
import { fill } from '../support/waits.js';

const byte = Buffer.from('x');
const done = { value: undefined };
const closed = { error: 'OSError: EBADF' };
const expired = { error: 'TimeoutError: ETIMEDOUT' };
const options = { concurrency: false, timeout: 20_000 };

/** Reads what a descriptor has. */
function drain(fd: number): number {
  return readSync(fd, Buffer.alloc(65536));
}

/** Writes until nothing more goes. */
function stuff(fd: number): void {
  try {
    for (;;) writeSync(fd, Buffer.alloc(65536));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
  }
}

/** Something that becomes ready: what is waited for, and how that is done and undone. */
interface Case {
  wait(): Promise<void>;
  begin(): void;
  undo(): void;
}

function readable(target: { fileno(): number }, begin: () => unknown, undo: () => unknown): Case {
  return { wait: () => wait_readable(target), begin, undo };
}

/** A socket that becomes readable. */
const KINDS: Readonly<Record<string, (context: TestContext) => Case>> = {
  'a TCP connection, to read'(context) {
    const { client, accepted } = tcpPair(context);
    return readable(
      client,
      () => accepted.send(byte),
      () => client.recv(1),
    );
  },
  'a listener'(context) {
    const server = listener(context);
    return readable(
      server,
      () => closing(context, socket.create_connection(server.getsockname())),
      () => server.accept()[0].close(),
    );
  },
  'a UDP socket'(context) {
    const sock = udp(context);
    return readable(
      sock,
      () => sock.sendto(byte, sock.getsockname()),
      () => sock.recv(1),
    );
  },
  'a full stream, to write'(context) {
    const [sock, peer] = pair(context);
    const total = fill(sock);
    return {
      wait: () => wait_writable(sock),
      begin: () => {
        for (let rest = total; rest > 0; ) rest -= peer.recv(65536).length;
      },
      undo: () => fill(sock),
    };
  },
  'a full AF_UNIX datagram receiver, to write'(context) {
    const path = unixPath(context);
    const datagram = () => closing(context, new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM));
    const receiver = datagram();
    const sock = datagram();
    receiver.bind(path);
    sock.connect(path);
    fill(sock, byte);
    return {
      wait: () => wait_writable(sock),
      begin: () => receiver.recv(1),
      undo: () => fill(sock, byte),
    };
  },
  'the number of a socket'(context) {
    const [sock, peer] = pair(context);
    return {
      wait: () => wait_readable(sock.fileno()),
      begin: () => peer.send(byte),
      undo: () => sock.recv(1),
    };
  },
  'a pipe, to read'(context) {
    const { reader, writer } = pipe(context);
    return {
      wait: () => wait_readable(reader),
      begin: () => writeSync(writer, byte),
      undo: () => drain(reader),
    };
  },
  'a full pipe, to write'(context) {
    const { reader, writer } = pipe(context);
    stuff(writer);
    return {
      wait: () => wait_writable(writer),
      begin: () => drain(reader),
      undo: () => stuff(writer),
    };
  },
};

const python = findPython();
const eventCount = Buffer.from(new BigUint64Array([1n]).buffer);

/** Kinds that only another program can make. */
const FOREIGN_KINDS: Readonly<
  Record<string, (made: ReturnType<typeof foreignDescriptors>) => Case>
> = {
  'an eventfd': ({ event }) => ({
    wait: () => wait_readable(event),
    begin: () => writeSync(event, eventCount),
    undo: () => drain(event),
  }),
  'an epoll descriptor': ({ event, epoll }) => ({
    wait: () => wait_readable(epoll),
    begin: () => writeSync(event, eventCount),
    undo: () => drain(event),
  }),
  'a terminal': ({ master, slave }) => ({
    wait: () => wait_readable({ fileno: () => slave }),
    begin: () => writeSync(master, byte),
    undo: () => drain(slave),
  }),
};

function checkKind(title: string, skip: string | false, make: (context: TestContext) => Case) {
  describe(title, { ...options, skip }, () => {
    test('is waited for until it is ready, again and again', async (context) => {
      const { wait, begin, undo } = make(context);
      for (let round = 0; round < 3; round += 1) {
        const promise = wait();
        await assertWaits(promise);
        begin();
        assert.deepEqual(await settled(promise), done);
        assert.deepEqual(await settled(wait()), done);
        undo();
      }
    });

    test('goes on being waited for when somebody else was faster', async (context) => {
      const { wait, begin, undo } = make(context);
      const promise = wait();
      await assertWaits(promise);
      begin();
      undo();
      await assertWaits(promise);
      begin();
      assert.deepEqual(await settled(promise), done);
    });

    test('tells everybody who waits', async (context) => {
      const { wait, begin } = make(context);
      const promises = Array.from({ length: 1000 }, wait);
      await assertWaits(Promise.race(promises));
      begin();
      await Promise.all(promises);
    });
  });
}

for (const [kind, make] of Object.entries(KINDS)) checkKind(kind, false, make);
for (const [kind, make] of Object.entries(FOREIGN_KINDS)) {
  const skip = cannotOn(STRANGE_DESCRIPTOR) || (python === undefined && 'there is no python3');
  checkKind(kind, skip, (context) =>
    make(foreignDescriptors(context, python as NonNullable<typeof python>)),
  );
}

describe('what is ready at once', options, () => {
  test('regular files and /dev/null are, as poll(2) says, and starve nobody', async (context) => {
    const file = open(context, process.execPath, constants.O_RDONLY);
    const nothing = open(context, '/dev/null', constants.O_RDWR);
    for (const fd of [file, nothing]) {
      let hadTurn = false;
      setImmediate(() => {
        hadTurn = true;
      });
      for (let count = 0; count < 600; count += 1) {
        await wait_readable(fd);
        await wait_writable(fd);
      }
      assert.ok(hadTurn);
    }
  });

  test('an end, a hang-up and an error are readiness', async (context) => {
    const { client, accepted } = tcpPair(context);
    accepted.shutdown(socket.SHUT_WR);
    await wait_readable(client);
    const { reader, writer } = openPipe(context);
    closeSync(writer);
    await wait_readable(reader);
    closeSync(reader);
    const [sock, peer] = pair(context);
    peer.close();
    await wait_writable(sock);
    await wait_readable(sock);
  });
});

describe('an event that comes while it is waited for', options, () => {
  test('the last writer of a pipe goes', async (context) => {
    const { reader, writer } = openPipe(context);
    const promise = wait_readable(reader);
    await assertWaits(promise);
    closeSync(writer);
    assert.deepEqual(await settled(promise), done);
    closeSync(reader);
  });

  test('the last reader of a full pipe goes', async (context) => {
    const { reader, writer } = openPipe(context);
    stuff(writer);
    const promise = wait_writable(writer);
    await assertWaits(promise);
    closeSync(reader);
    assert.deepEqual(await settled(promise), done);
    closeSync(writer);
  });

  test('a connection attempt ends, well or not', async (context) => {
    const { server, address } = fullListener(context);
    const sock = closing(context, new socket.socket());
    sock.settimeout(0);
    assert.equal(sock.connect_ex(address), 115);
    const promise = wait_writable(sock);
    await assertWaits(promise);
    server.accept()[0].close();
    assert.deepEqual(await settled(promise), done);
    assert.equal(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0);
    const refused = closing(context, new socket.socket());
    refused.settimeout(0);
    refused.connect_ex(['127.0.0.1', refusingPort(context)]);
    await wait_writable(refused);
    assert.equal(refused.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 111);
  });

  test('a shut-down is a readiness', async (context) => {
    const { client } = tcpPair(context);
    const promise = wait_readable(client);
    await assertWaits(promise);
    client.shutdown(socket.SHUT_RD);
    assert.deepEqual(await settled(promise), done);
  });
});

describe('other calls on the same descriptor', options, () => {
  test('lose no byte to who only wants to know, whoever came first', async (context) => {
    const [sock, peer] = pair(context);
    const before = wait_readable(sock);
    const read = promised([sock, 'recv', 1]);
    const after = wait_readable(sock);
    for (const promise of [before, read, after]) await assertWaits(promise);
    peer.send(byte);
    assert.deepEqual(await settled(read), { value: 'x' });
    // What was there is taken: there is nothing to tell.
    for (const promise of [before, after]) await assertWaits(promise);
    peer.send(Buffer.from('y'));
    for (const promise of [before, after]) assert.deepEqual(await settled(promise), done);
    assert.equal(String(sock.recv(9)), 'y');
  });

  test('tell of what they leave', async (context) => {
    const [sock, peer] = pair(context);
    const reads = [promised([sock, 'recv', 1]), promised([sock, 'recv', 1])];
    const promise = wait_readable(sock);
    await assertWaits(promise);
    peer.send(Buffer.from('abc'));
    assert.deepEqual(await settled(promise), done);
    assert.deepEqual(await Promise.all(reads), [Buffer.from('a'), Buffer.from('b')]);
    assert.equal(String(sock.recv(9)), 'c');
  });

  test('both directions are apart', async (context) => {
    const [sock, peer] = pair(context);
    fill(sock);
    const write = wait_writable(sock);
    const read = wait_readable(sock);
    await assertWaits(write);
    peer.send(byte);
    assert.deepEqual(await settled(read), done);
    await assertWaits(write);
    peer.recv(65536);
    peer.close();
    assert.deepEqual(await settled(write), done);
  });

  test('a copy of a watched descriptor has its own waits', async (context) => {
    const [sock, peer] = pair(context);
    const copy = closing(context, sock.dup());
    const promises = [wait_readable(sock), wait_readable(copy), wait_readable(copy.fileno())];
    for (const promise of promises) await assertWaits(promise);
    peer.send(byte);
    for (const promise of promises) assert.deepEqual(await settled(promise), done);
  });
});

for (const [name, wait] of Object.entries({ wait_readable, wait_writable })) {
  describe(`the end of ${name}`, options, () => {
    /** A pipe that is not ready for what is waited for. */
    function busy(context: TestContext): number {
      const { reader, writer } = pipe(context);
      if (name === 'wait_readable') return reader;
      stuff(writer);
      return writer;
    }

    test('a timeout removes just that one', async (context) => {
      const fd = busy(context);
      const other = wait(fd);
      const start = performance.now();
      assert.deepEqual(await settled(wait(fd, { timeout: 0.05 })), expired);
      assert.ok(performance.now() - start >= 45);
      await assertWaits(other);
    });

    test('a timeout of zero only asks', async (context) => {
      assert.deepEqual(await settled(wait(busy(context), { timeout: 0 })), expired);
      const file = open(context, '/dev/null', constants.O_RDWR);
      assert.deepEqual(await settled(wait(file, { timeout: 0 })), done);
    });

    test('the timeout of a socket does not count', async (context) => {
      const [sock] = pair(context);
      fill(sock);
      sock.settimeout(0.001);
      const promise = wait(sock);
      const until = performance.now() + 20;
      while (performance.now() < until) await assertWaits(promise);
      sock.close();
      assert.deepEqual(await settled(promise), closed);
    });

    test('an abort removes just that one', async (context) => {
      const fd = busy(context);
      const controller = new AbortController();
      const promise = wait(fd, { signal: controller.signal });
      const other = wait(fd);
      await assertWaits(promise);
      controller.abort(new RangeError('enough'));
      assert.deepEqual(await settled(promise), { error: 'RangeError: enough' });
      await assertWaits(other);
    });

    test('a signal that was aborted before ends it even where it need not wait', async (context) => {
      const file = open(context, '/dev/null', constants.O_RDWR);
      const signal = AbortSignal.abort(new RangeError('before'));
      assert.deepEqual(await settled(wait(file, { signal })), { error: 'RangeError: before' });
    });

    test('close() of a socket ends all with EBADF', async (context) => {
      const [sock] = pair(context);
      fill(sock);
      const promises = [wait(sock), wait(sock.fileno()), wait(sock, { timeout: 20 })];
      for (const promise of promises) await assertWaits(promise);
      sock.close();
      for (const promise of promises) assert.deepEqual(await settled(promise), closed);
    });

    test('close() of the module ends all with EBADF', async (context) => {
      const fd = socket.dup(busy(context));
      const promise = wait(fd);
      await assertWaits(promise);
      socket.close(fd);
      assert.deepEqual(await settled(promise), closed);
    });
  });

  test(`${name} rejects for wrong arguments, with Python's texts, and never throws`, async (context) => {
    const [sock] = socket.socketpair().map((end) => closing(context, end));
    const gone = socket.dup(0);
    socket.close(gone);
    (sock as socket.socket<number>).close();
    const integer = 'TypeError: argument must be an int, or have a fileno() method.';
    const negative = 'ValueError: file descriptor cannot be a negative integer';
    for (const [given, text] of [
      [[gone], 'OSError: EBADF'],
      [[-1], `${negative} (-1)`],
      [[sock], `${negative} (-1)`],
      [[{ fileno: () => -3 }], `${negative} (-3)`],
      [[2 ** 31], 'OverflowError: Python int too large to convert to C int'],
      [[{ fileno: () => 2 ** 40 }], 'OverflowError: Python int too large to convert to C int'],
      [['1'], integer],
      [[null], integer],
      [[1.5], integer],
      [[{}], integer],
      [[{ fileno: 7 }], "TypeError: 'int' object is not callable"],
      [[{ fileno: () => '1' }], 'TypeError: fileno() returned a non-integer'],
      [[], `TypeError: ${name}() takes exactly 1 argument (0 given)`],
      [[1, 2], `TypeError: ${name}() takes exactly 1 argument (2 given)`],
      [[1, { when: 2 }], `TypeError: ${name}() takes no keyword arguments`],
      [[1, { timeout: -1 }], 'ValueError: Timeout value out of range'],
      [[1, { signal: 1 }], 'TypeError: signal must be an AbortSignal, not int'],
    ] as const) {
      const promise = loose({ wait }).wait?.(...given);
      assert.ok(promise instanceof Promise);
      assert.deepEqual(await settled(promise), { error: text });
    }
  });
}

/** The descriptors that are in a set of epoll(7) of this process. */
function watchedDescriptors(): number[] {
  return descriptorTargets()
    .filter(([, target]) => target === 'anon_inode:[eventpoll]')
    .flatMap(
      ([fd]) => readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1').match(/^tfd: *\d+/gm) ?? [],
    )
    .map((line) => Number(line.slice('tfd:'.length)));
}

describe('numbers that others close behind the back', options, () => {
  test('are watched only while somebody waits', async (context) => {
    const { reader, writer } = pipe(context);
    const promises = [wait_readable(reader), wait_readable(reader, { timeout: 0.01 })];
    assert.ok(watchedDescriptors().includes(reader));
    assert.deepEqual(await settled(promises[1] as Promise<void>), expired);
    assert.ok(watchedDescriptors().includes(reader));
    writeSync(writer, byte);
    assert.deepEqual(await settled(promises[0] as Promise<void>), done);
    assert.ok(!watchedDescriptors().includes(reader));
  });

  test('are waited for as what they are now, and the old waits end', {
    skip: cannotOn(OWN_DESCRIPTORS),
  }, async (context) => {
    const old = openPipe(context);
    const lost = wait_readable(old.reader);
    await assertWaits(lost);
    closeSync(old.reader);
    const next = openPipe(context);
    assert.equal(next.reader, old.reader);
    const promise = wait_readable(next.reader);
    assert.deepEqual(await settled(lost), closed);
    await assertWaits(promise);
    writeSync(next.writer, byte);
    assert.deepEqual(await settled(promise), done);
    for (const fd of [old.writer, next.reader, next.writer]) closeSync(fd);
  });

  test('do not hear of the file that had the number, while a copy of it lives', {
    skip: cannotOn(OWN_DESCRIPTORS),
  }, async (context) => {
    const old = openPipe(context);
    const copy = socket.dup(old.reader);
    const lost = wait_readable(old.reader);
    await assertWaits(lost);
    closeSync(old.reader);
    const next = openPipe(context);
    assert.equal(next.reader, old.reader);
    const promise = wait_readable(next.reader);
    writeSync(old.writer, byte);
    await assertWaits(promise);
    assert.deepEqual(await settled(lost), closed);
    writeSync(next.writer, byte);
    assert.deepEqual(await settled(promise), done);
    for (const fd of [old.writer, copy, next.reader, next.writer]) closeSync(fd);
  });

  test('may come back to the file that they were', {
    skip: cannotOn({ ...OWN_DESCRIPTORS, ...STRANGE_DESCRIPTOR }),
  }, async (context) => {
    const { reader, writer } = openPipe(context);
    const first = wait_readable(reader, { timeout: 0.01 });
    assert.deepEqual(await settled(first), expired);
    const copy = socket.dup(reader);
    closeSync(reader);
    const other = openPipe(context);
    assert.equal(other.reader, reader);
    assert.deepEqual(await settled(wait_readable(reader, { timeout: 0.01 })), expired);
    closeSync(other.reader);
    const again = socket.dup(copy);
    assert.equal(again, reader);
    const promise = wait_readable(again);
    await assertWaits(promise);
    writeSync(writer, byte);
    assert.deepEqual(await settled(promise), done);
    for (const fd of [copy, again, writer, other.writer]) closeSync(fd);
  });

  test('may be sockets by then', { skip: cannotOn(OWN_DESCRIPTORS) }, async (context) => {
    const old = openPipe(context);
    const lost = wait_readable(old.reader);
    await assertWaits(lost);
    closeSync(old.reader);
    const [first, second] = pair(context);
    const isFirst = first.fileno() === old.reader;
    assert.ok(isFirst || second.fileno() === old.reader);
    const [sock, peer] = isFirst ? [first, second] : [second, first];
    const read = promised([sock, 'recv', 1]);
    assert.deepEqual(await settled(lost), closed);
    await assertWaits(read);
    peer.send(byte);
    assert.deepEqual(await settled(read), { value: 'x' });
    closeSync(old.writer);
  });
});
