// toStream: a socket as a Duplex of Node's, its data, back-pressure and ends.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import * as socket from 'berkeley-sockets';
import { SocketStream, toStream } from 'berkeley-sockets/interop';
import { until } from '../support/process.js';
import { closing, listener, pair, tcpPair, udp } from '../support/sockets.js';
import { connected, contents, digest, hashOf, KINDS, streamed } from '../support/streams.js';

const LARGE = 16 * 1024 * 1024;

/** Lets what is under way get as far as it can without the peer. */
async function turns(): Promise<void> {
  for (let count = 0; count < 10; count += 1) await turn();
}

/** Sends until the kernel takes no more: how many bytes went. */
function fill(sock: socket.socket<number>): number {
  const piece = Buffer.alloc(64 * 1024, 'x');
  let total = 0;
  for (;;) {
    try {
      total += sock.send(piece, socket.MSG_DONTWAIT);
    } catch (error) {
      assert.ok(error instanceof socket.BlockingIOError);
      return total;
    }
  }
}

for (const kind of KINDS) {
  describe(`a stream over ${kind}`, { timeout: 20_000 }, () => {
    test('carries bytes both ways and closes when both directions have ended', async (context) => {
      const [sock, other] = connected(context, kind);
      const stream = toStream(sock);
      const peer = toStream(other.promises);
      assert.ok(stream instanceof SocketStream);
      peer.end('answer');
      stream.end('question');
      assert.equal(String(await contents(peer)), 'question');
      assert.equal(String(await contents(stream)), 'answer');
      if (!stream.closed) await once(stream, 'close');
      assert.deepEqual([sock.fileno(), stream.readyState], [-1, 'closed']);
      assert.deepEqual([stream.bytesRead, stream.bytesWritten], [6, 8]);
    });

    test('waits whatever the timeout of its socket is', async (context) => {
      const { stream, sock, peer } = streamed(context, kind);
      sock.settimeout(0);
      await turns();
      peer.send(Buffer.from('late'));
      const [data] = await once(stream, 'data');
      assert.equal(String(data), 'late');
    });

    test('reads no further ahead than its high water mark', async (context) => {
      const { stream, peer } = streamed(context, kind, { highWaterMark: 1000 });
      const sent = fill(peer);
      const readableLength = await until('data', () => stream.readableLength || undefined);
      assert.ok(readableLength <= 64 * 1024, `${readableLength} bytes`);
      assert.ok(sent > 2 * readableLength);
      await turns();
      assert.equal(stream.readableLength, readableLength);
      peer.shutdown(socket.SHUT_WR);
      assert.equal((await digest(stream)).length, sent);
    });

    test('has written when the kernel has taken everything, not before', async (context) => {
      const { stream, peer } = streamed(context, kind);
      const bytes = randomBytes(LARGE);
      let isDone = false;
      const isRoom = stream.write(bytes, () => {
        isDone = true;
      });
      assert.equal(isRoom, false);
      await turns();
      assert.equal(isDone, false);
      assert.ok(stream.bytesWritten < LARGE);
      const received = digest(toStream(peer));
      await once(stream, 'drain');
      assert.equal(stream.bytesWritten, LARGE);
      stream.end();
      assert.deepEqual(await received, { hash: hashOf(bytes), length: LARGE });
      assert.ok(isDone);
    });

    test('sends corked pieces in order, however many and large they are', async (context) => {
      const { stream, peer } = streamed(context, kind);
      const pieces = Array.from({ length: 3000 }, (_, index) => randomBytes((index * 7) % 4000));
      stream.cork();
      for (const piece of pieces) stream.write(piece);
      stream.end();
      const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
      await turns();
      assert.ok(stream.bytesWritten > 0 && stream.bytesWritten < length);
      assert.deepEqual(await digest(toStream(peer)), { hash: hashOf(...pieces), length });
    });

    test('takes strings, empty pieces and any kind of bytes', async (context) => {
      const { stream, peer } = streamed(context, kind);
      stream.write('');
      stream.write('ä', 'latin1');
      stream.cork();
      stream.write(Buffer.alloc(0));
      stream.write(new Uint8Array([1, 2]));
      stream.write('');
      stream.end();
      assert.deepEqual(await contents(toStream(peer)), Buffer.from([0xe4, 1, 2]));
    });

    test("ends for the peer and reads on until the peer's end", async (context) => {
      const { stream, peer } = streamed(context, kind);
      stream.end('all');
      await once(stream, 'finish');
      assert.deepEqual([peer.recv(9), peer.recv(9)], [Buffer.from('all'), Buffer.alloc(0)]);
      assert.equal(stream.readyState, 'readOnly');
      peer.send(Buffer.from('answer'));
      peer.close();
      assert.equal(String(await contents(stream)), 'answer');
    });

    test("ends itself at the peer's end, although nobody reads", async (context) => {
      const { stream, sock, peer } = streamed(context, kind);
      peer.shutdown(socket.SHUT_WR);
      await once(stream, 'close');
      assert.equal(sock.fileno(), -1);
      assert.equal(peer.recv(1).length, 0);
    });

    test("goes on writing after the peer's end where it may be half open", async (context) => {
      const { stream, peer } = streamed(context, kind, { allowHalfOpen: true });
      peer.shutdown(socket.SHUT_WR);
      await once(stream.resume(), 'end');
      await turns();
      assert.equal(stream.readyState, 'writeOnly');
      stream.end('late');
      await once(stream, 'close');
      assert.equal(String(peer.recv(9)), 'late');
    });

    test('is a part of a pipeline', async (context) => {
      const { stream, peer } = streamed(context, kind);
      const pieces = Array.from({ length: 200 }, () => randomBytes(40_000));
      const echo = toStream(peer, { allowHalfOpen: true });
      const echoed = pipeline(echo, echo);
      const received = digest(stream);
      await pipeline(Readable.from(pieces), stream, { end: true });
      await echoed;
      assert.deepEqual(await received, { hash: hashOf(...pieces), length: 8_000_000 });
    });

    test('ends at once with a signal that was aborted before', async (context) => {
      const signal = AbortSignal.abort();
      const { stream, sock } = streamed(context, kind, { signal });
      const [error] = await once(stream, 'error');
      assert.equal(error.name, 'AbortError');
      assert.equal(sock.fileno(), -1);
    });

    test('ends with its signal', async (context) => {
      const controller = new AbortController();
      const { stream, sock } = streamed(context, kind, { signal: controller.signal });
      controller.abort();
      const [error] = await once(stream, 'error');
      assert.equal(error.name, 'AbortError');
      assert.equal(sock.fileno(), -1);
    });
  });
}

describe('what a stream does to the system', { timeout: 20_000 }, () => {
  test('corked pieces go in one system call', async (context) => {
    const { client, accepted } = tcpPair(context);
    const stream = toStream(client).setNoDelay();
    // tcpi_data_segs_out of the kernel's tcp.h: segments with data so far.
    const segments = () =>
      client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192).readUInt32LE(156);
    stream.write('one');
    assert.equal(segments(), 1);
    stream.cork();
    for (const piece of ['two', 'three', 'four']) stream.write(piece);
    stream.uncork();
    await turns();
    assert.equal(segments(), 2);
    assert.equal(String(accepted.recv(99)), 'onetwothreefour');
  });

  test('a socket in blocking mode stays in it', async (context) => {
    const { stream, sock, peer } = streamed(context, 'TCP');
    peer.send(Buffer.from('x'));
    await once(stream, 'data');
    assert.equal(sock.getblocking(), true);
  });
});

describe('toStream refuses', () => {
  /** Passes what `make` gives to toStream. */
  const refuses = (what: string, make: (context: TestContext) => unknown, error: object) =>
    test(what, (context) => {
      const value = make(context) as socket.socket<number>;
      assert.throws(() => toStream(value), error);
    });

  const ONLY = { name: 'ValueError', message: 'only SOCK_STREAM type sockets are supported' };
  refuses('datagrams', udp, ONLY);
  refuses('seqpackets', (context) => pair(context, socket.SOCK_SEQPACKET)[0], ONLY);
  refuses('a listener', listener, {
    name: 'ValueError',
    message: 'a listening socket is no stream; accept() gives sockets that are',
  });
  for (const value of [undefined, null, 3, {}, 'socket']) {
    refuses(String(value), () => value, {
      name: 'TypeError',
      message: /^toStream\(\) argument 1 must be socket, not \w+$/,
    });
  }

  test('a closed socket', () => {
    const sock = new socket.socket();
    sock.close();
    assert.throws(() => toStream(sock), { name: 'OSError', code: 'EBADF' });
  });

  test('a socket that has a stream', (context) => {
    const [sock] = pair(context);
    toStream(sock);
    assert.throws(() => toStream(sock.promises), {
      name: 'ValueError',
      message: 'the socket has a stream already',
    });
  });

  test('options that are no object, and leaves the socket alone', (context) => {
    const [sock] = pair(context);
    for (const [options, name] of [
      [null, 'NoneType'],
      [3, 'int'],
    ] as const) {
      assert.throws(() => toStream(sock, options as never), {
        name: 'TypeError',
        message: `options must be an object, not ${name}`,
      });
    }
    toStream(sock);
  });

  test('nothing of a socket that is not connected, whose stream fails', async (context) => {
    const stream = toStream(closing(context, new socket.socket()));
    const [error] = await once(stream, 'error');
    assert.equal(error.code, 'ENOTCONN');
  });
});
