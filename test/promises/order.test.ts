// The order in which the promise flavour serves calls, and that one busy socket starves nobody.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { readSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import * as socket from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';
import { loose } from '../support/exceptions.js';
import { assertWaits, promised, settled } from '../support/promised.js';
import { closing, listener, pair, tcpPair, udp } from '../support/sockets.js';
import { fill, openFile, STREAM_METHODS } from '../support/waits.js';

/** What a file object's read() gives. */
function readPiece(file: number, size: number): Buffer {
  const piece = Buffer.alloc(size);
  return piece.subarray(0, readSync(file, piece));
}

const COUNT = 1000;
const options = { concurrency: false, timeout: 10_000 };

describe('the order of calls on one socket', options, () => {
  test('reads that wait are served in the order of the calls', async (context) => {
    const sock = udp(context);
    const view = sock.promises;
    const room = Buffer.alloc(1);
    const reads = [
      view.recv(1).then(String),
      view.recv_into(room).then(() => String(room)),
      view.recvfrom(1).then(([data]) => String(data)),
      view.recvmsg(1).then(([data]) => String(data)),
    ];
    await assertWaits(Promise.race(reads));
    for (const text of '1234') sock.sendto(Buffer.from(text), sock.getsockname());
    assert.deepEqual(await Promise.all(reads), ['1', '2', '3', '4']);
  });

  test('an abort in the middle of the queue removes just that call', async (context) => {
    const [sock, peer] = pair(context);
    const controller = new AbortController();
    const first = promised([sock, 'recv', 1]);
    const second = promised([sock, 'recv', 1], { signal: controller.signal });
    const third = promised([sock, 'recv', 1]);
    controller.abort(new Error('out'));
    peer.send(Buffer.from('ab'));
    assert.deepEqual(await settled(first), { value: 'a' });
    assert.deepEqual(await settled(second), { error: 'Error: out' });
    assert.deepEqual(await settled(third), { value: 'b' });
  });

  for (const [name, write] of [
    ['send', (sock: promises.socket<number>, data: Buffer) => sock.send(data)],
    ['sendall', (sock: promises.socket<number>, data: Buffer) => sock.sendall(data)],
    ['sendmsg', (sock: promises.socket<number>, data: Buffer) => sock.sendmsg([data])],
  ] as const) {
    test(`what ${name} and send write arrives in the order of the calls`, async (context) => {
      const [sock, peer] = pair(context);
      const writes = [
        write(sock.promises, Buffer.from('1')),
        sock.promises.send(Buffer.from('2')),
        write(sock.promises, Buffer.from('3')),
      ];
      await Promise.all(writes);
      assert.equal(String(peer.recv(9)), '123');
    });
  }

  test('the bytes of two sendalls at once are not mixed', async (context) => {
    const [sock, peer] = pair(context);
    const size = 2 ** 21;
    const writes = ['a', 'b'].map((text) => sock.promises.sendall(Buffer.alloc(size, text)));
    const received: Buffer[] = [];
    for (let rest = 2 * size; rest > 0; ) {
      const piece = await peer.promises.recv(65536);
      rest -= piece.length;
      received.push(piece);
    }
    await Promise.all(writes);
    assert.equal(Buffer.concat(received).indexOf('b'), size);
    assert.equal(Buffer.concat(received).lastIndexOf('a'), size - 1);
  });

  for (const [how, toFile] of [
    ['by the kernel', (file: number) => file],
    ['by reading', (file: number) => ({ read: (size: number) => readPiece(file, size) })],
  ] as const) {
    test(`what is sent while sendfile waits, ${how}, comes behind its last byte`, async (context) => {
      const size = 2 ** 23;
      const { client, accepted } = tcpPair(context);
      const file = openFile(context, size);
      const writes = [
        client.promises.send(Buffer.from('a')),
        client.promises.sendfile(toFile(file)),
        client.promises.sendall(Buffer.from('b')),
        client.promises.sendfile(toFile(openFile(context, size))),
        client.promises.send(Buffer.from('c')),
      ];
      await assertWaits(writes[1] as Promise<unknown>);
      const received: Buffer[] = [];
      for (let rest = 2 * size + 3; rest > 0; ) {
        const piece = await accepted.promises.recv(65536);
        rest -= piece.length;
        received.push(piece);
      }
      assert.deepEqual(await Promise.all(writes), [1, size, undefined, size, 1]);
      const bytes = Buffer.concat(received).toString('latin1');
      assert.deepEqual(
        [bytes.indexOf('b'), bytes.lastIndexOf('a'), bytes.indexOf('c')],
        [size + 1, 0, 2 * size + 2],
      );
    });
  }

  test('sendfile calls the methods of a file in the asynchronous context of its caller', async (context) => {
    const { client, accepted } = tcpPair(context);
    const storage = new AsyncLocalStorage<string>();
    const seen = new Set<unknown>();
    const file = {
      seek: () => seen.add(storage.getStore()),
      read(size: number) {
        seen.add(storage.getStore());
        return readPiece(number, size);
      },
    };
    const size = 2 ** 23;
    const number = openFile(context, size);
    const sending = storage.run('the caller', () => client.promises.sendfile(file));
    for (let rest = size; rest > 0; ) rest -= (await accepted.promises.recv(65536)).length;
    assert.equal(await sending, size);
    assert.deepEqual([...seen], ['the caller']);
  });

  test('a sendfile that ends leaves its place to the next call', async (context) => {
    // What is full stays full there, while TCP makes its buffers larger.
    const [client, accepted] = pair(context);
    const controller = new AbortController();
    const { signal } = controller;
    const seeks: number[] = [];
    const file = openFile(context, 2 ** 24);
    const object = {
      fileno: () => file,
      read: () => Buffer.alloc(0),
      seek: (to: number) => seeks.push(to),
    };
    const aborted = promised([client, 'sendfile', object], { signal });
    const expired = promised([client, 'sendfile', file], { timeout: 0.01 });
    const next = promised([client, 'send', Buffer.from('c')]);
    assert.deepEqual(await settled(expired), { error: 'TimeoutError: ETIMEDOUT' });
    // On a busy machine the time is over before there is no more room.
    const isWritable = () => promises.wait_writable(client, { timeout: 0 });
    while ('value' in (await settled(isWritable()))) await turn();
    controller.abort(new Error('enough'));
    assert.deepEqual(await settled(aborted), { error: 'Error: enough' });
    await assertWaits(next);
    let count = 0;
    while (!(await accepted.promises.recv(65536)).includes('c')) count += 1;
    assert.ok(count > 0);
    assert.deepEqual(await settled(next), { value: 1 });
    // The file stands where the sending ended.
    assert.equal(seeks.length, 1);
    assert.ok((seeks[0] as number) > 0);
  });

  test('reads and writes do not wait for each other', async (context) => {
    const [sock, peer] = pair(context);
    const read = promised([sock, 'recv', 9]);
    await sock.promises.send(Buffer.from('ping'));
    assert.equal(String(peer.recv(9)), 'ping');
    const total = fill(sock);
    const write = promised([sock, 'send', Buffer.from('x')]);
    await assertWaits(write);
    peer.send(Buffer.from('pong'));
    assert.deepEqual(await settled(read), { value: 'pong' });
    await assertWaits(write);
    for (let rest = total; rest > 0; ) rest -= peer.recv(65536).length;
    assert.deepEqual(await settled(write), { value: 1 });
  });
});

describe('many calls at once', options, () => {
  test('a thousand reads of one socket with one signal get a byte each', async (context) => {
    const [sock, peer] = pair(context);
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    context.after(() => process.off('warning', note));
    const { signal } = new AbortController();
    const reads = Array.from({ length: COUNT }, () => sock.promises.recv(1, { signal }));
    await assertWaits(Promise.race(reads));
    const sent = Buffer.from(Array.from({ length: COUNT }, (_, index) => index & 0xff));
    await peer.promises.sendall(sent);
    assert.deepEqual(Buffer.concat(await Promise.all(reads)), sent);
    assert.deepEqual(warnings, []);
  });

  test('a thousand writes that wait all go, in order', async (context) => {
    const [sock, peer] = pair(context, socket.SOCK_SEQPACKET);
    const writes = Array.from({ length: COUNT }, (_, index) =>
      sock.promises.send(Buffer.from(String(index))),
    );
    for (let index = 0; index < COUNT; index += 1) {
      assert.equal(String(await peer.promises.recv(9)), String(index));
    }
    await Promise.all(writes);
  });

  test('a thousand reads are all ended by one abort', async (context) => {
    const [sock, peer] = pair(context);
    const controller = new AbortController();
    const reads = Array.from({ length: COUNT }, () =>
      settled(sock.promises.recv(1, { signal: controller.signal })),
    );
    controller.abort(new Error('all'));
    for (const outcome of await Promise.all(reads)) {
      assert.deepEqual(outcome, { error: 'Error: all' });
    }
    peer.send(Buffer.from('x'));
    assert.equal(String(await sock.promises.recv(1)), 'x');
  });
});

describe('a socket that is always ready', options, () => {
  test('lets timers and another socket have their turn', async (context) => {
    const [busy, feeder] = pair(context);
    const [quiet, other] = pair(context);
    const seen = new Set<string>();
    setTimeout(() => seen.add('timer'), 0);
    setImmediate(() => seen.add('immediate'));
    const read = quiet.promises.recv(1).then(() => seen.add('socket'));
    other.send(Buffer.from('x'));
    let rounds = 0;
    for (; seen.size < 3 && rounds < 1e6; rounds += 1) {
      feeder.send(Buffer.from('y'));
      await busy.promises.recv(1);
    }
    await read;
    assert.deepEqual([...seen].sort(), ['immediate', 'socket', 'timer']);
    // With a thread of its own the reactor's turn is also the scheduler's to give.
    const limit = process.env.BERKELEY_SOCKETS_REACTOR_THREAD === undefined ? 100_000 : 1e6;
    assert.ok(rounds <= limit, `${rounds} rounds`);
  });
});

describe('wrong arguments', options, () => {
  for (const method of [...STREAM_METHODS, 'accept', 'connect', 'connect_ex', 'sendmsg_afalg']) {
    test(`${method} rejects for them and never throws`, async (context) => {
      const [sock] = pair(context);
      const bad = [[], [Symbol('bad')], [null], ['text', 'text'], [1, 2, 3, 4, 5, 6], [{ x: 1 }]];
      for (const given of bad) {
        // accept() needs nothing: it waits, and has an error of its own on what does not listen.
        const promise = loose(sock.promises)[method]?.apply(sock.promises, given);
        assert.ok(promise instanceof Promise, method);
        await assert.rejects(promise, (error) => {
          assert.ok(error instanceof Error);
          assert.doesNotMatch(error.message, /undefined|is not a function|Cannot read/);
          return true;
        });
      }
    });
  }

  for (const signal of [{}, { aborted: false }, 'abort', 7, new AbortController()]) {
    test(`a signal that is ${JSON.stringify(signal)} is a TypeError that names it`, async (t) => {
      const [sock, peer] = pair(t);
      peer.send(Buffer.from('x'));
      const recv = loose(sock.promises).recv?.bind(sock.promises);
      await assert.rejects(recv?.(1, { signal }) as Promise<unknown>, {
        name: 'TypeError',
        message: /signal.*AbortSignal/,
      });
      assert.equal(String(sock.recv(9)), 'x');
    });
  }
});

describe('iteration', options, () => {
  test('connections() gives the connections until it is left', async (context) => {
    const server = listener(context);
    const clients = [0, 1, 2].map(() =>
      closing(context, socket.create_connection(server.getsockname())),
    );
    const seen: unknown[] = [];
    for await (const [connection, address] of server.promises.connections()) {
      connection.close();
      seen.push(address);
      if (seen.length === 3) break;
    }
    assert.deepEqual(
      seen,
      clients.map((client) => client.getsockname()),
    );
  });

  test('datagrams() gives datagrams, and ends with the error of an abort', async (context) => {
    const sock = udp(context);
    const controller = new AbortController();
    const seen: string[] = [];
    for (const text of ['a', 'b']) sock.sendto(Buffer.from(text), sock.getsockname());
    await assert.rejects(
      async () => {
        const all = sock.promises.datagrams(9, { signal: controller.signal });
        for await (const [data, address] of all) {
          assert.deepEqual(address, sock.getsockname());
          if (seen.push(String(data)) === 2) controller.abort(new Error('enough'));
        }
      },
      { message: 'enough' },
    );
    assert.deepEqual(seen, ['a', 'b']);
  });

  test('a file gives its lines', async (context) => {
    const { client, accepted } = tcpPair(context);
    const file = accepted.promises.makefile('r');
    client.sendall(Buffer.from('one\ntwo\nthree'));
    client.shutdown(socket.SHUT_WR);
    const lines: string[] = [];
    for await (const line of file) lines.push(line);
    await file.close();
    assert.deepEqual(lines, ['one\n', 'two\n', 'three']);
  });

  test('asynchronous disposal closes the socket and ends what waits', async () => {
    const [sock, peer] = promises.socketpair();
    const read = settled(sock.recv(1));
    await sock[Symbol.asyncDispose]();
    await peer[Symbol.asyncDispose]();
    assert.equal(sock.fileno(), -1);
    assert.deepEqual(await read, { error: 'OSError: EBADF' });
  });
});
