// toReadableStream and toWritableStream: sockets as web streams.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { ReadableStream } from 'node:stream/web';
import { describe, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { toReadableStream, toStream, toWritableStream } from 'berkeley-sockets/interop';
import { until } from '../support/process.js';
import { listener, pair } from '../support/sockets.js';
import { connected, contents, digest, hashOf, KINDS, reset } from '../support/streams.js';

/** Everything that a web stream gives. */
async function collect(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

for (const kind of KINDS) {
  describe(`web streams over ${kind}`, { timeout: 20_000 }, () => {
    test('carry bytes both ways, and close the socket when both have ended', async (context) => {
      const [sock, other] = connected(context, kind);
      const readable = toReadableStream(sock);
      const writer = toWritableStream(sock).getWriter();
      const peer = toStream(other.promises);
      await writer.write(Buffer.from('question'));
      await writer.close();
      const asked = await contents(peer);
      assert.deepEqual([String(asked), String(await collect(readable))], ['question', '']);
      await until('the socket to be closed', () => sock.fileno() < 0 || undefined);
    });

    test('abort a write for which the peer makes no room', async (context) => {
      const [sock] = connected(context, kind);
      const writer = toWritableStream(sock).getWriter();
      const refused = assert.rejects(writer.write(Buffer.alloc(32 * 1024 * 1024)));
      const closed = assert.rejects(writer.closed);
      await new Promise(setImmediate);
      await writer.abort(new Error('out'));
      await Promise.all([refused, closed]);
      assert.equal(sock.fileno(), -1);
    });

    test('read on after the other direction has ended', async (context) => {
      const [sock, other] = connected(context, kind);
      const peer = toStream(other, { allowHalfOpen: true });
      await toWritableStream(sock).close();
      await once(peer.resume(), 'end');
      peer.end('late');
      assert.equal(String(await collect(toReadableStream(sock))), 'late');
    });

    test('are refused a close right after the other half was cancelled, at once', async (context) => {
      const [sock] = connected(context, kind);
      const readable = toReadableStream(sock);
      const writable = toWritableStream(sock);
      await new Promise(setImmediate);
      const cancelled = readable.cancel();
      await assert.rejects(writable.close(), { code: 'EBADF' });
      await cancelled;
      assert.equal(sock.fileno(), -1);
    });

    test('are a part of a pipe', async (context) => {
      const [sock, other] = connected(context, kind);
      const parts = Array.from({ length: 100 }, () => randomBytes(50_000));
      const received = digest(toStream(other, { allowHalfOpen: true }));
      await ReadableStream.from(parts).pipeTo(toWritableStream(sock));
      assert.deepEqual(await received, { hash: hashOf(...parts), length: 5_000_000 });
    });

    test('do not read on when nobody asks', async (context) => {
      const [sock, other] = connected(context, kind);
      toReadableStream(sock);
      const peer = toStream(other);
      let isDone = false;
      peer.write(Buffer.alloc(32 * 1024 * 1024), () => {
        isDone = true;
      });
      for (let count = 0; count < 50; count += 1) await new Promise(setImmediate);
      assert.equal(isDone, false);
      peer.destroy();
    });

    test('close the socket when they are cancelled', async (context) => {
      const [sock] = connected(context, kind);
      const writable = toWritableStream(sock);
      await toReadableStream(sock).cancel();
      await until('the socket to be closed', () => sock.fileno() < 0 || undefined);
      await assert.rejects(writable.getWriter().closed);
    });
  });
}

describe('web streams', () => {
  test('take bytes of any kind, but no text', async (context) => {
    const [sock, peer] = pair(context);
    const writer = toWritableStream(sock).getWriter();
    await writer.write(new Uint16Array([1]).buffer);
    assert.deepEqual(peer.recv(9), Buffer.from(new Uint16Array([1]).buffer));
    await assert.rejects(writer.write('text' as never), {
      name: 'TypeError',
      message: "a bytes-like object is required, not 'str'",
    });
    assert.equal(peer.recv(9).length, 0);
  });

  test('have written when the kernel has taken everything', async (context) => {
    const [sock, peer] = pair(context);
    const writer = toWritableStream(sock).getWriter();
    let isDone = false;
    const written = writer.write(Buffer.alloc(16 * 1024 * 1024)).then(() => {
      isDone = true;
    });
    for (let count = 0; count < 20; count += 1) await new Promise(setImmediate);
    assert.equal(isDone, false);
    const received = digest(toStream(peer));
    await written;
    await writer.close();
    assert.equal((await received).length, 16 * 1024 * 1024);
  });

  test('fail with the error of the system', async (context) => {
    const [sock, peer] = connected(context, 'TCP');
    const read = collect(toReadableStream(sock));
    reset(peer);
    await assert.rejects(read, { code: 'ECONNRESET' });
  });

  test('are refused to what is no connected stream', (context) => {
    const server = listener(context);
    for (const make of [toReadableStream, toWritableStream]) {
      assert.throws(() => make(server), { name: 'ValueError' });
      assert.throws(() => make({} as never), {
        name: 'TypeError',
        message: `${make.name}() argument 1 must be socket, not Object`,
      });
    }
  });

  test('are made once, and not besides a stream of Node', (context) => {
    const [sock] = pair(context, socket.SOCK_STREAM);
    assert.equal(toReadableStream(sock), toReadableStream(sock.promises));
    assert.equal(toWritableStream(sock), toWritableStream(sock));
    assert.throws(() => toStream(sock), { message: 'the socket has a stream already' });
  });
});
