// The errors of a stream over a socket, and how it ends.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import * as socket from 'berkeley-sockets';
import { toStream } from 'berkeley-sockets/interop';
import { run } from '../support/process.js';
import { pair } from '../support/sockets.js';
import { contents, KINDS, reset, streamed } from '../support/streams.js';

const LARGE = Buffer.alloc(16 * 1024 * 1024);

/** The next 'error' of a stream; none may come before or after it. */
async function failure(stream: NodeJS.EventEmitter): Promise<NodeJS.ErrnoException> {
  let count = 0;
  stream.on('error', () => {
    count += 1;
  });
  const [error] = await once(stream, 'error');
  await turn();
  assert.equal(count, 1);
  return error;
}

/** A stream whose peer dropped the connection. */
function resetStream(context: TestContext) {
  const { stream, sock, peer } = streamed(context, 'TCP', { allowHalfOpen: true });
  return { stream, sock, drop: () => reset(peer) };
}

describe('an error of the system', { timeout: 20_000 }, () => {
  test('comes as error when a read meets it: ECONNRESET', async (context) => {
    const { stream, sock, drop } = resetStream(context);
    const failed = failure(stream);
    drop();
    const error = await failed;
    assert.ok(error instanceof socket.ConnectionResetError);
    assert.deepEqual([error.code, error.syscall], ['ECONNRESET', 'recv']);
    assert.deepEqual([stream.destroyed, sock.fileno()], [true, -1]);
  });

  test('comes as error when a write meets it: EPIPE', async (context) => {
    const { stream, peer } = streamed(context, 'AF_UNIX', { allowHalfOpen: true });
    peer.close();
    await once(stream.resume(), 'end');
    const failed = failure(stream);
    const written = new Promise((resolve) => stream.write('x', resolve));
    const error = await failed;
    assert.ok(error instanceof socket.BrokenPipeError);
    assert.deepEqual([error.code, error.syscall], ['EPIPE', 'send']);
    assert.equal(await written, error);
  });

  test('comes as error when several pieces meet it', async (context) => {
    const { stream, peer } = streamed(context, 'AF_UNIX', { allowHalfOpen: true });
    peer.close();
    await once(stream.resume(), 'end');
    stream.cork();
    stream.write('one');
    stream.write('two');
    stream.uncork();
    const error = await failure(stream);
    assert.deepEqual([error.code, error.syscall], ['EPIPE', 'sendmsg']);
  });

  test('what came before it can be read', async (context) => {
    const { stream, peer } = streamed(context, 'TCP');
    peer.send(Buffer.from('last words'));
    const [data] = await once(stream, 'data');
    const failed = failure(stream);
    reset(peer);
    assert.deepEqual([String(data), (await failed).code], ['last words', 'ECONNRESET']);
  });

  test('rejects a pipeline', async (context) => {
    const { stream, drop } = resetStream(context);
    const piped = pipeline(stream, new PassThrough());
    drop();
    await assert.rejects(piped, { code: 'ECONNRESET' });
  });

  test('rejects whoever iterates', async (context) => {
    const { stream, drop } = resetStream(context);
    const read = stream.toArray();
    drop();
    await assert.rejects(read, { code: 'ECONNRESET' });
  });
});

for (const kind of KINDS) {
  describe(`destroying a stream over ${kind}`, { timeout: 20_000 }, () => {
    test('closes the descriptor at once, and never again', async (context) => {
      const { stream, sock, peer } = streamed(context, kind);
      const fd = sock.fileno();
      stream.destroy();
      assert.equal(sock.fileno(), -1);
      assert.equal(peer.recv(1).length, 0);
      const files = [openSync('/dev/null', 'r')];
      context.after(() => files.forEach(closeSync));
      while (files.at(-1) !== fd) files.push(openSync('/dev/null', 'r'));
      await once(stream, 'close');
      stream.destroy();
      sock.close();
      assert.ok(fstatSync(fd).isCharacterDevice());
    });

    test('ends a read and writes that wait, without an error', async (context) => {
      const { stream } = streamed(context, kind);
      stream.on('error', assert.fail);
      const written = new Promise<NodeJS.ErrnoException>((resolve) =>
        stream.write(LARGE, resolve as () => void),
      );
      const queued = new Promise<NodeJS.ErrnoException>((resolve) =>
        stream.write('more', resolve as () => void),
      );
      await turn();
      stream.destroy();
      const errors = [await written, await queued];
      assert.deepEqual(
        errors.map(({ code }) => code),
        ['EBADF', 'EBADF'],
      );
      if (!stream.closed) await once(stream, 'close');
    });

    test('gives its error to whoever listens, and to writes that wait', async (context) => {
      const { stream } = streamed(context, kind);
      const failed = failure(stream);
      const reason = new Error('no more');
      const written = new Promise((resolve) => stream.write(LARGE, resolve));
      await turn();
      stream.destroy(reason);
      assert.deepEqual([await failed, await written], [reason, reason]);
    });

    test('leaves the descriptor to a file object that is still open', async (context) => {
      const { stream, sock, peer } = streamed(context, kind);
      sock.settimeout(5);
      const file = sock.makefile('rb');
      stream.destroy();
      await once(stream, 'close');
      peer.send(Buffer.from('for the file\n'));
      // A read that still waited would take it in one of these turns.
      for (let count = 0; count < 5; count += 1) await turn();
      assert.equal(String(file.readline()), 'for the file\n');
      file.close();
      assert.equal(sock.fileno(), -1);
    });

    test('is what closing its socket does, without an error', async (context) => {
      const { stream, sock } = streamed(context, kind);
      stream.on('error', assert.fail);
      sock.close();
      await once(stream, 'close');
      assert.equal(stream.destroyed, true);
    });

    test('destroySoon sends everything first', async (context) => {
      const { stream, peer } = streamed(context, kind);
      stream.write(LARGE);
      stream.destroySoon();
      const received = contents(toStream(peer));
      await once(stream, 'close');
      assert.equal((await received).length, LARGE.length);
    });
  });
}

test('resetAndDestroy resets the connection', async (context) => {
  const { stream, peer } = streamed(context, 'TCP');
  stream.resetAndDestroy();
  assert.equal(stream.destroyed, true);
  assert.throws(() => peer.recv(1), { code: 'ECONNRESET' });
  assert.equal(stream.resetAndDestroy(), stream);
});

test('a stream that is dropped while it is paused lets its socket be collected', async (context) => {
  const [, peer] = (() => {
    const [sock, other] = pair(context);
    const copy = sock.dup();
    sock.close();
    toStream(copy, { highWaterMark: 1 });
    return [undefined, other];
  })();
  // The stream reads one byte ahead and then waits for nothing.
  peer.send(Buffer.from('x'));
  await turn();
  await turn();
  const warned = once(process, 'warning');
  const collect = setInterval(() => global.gc?.(), 5);
  context.after(() => clearInterval(collect));
  const [warning] = await warned;
  assert.match(String(warning), /ResourceWarning: unclosed <socket.socket fd=/);
});

describe('the event loop', { timeout: 20_000 }, () => {
  for (const [mode, lines] of [
    ['ref', ['data x', 'end']],
    ['unref', ['end']],
    ['unref-waiting', ['end']],
    ['ref-waiting', ['data x', 'end']],
  ] as const) {
    test(`while a stream waits it stays alive, or not: ${mode}`, async (context) => {
      const ending = await run(context, 'stream-loop', [mode]);
      assert.deepEqual(ending, { code: 0, signal: null, lines, stderr: '' });
    });
  }
});
