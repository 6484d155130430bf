// Calls that wait, in the main thread and in a worker: how each of them begins and ends to.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { untilQueued } from '../support/descriptors.js';
import { fullListener } from '../support/hanging.js';
import { cannotOn, STRANGE_DESCRIPTOR } from '../support/runtime.js';
import { closing, listener, pair, refusingPort, udp, unixPath } from '../support/sockets.js';
import { assertElapsed, callHere, PLACES, strip, Thread, Threads } from '../support/threads.js';
import { ENDED, fill, STREAM_METHODS, streamWait, WAITS } from '../support/waits.js';

let threads: Threads;
before(async () => {
  threads = await Threads.start();
});
after(() => threads.end());

const skip = process.platform !== 'linux' && 'whether a thread waits is read from /proc';
const byte = Buffer.from('x');

for (const place of PLACES) {
  describe(`in ${place}`, { skip, concurrency: false }, () => {
    for (const [method, prepare] of Object.entries(WAITS)) {
      for (const timeout of [null, 20, 0]) {
        // sendfile is for sockets that wait, and an attempt to connect is never done at once.
        if (timeout === 0 && (method === 'sendfile' || method === 'connect')) continue;
        test(`${method} does not wait when it need not, timeout ${timeout}`, async (context) => {
          const { call, actions, value } = prepare(context, timeout);
          for (const action of actions) assert.equal(callHere(action).error, undefined);
          if (method === 'accept') await untilQueued(call[0] as socket.socket);
          assert.deepEqual(strip(await threads.call(place, call, timeout)), { value });
        });
      }

      for (const timeout of [null, 20]) {
        test(`${method} waits until it can go on, timeout ${timeout}`, async (context) => {
          const { call, actions, value } = prepare(context, timeout);
          const { outcome, acted } = await threads.callWhile(place, call, timeout, actions);
          for (const { error } of acted) assert.equal(error, undefined);
          assert.deepEqual(strip(outcome), { value });
        });
      }

      test(`${method} ends with TimeoutError when the timeout has passed`, async (context) => {
        const { call } = prepare(context, 0.1);
        const outcome = await threads.call(place, call, 0.1);
        assert.deepEqual(strip(outcome), { error: 'TimeoutError: timed out' });
        assertElapsed(outcome, 0.1);
      });
    }

    for (const method of STREAM_METHODS) {
      // What sendfile(2) refuses is read with node:fs.
      const isRead = method === 'sendfile' && place === 'a worker';
      const options = { skip: isRead && cannotOn(STRANGE_DESCRIPTOR) };
      for (const timeout of [null, 20]) {
        test(
          `${method} fails at once without a peer, timeout ${timeout}`,
          options,
          async (context) => {
            const { call } = streamWait(context, method);
            const sock = closing(context, new socket.socket());
            const [, , ...args] = call;
            const error = method.startsWith('send')
              ? 'BrokenPipeError: EPIPE'
              : 'OSError: ENOTCONN';
            assert.deepEqual(strip(await threads.call(place, [sock, method, ...args], timeout)), {
              error,
            });
          },
        );

        test(
          `${method} fails when the peer resets while it waits, ${timeout}`,
          options,
          async (context) => {
            const { call, peer } = streamWait(context, method);
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, new Int32Array([1, 0]));
            const { outcome } = await threads.callWhile(place, call, timeout, [
              [peer.detach(), 'close'],
            ]);
            // The first error of sendfile(2) has it try with send(), which finds the stream broken.
            const error =
              method === 'sendfile' ? 'BrokenPipeError: EPIPE' : 'ConnectionResetError: ECONNRESET';
            assert.deepEqual(strip(outcome), { error });
          },
        );

        test(
          `${method} ends when it is shut down while it waits, ${timeout}`,
          options,
          async (context) => {
            const { call, client } = streamWait(context, method);
            const { outcome } = await threads.callWhile(place, call, timeout, [
              [client, 'shutdown', socket.SHUT_RDWR],
            ]);
            assert.deepEqual(strip(outcome), ENDED[method] ?? { error: 'BrokenPipeError: EPIPE' });
          },
        );
      }
    }

    for (const timeout of [null, 20]) {
      test(`accept fails when it is shut down while it waits, ${timeout}`, async (context) => {
        const server = listener(context);
        const { outcome } = await threads.callWhile(place, [server, 'accept'], timeout, [
          [server, 'shutdown', socket.SHUT_RDWR],
        ]);
        assert.deepEqual(strip(outcome), { error: 'OSError: EINVAL' });
      });

      test(`accept fails at once on what does not listen, ${timeout}`, async (context) => {
        const sock = closing(context, new socket.socket());
        const outcome = await threads.call(place, [sock, 'accept'], timeout);
        assert.deepEqual(strip(outcome), { error: 'OSError: EINVAL' });
      });

      test(`connect is refused at once where nobody listens, ${timeout}`, async (context) => {
        const sock = closing(context, new socket.socket());
        const address = ['127.0.0.1', refusingPort(context)];
        const outcome = await threads.call(place, [sock, 'connect', address], timeout);
        assert.deepEqual(strip(outcome), { error: 'ConnectionRefusedError: ECONNREFUSED' });
      });

      test(`connect is refused when the listener goes meanwhile, ${timeout}`, async (context) => {
        const { server, address } = fullListener(context);
        const sock = closing(context, new socket.socket());
        const { outcome } = await threads.callWhile(place, [sock, 'connect', address], timeout, [
          [server.detach(), 'close'],
        ]);
        assert.deepEqual(strip(outcome), { error: 'ConnectionRefusedError: ECONNREFUSED' });
      });
    }

    test('sendall has one deadline, however often something goes', async (context) => {
      const [sock, peer] = pair(context);
      const stop = new Int32Array(new SharedArrayBuffer(4));
      const huge = new Uint8Array(new SharedArrayBuffer(2 ** 26));
      const waiter = place === 'a worker' ? threads.caller.number : process.pid;
      const trickle = { fd: peer.fileno(), method: 'trickle', args: [stop] };
      const acting = threads.actor.run({ calls: [trickle], waiter });
      const outcome = await threads.call(place, [sock, 'sendall', huge], 0.3);
      Atomics.store(stop, 0, 1);
      const { outcomes } = await acting;
      assert.deepEqual(strip(outcome), { error: 'TimeoutError: timed out' });
      assertElapsed(outcome, 0.3);
      assert.ok((outcomes[0]?.value as number) > 0);
    });

    test('a datagram to a full queue runs out of time, connected or not', async (context) => {
      const path = unixPath(context);
      const receiver = closing(context, new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM));
      receiver.bind(path);
      const filler = closing(context, new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM));
      filler.connect(path);
      fill(filler, byte);
      const sock = closing(context, new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM));
      for (const call of [
        [sock, 'sendto', byte, path],
        [sock, 'sendmsg', [byte], [], 0, path],
      ] as const) {
        const outcome = await threads.call(place, call, 0.1);
        assert.deepEqual(strip(outcome), { error: 'TimeoutError: timed out' });
        assertElapsed(outcome, 0.1);
      }
    });

    for (const timeout of [2_147_483.648, 4_294_967.296, 1e9, 9_223_372_036]) {
      test(`a timeout of ${timeout} seconds does not end before its time`, async (context) => {
        const [sock, peer] = pair(context);
        const call = [sock, 'recv', 9] as const;
        const { outcome } = await threads.callWhile(place, call, timeout, [[peer, 'send', byte]]);
        assert.deepEqual(strip(outcome), { value: 'x' });
      });
    }
  });
}

describe('two threads that wait for one datagram', { skip }, () => {
  for (const timeout of [null, 20]) {
    test(`get one each, and the robbed one waits on, timeout ${timeout}`, async (context) => {
      const sock = udp(context);
      const other = await Thread.start();
      try {
        const call = { fd: sock.fileno(), method: 'recv', args: [9], timeout };
        const racing = [threads.caller, other].map((thread) => thread.run({ calls: [call] }));
        // The actor sends when both wait, and again when the one that was robbed still does.
        const send = { fd: sock.fileno(), method: 'sendto', args: [byte, sock.getsockname()] };
        for (const thread of [threads.caller, other]) {
          await threads.actor.run({ calls: [], waiter: thread.number });
        }
        await threads.actor.run({ calls: [send] });
        const robbed = await Promise.race([
          racing[0]?.then(() => other),
          racing[1]?.then(() => threads.caller),
        ]);
        await threads.actor.run({ calls: [send], waiter: robbed?.number });
        for (const { outcomes } of await Promise.all(racing)) {
          assert.deepEqual(outcomes[0] && strip(outcomes[0]), { value: 'x' });
        }
      } finally {
        await other.end();
      }
    });
  }

  for (const timeout of [null, 20]) {
    test(`get one each when one is the main thread, timeout ${timeout}`, async (context) => {
      const sock = udp(context);
      const address = sock.getsockname();
      const call = { fd: sock.fileno(), method: 'recv', args: [9], timeout };
      const racing = threads.caller.run({ calls: [call] });
      await threads.actor.run({ calls: [], waiter: threads.caller.number });
      const { outcome } = await threads.callWhile('the main thread', [sock, 'recv', 9], timeout, [
        [sock, 'sendto', byte, address],
        [sock, 'sendto', byte, address],
      ]);
      const { outcomes } = await racing;
      assert.deepEqual([outcome, ...outcomes].map(strip), [{ value: 'x' }, { value: 'x' }]);
    });
  }
});
