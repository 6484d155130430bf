// What reading calls give on sockets that were shut down for reading, where no peer ends anything:
// the kernel says EAGAIN to whoever must not wait, and the end to whoever may.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { assertWaits, promised, settled } from '../support/promised.js';
import { closing, pair, udp } from '../support/sockets.js';
import { callHere, PLACES, type SocketCall, strip, Threads } from '../support/threads.js';
import { ENDED, STREAM_METHODS } from '../support/waits.js';

let threads: Threads;
before(async () => {
  threads = await Threads.start();
});
after(() => threads.end());

const skip = process.platform !== 'linux' && 'whether a thread waits is read from /proc';

const ARGUMENTS: Readonly<Record<string, () => unknown[]>> = {
  recv: () => [9],
  recv_into: () => [new Uint8Array(9)],
  recvfrom: () => [9],
  recvfrom_into: () => [new Uint8Array(9)],
  recvmsg: () => [9, 64],
  recvmsg_into: () => [[new Uint8Array(9)], 64],
};

const KINDS: Readonly<Record<string, (context: TestContext) => socket.socket<number>>> = {
  'a UDP socket': (context) => {
    const sock = udp(context);
    sock.connect(sock.getsockname());
    return sock;
  },
  'an AF_UNIX datagram socket': (context) => pair(context, socket.SOCK_DGRAM)[0],
};

interface Case {
  readonly title: string;
  readonly open: (context: TestContext) => SocketCall;
  readonly outcome: object;
}

const CASES: readonly Case[] = [
  ...Object.entries(KINDS).flatMap(([kind, open]) =>
    STREAM_METHODS.filter((method) => method in ARGUMENTS).map((method) => ({
      title: `${method} of ${kind}`,
      open: (context: TestContext) =>
        [open(context), method, ...(ARGUMENTS[method] as () => unknown[])()] as const,
      outcome: ENDED[method] as object,
    })),
  ),
  {
    title: 'accept of an AF_UNIX listener',
    open: (context) => {
      const sock = closing(context, new socket.socket(socket.AF_UNIX));
      sock.bind('');
      sock.listen();
      return [sock, 'accept'];
    },
    outcome: { error: 'OSError: EINVAL' },
  },
];

function shut([sock]: SocketCall): SocketCall {
  return [sock, 'shutdown', socket.SHUT_RD];
}

for (const place of PLACES) {
  describe(`shut down for reading, in ${place}`, { skip, timeout: 20_000 }, () => {
    for (const { title, open, outcome } of CASES) {
      test(`${title} ends at once`, async (context) => {
        const call = open(context);
        callHere(shut(call));
        assert.deepEqual(strip(await threads.call(place, call, null)), outcome);
      });

      test(`${title} ends while it waits`, async (context) => {
        const call = open(context);
        const { outcome: ended } = await threads.callWhile(place, call, null, [shut(call)]);
        assert.deepEqual(strip(ended), outcome);
      });
    }

    test('datagrams that came before are received first', async (context) => {
      const [sock, peer] = pair(context, socket.SOCK_DGRAM);
      peer.send(Buffer.from('before'));
      sock.shutdown(socket.SHUT_RD);
      const first = await threads.call(place, [sock, 'recv', 9], null);
      assert.deepEqual(strip(first), { value: 'before' });
      assert.deepEqual(strip(await threads.call(place, [sock, 'recv', 9], null)), { value: '' });
    });
  });
}

describe('shut down for reading, awaited', { timeout: 20_000 }, () => {
  for (const { title, open, outcome } of CASES) {
    test(`${title} ends at once, and again`, async (context) => {
      const call = open(context);
      callHere(shut(call));
      assert.deepEqual(await settled(promised(call)), outcome);
      assert.deepEqual(await settled(promised(call)), outcome);
    });

    test(`${title} ends while it waits`, async (context) => {
      const call = open(context);
      const promise = promised(call);
      await assertWaits(promise);
      callHere(shut(call));
      assert.deepEqual(await settled(promise), outcome);
    });
  }

  test('recvmmsg gives a message with nothing in it', async (context) => {
    const [sock] = pair(context, socket.SOCK_DGRAM);
    sock.shutdown(socket.SHUT_RD);
    assert.deepEqual(await sock.promises.recvmmsg(3, 9), [[Buffer.alloc(0), [], 0, null]]);
  });

  test('what must not wait is told that nothing is there', async (context) => {
    const [sock] = pair(context, socket.SOCK_DGRAM);
    sock.shutdown(socket.SHUT_RD);
    const outcome = { error: 'BlockingIOError: EAGAIN' };
    assert.deepEqual(await settled(sock.promises.recv(9, { timeout: 0 })), outcome);
  });
});
