// The file objects of makefile() whose calls give promises: order, overlap, refusals and closing.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets/promises';
import type { AsyncFileOf, FileMode } from '#lib/io/open.js';
import type { TextOptions } from '#lib/io/text.js';

/** A file, and the socket at the other end. */
function open<M extends FileMode = 'r', B extends number | null = null>(
  context: TestContext,
  mode?: M,
  buffering?: B,
  options?: TextOptions,
) {
  const [sock, peer] = socket.socketpair();
  const file: AsyncFileOf<M, B> = sock.makefile(mode, buffering, options);
  context.after(async () => {
    // The test may have left something unsent on purpose, or detached the file.
    await file.close().catch(() => {});
    sock.close();
    sock.detach();
    peer.close();
  });
  return { file, sock, peer };
}

const bytes = (text: string): Buffer => Buffer.from(text);

test('each mode gives the class of its name, which says what it can do', (t) => {
  const table = [
    ['r', -1, 'TextIOWrapper', true, false],
    ['w', -1, 'TextIOWrapper', false, true],
    ['rw', -1, 'TextIOWrapper', true, true],
    ['rb', -1, 'BufferedReader', true, false],
    ['wb', -1, 'BufferedWriter', false, true],
    ['rwb', -1, 'BufferedRWPair', true, true],
    ['rwb', 0, 'SocketIO', true, true],
  ] as const;
  for (const [mode, buffering, name, readable, writable] of table) {
    const { file } = open(t, mode, buffering);
    assert.equal(file.constructor.name, name, mode);
    assert.deepEqual([file.readable(), file.writable(), file.closed], [readable, writable, false]);
    assert.match(String(file), new RegExp(`\\.${name} `));
  }
});

test('reads that are waiting at once get one line each, in the order of the calls', async (t) => {
  for (const mode of ['r', 'rb', 'rwb'] as const) {
    const { file, peer } = open(t, mode);
    const lines = Promise.all([file.readline(), file.readline(), file.read(2), file.readline()]);
    await peer.sendall(bytes('one\ntw'));
    await peer.sendall(bytes('o\n3.three\n'));
    assert.deepEqual((await lines).map(String), ['one\n', 'two\n', '3.', 'three\n']);
  }
});

test('an unbuffered file serves its calls in order too', async (t) => {
  const { file, peer } = open(t, 'rb', 0);
  const lines = Promise.all([file.readline(), file.readline()]);
  await peer.sendall(bytes('one\ntwo\nrest'));
  assert.deepEqual(await lines, [bytes('one\n'), bytes('two\n')]);
  const target = Buffer.alloc(9);
  assert.equal(await file.readinto(target), 4);
  assert.equal(target.toString('latin1', 0, 4), 'rest');
});

test('a layer below waits for the calls of the layer above', async (t) => {
  const { file, peer } = open(t, 'r');
  const line = file.readline();
  const below = (file.buffer as socket.BufferedReader).readline();
  await peer.sendall(bytes('one\n'));
  assert.equal(await line, 'one\n');
  await peer.sendall(bytes('two\n'));
  assert.deepEqual(await below, bytes('two\n'));
});

test('a failed call leaves those behind it unharmed', async (t) => {
  const { file, peer } = open(t, 'rb');
  const calls = Promise.allSettled([
    file.readline(),
    file.read(-2),
    file.readinto('text' as unknown as Buffer),
    file.readline(),
  ]);
  await peer.sendall(bytes('one\ntwo\n'));
  const outcomes = (await calls).map((outcome) =>
    outcome.status === 'fulfilled' ? String(outcome.value) : outcome.reason.name,
  );
  assert.deepEqual(outcomes, ['one\n', 'ValueError', 'TypeError', 'two\n']);
});

test('writing and flushing do not wait for a read that waits for the answer', async (t) => {
  for (const mode of ['rw', 'rwb'] as const) {
    for (const buffering of [1, null]) {
      const { file, peer } = open(t, mode, buffering);
      const write = (text: string) => file.write((mode === 'rw' ? text : bytes(text)) as never);
      await write('first ');
      const answers = Promise.all([file.readline(), file.readline()]);
      await write('question\n');
      await file.flush();
      assert.deepEqual(await peer.recv(99), bytes('first question\n'));
      await peer.sendall(bytes('answer\n\n'));
      assert.deepEqual((await answers).map(String), ['answer\n', '\n']);
    }
  }
});

test('what is written is sent in the order of the calls, however large it is', async (t) => {
  const { file, sock, peer } = open(t, 'w', 100);
  const pieces = Array.from({ length: 300 }, (_, index) => `${index} `.repeat(index * 2));
  const written = Promise.all(pieces.map((piece) => file.write(piece)));
  const ended = file.close().then(() => sock.close());
  const reader = peer.makefile('r');
  assert.equal(await reader.read(), pieces.join(''));
  await Promise.all([ended, reader.close()]);
  assert.deepEqual(
    await written,
    pieces.map((piece) => piece.length),
  );
});

test('wrong arguments reject and never throw', async (t) => {
  const symbol = Symbol('wrong') as never;
  for (const mode of ['rw', 'rwb'] as const) {
    const { file } = open(t, mode);
    for (const call of [
      () => file.read(symbol),
      () => file.readline(symbol),
      () => file.readlines(symbol),
      () => file.write(symbol),
      () => file.writelines(symbol),
    ]) {
      await assert.rejects(call(), { name: 'TypeError' });
    }
    await assert.rejects(file.truncate(), { name: 'UnsupportedOperation' });
  }
  const { file } = open(t, 'rwb');
  await assert.rejects(file.detach(), { name: 'UnsupportedOperation' });
  const writer = open(t, 'wb').file;
  await assert.rejects(writer.readline(), { name: 'UnsupportedOperation', message: 'read' });
});

test('lines are iterated, and a loop that ends early loses none', async (t) => {
  const { file, peer } = open(t);
  await peer.sendall(bytes('a\r\nb\nc'));
  peer.close();
  for await (const line of file) {
    assert.equal(line, 'a\n');
    break;
  }
  const rest: string[] = [];
  for await (const line of file) rest.push(line);
  assert.deepEqual(rest, ['b\n', 'c']);
  await file.close();
  const closed = { name: 'ValueError', message: 'I/O operation on closed file.' };
  await assert.rejects(file[Symbol.asyncIterator]().next(), closed);
});

test('closing rejects the reads that wait, and the socket loses no bytes to them', async (t) => {
  for (const mode of ['r', 'rb', 'rwb'] as const) {
    const { file, sock, peer } = open(t, mode);
    const reads = Promise.allSettled([file.readline(), file.read(1)]);
    await file[Symbol.asyncDispose]();
    const [first, second] = await reads;
    assert.equal(first.status === 'rejected' && first.reason.name, 'ValueError');
    assert.equal(second.status === 'rejected' && second.reason.name, 'ValueError');
    assert.ok(file.closed);
    await peer.sendall(bytes('kept'));
    assert.deepEqual(await sock.recv(9), bytes('kept'));
    await file.close();
  }
});

test('files put the closing of the socket off until the last one is closed', async (t) => {
  const { file, sock, peer } = open(t, 'w');
  sock.close();
  assert.ok(sock.fileno() >= 0);
  await file.writelines(['late ', 'words']);
  await file.close();
  assert.equal(sock.fileno(), -1);
  assert.deepEqual(await peer.recv(99), bytes('late words'));
  assert.deepEqual(await peer.recv(99), bytes(''));
});

test('a detached file gives its bytes to the one below, in its turn', async (t) => {
  const { file, sock, peer } = open(t, 'w');
  const [, buffer] = await Promise.all([file.write('text'), file.detach()]);
  assert.ok(buffer instanceof socket.BufferedWriter);
  await assert.rejects(file.write('more'), { message: 'underlying buffer has been detached' });
  const raw = await buffer.detach();
  assert.ok(raw instanceof socket.SocketIO);
  assert.deepEqual(await peer.recv(9), bytes('text'));
  await raw.close();
  sock.close();
});

test('a timeout ends all reading from the file, and no waiting means null', async (t) => {
  const { file, sock, peer } = open(t, 'rb');
  sock.settimeout(0);
  assert.equal(await file.read(1), null);
  sock.settimeout(0.01);
  const calls = await Promise.allSettled([file.read(1), file.readline()]);
  const texts = calls.map((call) => call.status === 'rejected' && call.reason.message);
  assert.deepEqual(texts, ['timed out', 'cannot read from timed out object']);
  await peer.sendall(bytes('x'));
  await assert.rejects(file.read(1), { message: 'cannot read from timed out object' });
});

test('a file over an object of the caller calls its methods', async () => {
  const sent: string[] = [];
  let released = 0;
  const file = new socket.SocketIO(
    {
      fileno: () => 7,
      recv_into: async (view: Uint8Array) => Buffer.from('abc').copy(view),
      send: async (data: Uint8Array) => sent.push(Buffer.from(data).toString()),
      _decref_socketios: () => {
        released += 1;
      },
    },
    'rw',
  );
  assert.deepEqual([file.fileno(), await file.read(2)], [7, bytes('ab')]);
  assert.equal(await file.write(bytes('x')), 1);
  await file.close();
  await file.close();
  assert.deepEqual([sent, released], [['x'], 1]);
});
