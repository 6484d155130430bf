// The `{ signal, timeout }` of file objects: what ends a call, and that the file can be used after.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets/promises';
import { loose } from '../support/exceptions.js';
import { assertWaits, settled } from '../support/promised.js';
import { fill } from '../support/waits.js';

const options = { concurrency: false, timeout: 20_000 };
const expired = { error: 'TimeoutError: ETIMEDOUT' };
const bytes = (text: string): Buffer => Buffer.from(text);

type Mode = 'r' | 'rw' | 'w' | 'rb' | 'wb' | 'rwb';

/** A file, the socket below, and the socket at the other end. */
function open(context: TestContext, mode: Mode, buffering: number | null = null) {
  const [sock, peer] = socket.socketpair();
  const file = sock.makefile(mode as 'rw', buffering as null);
  context.after(async () => {
    // The test may have left something unsent on purpose.
    await file.close({ timeout: 0 }).catch(() => {});
    sock.close();
    peer.close();
  });
  return { file, sock, peer };
}

/** Calls that read, the file they read from, what is there before and after, and what they give. */
const READS: Readonly<
  Record<
    string,
    { mode: Mode; buffering?: number; args: () => unknown[]; value: unknown; before: string }
  >
> = {
  'read of text': { mode: 'r', args: () => [4], value: 'abcd', before: 'ab' },
  'read of all text': { mode: 'rw', args: () => [], value: 'abcd\nrest', before: 'ab' },
  'readline of text': { mode: 'rw', args: () => [], value: 'abcd\n', before: 'ab' },
  'readlines of text': { mode: 'r', args: () => [], value: ['abcd\n', 'rest'], before: 'abcd\nre' },
  'read of bytes': { mode: 'rb', args: () => [4], value: 'abcd', before: 'ab' },
  'read of all bytes': { mode: 'rwb', args: () => [], value: 'abcd\nrest', before: 'ab' },
  'readline of bytes': { mode: 'rb', args: () => [], value: 'abcd\n', before: 'ab' },
  'readlines of bytes': {
    mode: 'rwb',
    args: () => [],
    value: ['abcd\n', 'rest'],
    before: 'abcd\nre',
  },
  'readline of a raw file': {
    mode: 'rb',
    buffering: 0,
    args: () => [],
    value: 'abcd\n',
    before: 'ab',
  },
  'readlines of a raw file': {
    mode: 'rb',
    buffering: 0,
    args: () => [],
    value: ['abcd\n', 'rest'],
    before: 'abcd\nre',
  },
  'readall of a raw file': {
    mode: 'rb',
    buffering: 0,
    args: () => [],
    value: 'abcd\nrest',
    before: 'ab',
  },
  'read1 of bytes': { mode: 'rb', args: () => [4], value: 'abcd', before: '' },
  'readinto of bytes': { mode: 'rb', args: () => [Buffer.alloc(4)], value: 4, before: '' },
  'readinto1 of bytes': { mode: 'rwb', args: () => [Buffer.alloc(4)], value: 4, before: '' },
  'peek of bytes': { mode: 'rb', args: () => [], value: 'abcd\nrest', before: '' },
  'read of a raw file': { mode: 'rb', buffering: 0, args: () => [4], value: 'abcd', before: '' },
  'readinto of a raw file': {
    mode: 'rb',
    buffering: 0,
    args: () => [Buffer.alloc(4)],
    value: 4,
    before: '',
  },
};

for (const [title, { mode, buffering = null, args, value, before }] of Object.entries(READS)) {
  const method = title.split(' ')[0] as string;

  describe(title, options, () => {
    function prepare(context: TestContext) {
      const opened = open(context, mode, buffering);
      const call = (...limits: unknown[]): Promise<unknown> => {
        const promise = loose(opened.file)[method]?.(...args(), ...limits) as Promise<unknown>;
        promise.catch(() => {});
        return promise;
      };
      const rest = async () => {
        await opened.peer.sendall(bytes('abcd\nrest'.slice(before.length)));
        opened.peer.shutdown(socket.SHUT_WR);
      };
      return { ...opened, call, rest };
    }

    test('is ended by its timeout, and loses nothing', async (context) => {
      const { call, peer, rest } = prepare(context);
      await peer.sendall(bytes(before));
      const start = performance.now();
      assert.deepEqual(await settled(call({ timeout: 0.05 })), expired);
      assert.ok(performance.now() - start >= 45);
      await rest();
      assert.deepEqual(await settled(call({ timeout: 20 })), { value });
    });

    test('is ended by its signal, and loses nothing', async (context) => {
      const { call, peer, rest } = prepare(context);
      await peer.sendall(bytes(before));
      const controller = new AbortController();
      const { signal } = controller;
      const promise = call({ signal });
      await assertWaits(promise);
      controller.abort(new RangeError('enough'));
      assert.deepEqual(await settled(promise), { error: 'RangeError: enough' });
      await rest();
      assert.deepEqual(await settled(call({ signal })), { error: 'RangeError: enough' });
      assert.deepEqual(await settled(call()), { value });
    });

    test('has its own timeout instead of the one of the socket', async (context) => {
      const { call, sock, peer, rest } = prepare(context);
      sock.settimeout(0.01);
      const promise = call({ timeout: null });
      const until = performance.now() + 30;
      while (performance.now() < until) await assertWaits(promise);
      await peer.sendall(bytes(before));
      await rest();
      assert.deepEqual(await settled(promise), { value });
    });

    test('is ended when the file is closed meanwhile', async (context) => {
      const { call, file } = prepare(context);
      const promise = call({ timeout: 20 });
      await assertWaits(promise);
      await file.close();
      assert.deepEqual(await settled(promise), {
        error: 'ValueError: I/O operation on closed file.',
      });
    });

    test('refuses what is no limit', async (context) => {
      const { call } = prepare(context);
      for (const [limits, text] of [
        [{ signal: 1 }, 'TypeError: signal must be an AbortSignal, not int'],
        [{ timeout: -1 }, 'ValueError: Timeout value out of range'],
        [{ timeout: 'x' }, /^TypeError/],
        [{ other: 1 }, "TypeError: got an unexpected keyword argument 'other'"],
      ] as const) {
        const outcome = await settled(call(limits));
        assert.ok('error' in outcome);
        if (typeof text === 'string') assert.equal(outcome.error, text);
        else assert.match(outcome.error, text);
      }
    });
  });
}

describe('a call that waits for its turn', options, () => {
  for (const mode of ['r', 'rwb'] as const) {
    test(`can be ended, and those behind it keep theirs: ${mode}`, async (context) => {
      const { file, peer } = open(context, mode);
      const controller = new AbortController();
      const first = file.readline();
      const aborted = settled(file.readline({ signal: controller.signal }));
      const late = settled(file.readline({ timeout: 0.02 }));
      const last = file.readline({ timeout: 20 });
      controller.abort(new Error('out'));
      assert.deepEqual(await aborted, { error: 'Error: out' });
      assert.deepEqual(await late, expired);
      await assertWaits(last);
      await peer.sendall(bytes('one\ntwo\n'));
      assert.deepEqual([String(await first), String(await last)], ['one\n', 'two\n']);
      await peer.sendall(bytes('three\n'));
      assert.equal(String(await file.readline()), 'three\n');
    });
  }

  test('has one deadline for all that it waits for', async (context) => {
    const { file, peer } = open(context, 'r');
    const start = performance.now();
    const line = settled(file.readline({ timeout: 0.1 }));
    let sent = 0;
    while (performance.now() - start < 250) {
      await peer.send(bytes('x'));
      sent += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.deepEqual(await line, expired);
    await peer.send(bytes('\n'));
    assert.equal(await file.readline(), `${'x'.repeat(sent)}\n`);
  });
});

/** Everything that the peer gets until the end. */
async function receiveAll(sock: socket.socket<number>): Promise<string> {
  const pieces: Buffer[] = [];
  for (;;) {
    const piece = await sock.recv(65536);
    if (piece.length === 0) return Buffer.concat(pieces).toString('latin1');
    pieces.push(piece);
  }
}

describe('a call that writes', options, () => {
  for (const mode of ['w', 'wb', 'rw', 'rwb'] as const) {
    const data = (text: string) => (mode.includes('b') ? bytes(text) : text) as never;

    test(`is ended, and what was written before goes later, once: ${mode}`, async (context) => {
      const { file, sock, peer } = open(context, mode);
      const total = fill(sock.blocking);
      const controller = new AbortController();
      await file.write(data('a'.repeat(6000)));
      assert.deepEqual(await settled(file.flush({ timeout: 0.02 })), expired);
      await file.write(data('b'.repeat(2000)));
      const flushed = settled(file.flush({ signal: controller.signal }));
      const waiting = settled(file.flush({ timeout: 0.02 }));
      assert.deepEqual(await waiting, expired);
      controller.abort(new Error('enough'));
      assert.deepEqual(await flushed, { error: 'Error: enough' });
      const received = receiveAll(peer);
      await file.write(data('c'));
      await file.close();
      sock.close();
      const text = (await received).slice(total);
      assert.equal(text, `${'a'.repeat(6000)}${'b'.repeat(2000)}c`);
    });

    test(`is ended when the buffer is full: ${mode}`, async (context) => {
      const { file, sock, peer } = open(context, mode);
      const total = fill(sock.blocking);
      await file.write(data('a'.repeat(8000)));
      // What is larger than the buffers has to wait.
      const large = data('b'.repeat(20_000));
      assert.deepEqual(await settled(file.write(large, { timeout: 0.02 })), expired);
      const signal = AbortSignal.abort(new Error('before'));
      assert.deepEqual(await settled(file.write(data('c'), { signal })), {
        error: 'Error: before',
      });
      const received = receiveAll(peer);
      await file.flush();
      await file.close();
      sock.close();
      // Nobody can tell how much of a write that was ended goes, but nothing before it is lost.
      assert.match((await received).slice(total), /^a{8000}b*$/);
    });

    test(`closes the file although what it had to send is not sent: ${mode}`, async (context) => {
      const { file, sock } = open(context, mode);
      fill(sock.blocking);
      await file.write(data('a'));
      assert.deepEqual(await settled(file.close({ timeout: 0.02 })), expired);
      assert.ok(file.closed);
    });
  }

  test('does not lose what a read hands over, when the read is ended', async (context) => {
    const { file, sock, peer } = open(context, 'rw');
    const total = fill(sock.blocking);
    await file.write('a'.repeat(8000));
    await file.flush({ timeout: 0.01 }).catch(() => {});
    await file.write('b'.repeat(8000));
    assert.deepEqual(await settled(file.readline({ timeout: 0.02 })), expired);
    const received = receiveAll(peer);
    await file.flush();
    await peer.sendall(bytes('answer\n'));
    assert.equal(await file.readline({ timeout: 20 }), 'answer\n');
    await file.close();
    sock.close();
    assert.equal((await received).slice(total), `${'a'.repeat(8000)}${'b'.repeat(8000)}`);
  });

  test('of text in an encoding with a mark writes the mark once', async () => {
    const [sock, peer] = socket.socketpair();
    const total = fill(sock.blocking);
    const file = sock.makefile('w', null, { encoding: 'utf-16' });
    await file.write('a'.repeat(4000));
    assert.deepEqual(await settled(file.flush({ timeout: 0.02 })), expired);
    await file.write('b'.repeat(4000));
    assert.deepEqual(await settled(file.flush({ timeout: 0.02 })), expired);
    const received = receiveAll(peer);
    await file.close();
    sock.close();
    const text = Buffer.from((await received).slice(total), 'latin1').toString('utf16le');
    assert.equal(text, `\ufeff${'a'.repeat(4000)}${'b'.repeat(4000)}`);
    peer.close();
  });
});
