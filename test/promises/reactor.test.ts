// The reactor: what keeps the event loop alive, and descriptors that change behind its back.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as socket from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';
import { run } from '../support/process.js';
import { assertWaits, promised, settled } from '../support/promised.js';
import { BUSY_WORKER, cannotOn, STRANGE_DESCRIPTOR } from '../support/runtime.js';
import { closing, pair, udp } from '../support/sockets.js';

const THREAD = 'BERKELEY_SOCKETS_REACTOR_THREAD';
const ALWAYS_A_THREAD = { bun: 'all tests run so', deno: 'all tests run so' };
const byte = Buffer.from('x');
const options = { concurrency: false, timeout: 20_000 };

describe('the event loop', options, () => {
  for (const [program, lines, code] of [
    ['idle', ['x'], 0],
    ['waits', ['x'], 0],
    ['aborted', ['AbortError'], 0],
    ['expires', ['TimeoutError'], 0],
    ['closed', ['EBADF'], 0],
    ['unhandled', [], 1],
    ['exit', [], 7],
    ['again', ['x', 'x', 'x'], 0],
    ['workers', ['{"opened":110,"left":0,"codes":[1]}', 'x'], 0],
  ] as const) {
    const skip = program === 'workers' && cannotOn(BUSY_WORKER);
    test(`lives exactly while somebody waits: ${program}`, { skip }, async (context) => {
      const ending = await run(context, 'promise-loop', [program]);
      assert.deepEqual([ending.lines, ending.code, ending.signal], [lines, code, null]);
      assert.match(ending.stderr, program === 'unhandled' ? /Bad file descriptor/ : /^$/);
    });
  }
});

describe('a descriptor that changes behind the back', options, () => {
  test('ends what waits with EBADF when close() of the module closes it', async () => {
    const [sock, peer] = socket.socketpair();
    const promise = promised([sock, 'recv', 1], { timeout: 2 });
    socket.close(sock.fileno());
    assert.deepEqual(await settled(promise), { error: 'OSError: EBADF' });
    sock.detach();
    peer.close();
  });

  test('ends what waits with EBADF when it is detached, and stays open', async () => {
    const [sock, peer] = socket.socketpair();
    const promise = promised([sock, 'recv', 1]);
    const fd = sock.detach();
    assert.deepEqual(await settled(promise), { error: 'OSError: EBADF' });
    const again = new promises.socket<number>({ fileno: fd });
    const read = again.recv(1);
    peer.send(byte);
    assert.deepEqual(await read, byte);
    again.close();
    peer.close();
  });

  test('waits for the new socket where its number is used again', {
    skip: cannotOn(STRANGE_DESCRIPTOR),
  }, async (context) => {
    const [old, oldPeer] = socket.socketpair();
    closing(context, oldPeer);
    const lost = promised([old, 'recv', 1]);
    await assertWaits(lost);
    const fd = old.fileno();
    closeSync(fd);
    const [first, second] = socket.socketpair();
    const isFirst = first.fileno() === fd;
    assert.ok(isFirst || second.fileno() === fd);
    const [reused, other] = isFirst ? [first, second] : [second, first];
    const read = promised([reused, 'recv', 1]);
    assert.deepEqual(await settled(lost), { error: 'OSError: EBADF' });
    await assertWaits(read);
    other.send(byte);
    assert.deepEqual(await settled(read), { value: 'x' });
    // The old object must not close the number that belongs to another one now.
    closeSync(reused.detach());
    other.close();
    old.detach();
  });

  test('goes on for a copy when the watched original is closed', async (context) => {
    const [sock, peer] = pair(context);
    const copy = closing(context, sock.dup());
    const lost = promised([sock, 'recv', 1]);
    const kept = promised([copy, 'recv', 1]);
    await assertWaits(kept);
    sock.close();
    assert.deepEqual(await settled(lost), { error: 'OSError: EBADF' });
    await assertWaits(kept);
    peer.send(byte);
    assert.deepEqual(await settled(kept), { value: 'x' });
  });

  test('is not confused by events of a copy whose number was closed unseen', {
    skip: cannotOn(STRANGE_DESCRIPTOR),
  }, async (context) => {
    const [sock, peer] = pair(context);
    const copy = sock.dup();
    const lost = promised([copy, 'recv', 1]);
    await assertWaits(lost);
    closeSync(copy.fileno());
    copy.detach();
    peer.send(byte);
    assert.deepEqual(await settled(lost), { error: 'OSError: EBADF' });
    assert.deepEqual(await settled(promised([sock, 'recv', 1])), { value: 'x' });
    const next = promised([sock, 'recv', 1]);
    await assertWaits(next);
    peer.send(byte);
    assert.deepEqual(await settled(next), { value: 'x' });
  });

  test('is watched by several threads at once, each datagram once', async (context) => {
    const sock = udp(context);
    const url = new URL('../process/fixtures/promise-reader.js', import.meta.url);
    const workers = [0, 1].map(() => new Worker(url, { workerData: sock.fileno() }));
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const answers = workers.map((worker) => once(worker, 'message').then(([text]) => text));
    const here = sock.promises.recv(1).then(String);
    for (const text of 'abc') sock.sendto(Buffer.from(text), sock.getsockname());
    assert.deepEqual((await Promise.all([here, ...answers])).sort(), ['a', 'b', 'c']);
    await Promise.all(workers.map((worker) => worker.terminate()));
  });
});

describe('a reactor with a thread of its own', { ...options, timeout: 150_000 }, () => {
  const isChild = process.env[THREAD] !== undefined;
  for (const name of ['waiting', 'order', 'reactor', 'wait']) {
    test(`passes ${name}.test.ts`, {
      skip: (isChild && 'this is that run') || cannotOn(ALWAYS_A_THREAD),
    }, async () => {
      const env: NodeJS.ProcessEnv = { ...process.env, [THREAD]: '1' };
      delete env.NODE_TEST_CONTEXT;
      const file = fileURLToPath(new URL(`./${name}.test.js`, import.meta.url));
      const child = spawn(process.execPath, ['--test-reporter=tap', '--expose-gc', file], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
        timeout: 50_000,
      });
      let output = '';
      child.stdout.on('data', (text) => {
        output += text;
      });
      const [code] = await once(child, 'close');
      const failed = output.match(/^ *not ok .*$/gm) ?? [];
      assert.deepEqual([code, failed], [0, []]);
    });
  }
});
