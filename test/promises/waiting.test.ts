// Calls of the promise flavour that wait: how each of them begins, and ends up.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';
import { StandingClock } from '../support/clock.js';
import { untilQueued } from '../support/descriptors.js';
import { fullListener, fullUnixListener } from '../support/hanging.js';
import { assertWaits, promised, settled } from '../support/promised.js';
import { closing, listener, pair, refusingPort, udp, unixPath } from '../support/sockets.js';
import { callHere, type SocketCall } from '../support/threads.js';
import {
  ENDED,
  fill,
  openFile,
  STREAM_METHODS,
  streamWait,
  WAITS,
  type Wait,
} from '../support/waits.js';

const byte = Buffer.from('x');

/** connect_ex is to be awaited as connect is, and gives a number. */
function connectEx(context: TestContext, timeout: number | null): Wait {
  const { call, actions } = (WAITS.connect as (typeof WAITS)[string])(context, timeout);
  const [sock, , ...args] = call;
  return { call: [sock, 'connect_ex', ...args], actions, value: 0 };
}

const CASES = Object.entries({ ...WAITS, connect_ex: connectEx });

function socketOf(call: SocketCall): socket.socket<number> {
  return call[0] as socket.socket<number>;
}

function act(actions: readonly SocketCall[]): void {
  for (const action of actions) assert.equal(callHere(action).error, undefined);
}

/** What a call gives that ran out of time. */
function timedOut(method: string): object {
  return method === 'connect_ex' ? { value: 11 } : { error: 'TimeoutError: ETIMEDOUT' };
}

for (const [method, prepare] of CASES) {
  const isConnect = method.startsWith('connect');

  describe(method, { concurrency: false, timeout: 5000 }, () => {
    for (const timeout of [null, 20]) {
      if (!isConnect) {
        test(`does not wait when it need not, timeout ${timeout}`, async (context) => {
          const { call, actions, value } = prepare(context, timeout);
          act(actions);
          if (method === 'accept') await untilQueued(socketOf(call) as socket.socket);
          socketOf(call).settimeout(timeout);
          assert.deepEqual(await settled(promised(call)), { value });
        });
      }

      test(`waits until it can go on, timeout ${timeout}`, async (context) => {
        const { call, actions, value } = prepare(context, timeout);
        socketOf(call).settimeout(timeout);
        const promise = promised(call);
        await assertWaits(promise);
        act(actions);
        assert.deepEqual(await settled(promise), { value });
      });
    }

    test('waits no longer than its own timeout says', async (context) => {
      const { call } = prepare(context, 0.05);
      const start = performance.now();
      assert.deepEqual(await settled(promised(call, { timeout: 0.05 })), timedOut(method));
      assert.ok(performance.now() - start >= 45);
    });

    test('waits no longer than settimeout() says', async (context) => {
      const { call } = prepare(context, 0.05);
      socketOf(call).settimeout(0.05);
      const start = performance.now();
      assert.deepEqual(await settled(promised(call)), timedOut(method));
      assert.ok(performance.now() - start >= 45);
    });

    test('has its own timeout instead of the one of the socket', async (context) => {
      const { call, actions, value } = prepare(context, null);
      socketOf(call).settimeout(0.01);
      const promise = promised(call, { timeout: null });
      const until = performance.now() + 30;
      while (performance.now() < until) await assertWaits(promise);
      act(actions);
      assert.deepEqual(await settled(promise), { value });
    });

    // sendfile is for sockets that wait.
    if (method !== 'sendfile') {
      test('does not wait at all with a timeout of zero', async (context) => {
        const { call } = prepare(context, null);
        const isUnder = isConnect && socketOf(call).family === socket.AF_INET;
        const code = isUnder ? 'EINPROGRESS' : 'EAGAIN';
        for (const options of [[{ timeout: 0 }], []]) {
          if (options.length === 0) socketOf(call).settimeout(0);
          assert.deepEqual(
            await settled(promised(call, ...options)),
            method === 'connect_ex' ? { value: 11 } : { error: `BlockingIOError: ${code}` },
          );
        }
      });
    }

    test('does nothing when it was aborted before', async (context) => {
      const { call, actions, value } = prepare(context, null);
      if (!isConnect) act(actions);
      if (method === 'accept') await untilQueued(socketOf(call) as socket.socket);
      const reason = { why: 'before' };
      const signal = AbortSignal.abort(reason);
      await assert.rejects(promised(call, { signal }), (thrown) => thrown === reason);
      const promise = promised(call);
      if (isConnect) act(actions);
      assert.deepEqual(await settled(promise), { value });
    });

    test('rejects with the reason of an abort, and takes nothing', async (context) => {
      const { call, actions, value } = prepare(context, null);
      const controller = new AbortController();
      const promise = promised(call, { signal: controller.signal });
      await assertWaits(promise);
      const reason = new RangeError('enough');
      controller.abort(reason);
      if (!isConnect) act(actions);
      await assert.rejects(promise, (thrown) => thrown === reason);
      // A connection attempt goes on in the kernel; an AF_UNIX one was not begun.
      const next = promised(call, { timeout: 20 });
      if (isConnect) act(actions);
      assert.deepEqual(await settled(next), { value });
    });

    test('rejects when the socket is closed meanwhile', async (context) => {
      const { call } = prepare(context, null);
      const both = [promised(call), promised(call)];
      for (const promise of both) await assertWaits(promise);
      socketOf(call).close();
      for (const promise of both) {
        assert.deepEqual(await settled(promise), { error: 'OSError: EBADF' });
      }
    });

    test('rejects when the socket was closed before', async (context) => {
      const { call } = prepare(context, null);
      socketOf(call).close();
      const expected: Record<string, object> = {
        sendfile: { error: 'ValueError: Invalid file descriptor: -1' },
        connect_ex: { value: 9 },
      };
      const outcome = await settled(promised(call));
      assert.deepEqual(outcome, expected[method] ?? { error: 'OSError: EBADF' });
    });
  });
}

for (const method of STREAM_METHODS) {
  describe(`${method} of a connection`, { concurrency: false, timeout: 5000 }, () => {
    test('fails at once without a peer', async (context) => {
      const { call } = streamWait(context, method);
      const sock = closing(context, new socket.socket());
      const [, , ...args] = call;
      const error = method.startsWith('send') ? 'BrokenPipeError: EPIPE' : 'OSError: ENOTCONN';
      assert.deepEqual(await settled(promised([sock, method, ...args])), { error });
    });

    test('fails when the peer resets while it waits', async (context) => {
      const { call, peer } = streamWait(context, method);
      peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, new Int32Array([1, 0]));
      const promise = promised(call);
      await assertWaits(promise);
      peer.close();
      const error =
        method === 'sendfile' ? 'BrokenPipeError: EPIPE' : 'ConnectionResetError: ECONNRESET';
      assert.deepEqual(await settled(promise), { error });
    });

    test('ends when it is shut down while it waits', async (context) => {
      const { call, client } = streamWait(context, method);
      const promise = promised(call);
      await assertWaits(promise);
      client.shutdown(socket.SHUT_RDWR);
      const expected = ENDED[method] ?? { error: 'BrokenPipeError: EPIPE' };
      assert.deepEqual(await settled(promise), expected);
    });
  });
}

describe('accept and connect', { concurrency: false, timeout: 5000 }, () => {
  for (const name of ['connect', 'connect_ex'] as const) {
    test(`${name} counts its arguments with the text of Python`, async (context) => {
      const sock = closing(context, new promises.socket());
      const call = sock[name].bind(sock) as (...values: unknown[]) => Promise<unknown>;
      const message = (count: number) =>
        `socket.${name}() takes exactly one argument (${count} given)`;
      await assert.rejects(call(), { name: 'TypeError', message: message(0) });
      await assert.rejects(call(1, 2, {}), { name: 'TypeError', message: message(2) });
    });
  }

  test('accept fails when the listener is shut down while it waits', async (context) => {
    const server = listener(context);
    const promise = promised([server, 'accept']);
    await assertWaits(promise);
    server.shutdown(socket.SHUT_RDWR);
    assert.deepEqual(await settled(promise), { error: 'OSError: EINVAL' });
  });

  test('accept fails at once on what does not listen', async (context) => {
    const sock = closing(context, new socket.socket());
    assert.deepEqual(await settled(promised([sock, 'accept'])), { error: 'OSError: EINVAL' });
  });

  test('connect is refused where nobody listens', async (context) => {
    const address = ['127.0.0.1', refusingPort(context)];
    const refused = { error: 'ConnectionRefusedError: ECONNREFUSED' };
    const first = closing(context, new socket.socket());
    assert.deepEqual(await settled(promised([first, 'connect', address])), refused);
    const second = closing(context, new socket.socket());
    assert.deepEqual(await settled(promised([second, 'connect_ex', address])), { value: 111 });
  });

  test('connect is refused when the listener goes meanwhile', async (context) => {
    const { server, address } = fullListener(context);
    const calls = ['connect', 'connect_ex'].map((method) =>
      promised([closing(context, new socket.socket()), method, address]),
    ) as [Promise<unknown>, Promise<unknown>];
    const created = promises.create_connection(address);
    for (const promise of [...calls, created]) await assertWaits(promise);
    server.close();
    const refused = { error: 'ConnectionRefusedError: ECONNREFUSED' };
    assert.deepEqual(await settled(calls[0]), refused);
    assert.deepEqual(await settled(calls[1]), { value: 111 });
    assert.deepEqual(await settled(created), refused);
  });

  test('connect to a full AF_UNIX listener with a timeout is EAGAIN, as in C', async (context) => {
    const { path } = fullUnixListener(context);
    const sock = closing(context, new socket.socket(socket.AF_UNIX));
    sock.settimeout(5);
    const refused = { error: 'BlockingIOError: EAGAIN' };
    assert.deepEqual(await settled(promised([sock, 'connect', path])), refused);
  });

  test('connect to a full AF_UNIX listener that goes away is refused', async (context) => {
    const { server, path } = fullUnixListener(context);
    const sock = closing(context, new socket.socket(socket.AF_UNIX));
    const promise = promised([sock, 'connect', path]);
    await assertWaits(promise);
    server.close();
    const refused = { error: 'ConnectionRefusedError: ECONNREFUSED' };
    assert.deepEqual(await settled(promise), refused);
  });
});

/** Reads all that has come, until more comes, which is when the sender has gone on. */
async function readOn(peer: socket.socket<number>): Promise<void> {
  peer.setblocking(false);
  try {
    for (;;) peer.recv(65536);
  } catch (error) {
    assert.ok(error instanceof socket.BlockingIOError);
  }
  await peer.promises.recv(1, socket.MSG_PEEK, { timeout: null });
}

describe('timeouts', { concurrency: false, timeout: 20_000 }, () => {
  const CALLS = {
    sendall: () => [new Uint8Array(2 ** 25)],
    sendfile: (context: TestContext) => [openFile(context, 2 ** 23)],
  };
  for (const [name, prepare] of Object.entries(CALLS)) {
    test(`${name} has one deadline of its own, however often something goes`, async (context) => {
      const [sock, peer] = pair(context);
      const clock = new StandingClock(context, 7000);
      const call = [sock, name, ...prepare(context)] as unknown as SocketCall;
      const done = settled(promised(call, { timeout: 7 }));
      await assertWaits(done);
      for (const milliseconds of [3000, 3000, 999]) {
        clock.pass(milliseconds);
        await readOn(peer);
      }
      await assertWaits(done);
      clock.pass(1);
      assert.deepEqual(await done, { error: 'TimeoutError: ETIMEDOUT' });
    });
  }

  test('settimeout() counts anew for sendfile when something went, as in Python', async (context) => {
    const [sock, peer] = pair(context);
    const clock = new StandingClock(context, 7000);
    sock.settimeout(7);
    const done = settled(promised([sock, 'sendfile', openFile(context, 2 ** 23)]));
    for (let round = 0; round < 5; round += 1) {
      await assertWaits(done);
      clock.pass(6999);
      await readOn(peer);
    }
    await assertWaits(done);
    clock.pass(7000);
    assert.deepEqual(await done, { error: 'TimeoutError: ETIMEDOUT' });
  });

  test('a timeout of more than 2^31 milliseconds does not end before its time', async (context) => {
    const [sock, peer] = pair(context);
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const promise = promised([sock, 'recv', 9], { timeout: 1e9 });
    context.mock.timers.tick(2 ** 31);
    await assertWaits(promise);
    context.mock.timers.reset();
    peer.send(byte);
    assert.deepEqual(await settled(promise), { value: 'x' });
  });

  for (const timeout of [-1, Number.NaN, Number.POSITIVE_INFINITY, '1', {}]) {
    test(`a timeout of ${String(timeout)} rejects and takes nothing`, async (context) => {
      const [sock, peer] = pair(context);
      peer.send(byte);
      const outcome = await settled(promised([sock, 'recv', 9], { timeout }));
      assert.match('error' in outcome ? outcome.error : 'none', /^(Value|Overflow|Type)Error: /);
      assert.deepEqual(sock.recv(9), byte);
    });
  }
});

describe('a call that was woken, but robbed', { concurrency: false, timeout: 5000 }, () => {
  for (const [method, prepare] of CASES.filter(([name]) => name.startsWith('recv'))) {
    test(`${method} waits on when the blocking view was first`, async (context) => {
      const { call, actions, value } = prepare(context, null);
      const promise = promised(call);
      await assertWaits(promise);
      act(actions);
      assert.equal(String(socketOf(call).recv(9)), 'data');
      await assertWaits(promise);
      act(actions);
      assert.deepEqual(await settled(promise), { value });
    });
  }

  test('accept waits on when another object on the listener was first', async (context) => {
    const server = listener(context);
    const other = closing(context, server.dup());
    const promise = promised([server, 'accept']);
    await assertWaits(promise);
    const connect = () => closing(context, socket.create_connection(server.getsockname()));
    connect();
    closing(context, other.accept()[0]);
    await assertWaits(promise);
    const address = connect().getsockname();
    assert.deepEqual(await settled(promise), { value: ['socket', address] });
  });

  test('send waits on when somebody else filled the room that came', async (context) => {
    const [sock, peer] = pair(context);
    const total = fill(sock);
    const promise = promised([sock, 'send', byte]);
    await assertWaits(promise);
    act([[peer, 'receive', total]]);
    const again = fill(sock);
    await assertWaits(promise);
    act([[peer, 'receive', again]]);
    assert.deepEqual(await settled(promise), { value: 1 });
  });

  test('an abort after the wake-up but before its turn takes no byte', async (context) => {
    const sock = udp(context);
    const controller = new AbortController();
    const first = promised([sock, 'recv', 9], { signal: controller.signal });
    const second = promised([sock, 'recv', 9]);
    await assertWaits(second);
    sock.sendto(byte, sock.getsockname());
    controller.abort(new Error('no'));
    assert.deepEqual(await settled(first), { error: 'Error: no' });
    assert.deepEqual(await settled(second), { value: 'x' });
  });
});

describe('AF_UNIX datagrams to a full receiver', { concurrency: false, timeout: 5000 }, () => {
  for (const method of ['sendto', 'sendmsg']) {
    for (const isConnected of [false, true]) {
      test(`${method} waits for room, connected: ${isConnected}`, async (context) => {
        const path = unixPath(context);
        const datagram = () =>
          closing(context, new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM));
        const receiver = datagram();
        receiver.bind(path);
        const filler = datagram();
        filler.connect(path);
        fill(filler, byte);
        const sock = datagram();
        if (isConnected) sock.connect(path);
        const args = method === 'sendto' ? [byte, path] : [[byte], [], 0, path];
        const call = [sock, method, ...args] as SocketCall;
        const expired = { error: 'TimeoutError: ETIMEDOUT' };
        assert.deepEqual(await settled(promised(call, { timeout: 0.03 })), expired);
        const promise = promised(call);
        await assertWaits(promise);
        receiver.recv(1);
        assert.deepEqual(await settled(promise), { value: 1 });
      });
    }
  }
});
