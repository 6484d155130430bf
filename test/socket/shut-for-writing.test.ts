// What calls get that wait to write to an AF_UNIX stream when one of its ends shuts that down: the
// kernel wakes who waits in it, but tells poll(2) and epoll(7) nothing.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { toStream } from 'berkeley-sockets/interop';
import { assertWaits, promised, settled } from '../support/promised.js';
import { pair } from '../support/sockets.js';
import { callHere, PLACES, type SocketCall, strip, Threads } from '../support/threads.js';
import { fill, openFile } from '../support/waits.js';

let threads: Threads;
before(async () => {
  threads = await Threads.start();
});
after(() => threads.end());

const skip = process.platform !== 'linux' && 'whether a thread waits is read from /proc';
const byte = Buffer.from('x');
const broken = { error: 'BrokenPipeError: EPIPE' };
const { SHUT_RD, SHUT_WR } = socket;

const ARGUMENTS: Readonly<Record<string, (context: TestContext) => unknown[]>> = {
  send: () => [byte],
  sendall: () => [byte],
  sendmsg: () => [[byte]],
  sendfile: (context) => [openFile(context, 10)],
};

/** Who shuts writing down, of the socket that waits and its peer. */
const ENDS: Readonly<
  Record<string, (sock: socket.socket<number>, peer: socket.socket<number>) => SocketCall>
> = {
  'its own end': (sock) => [sock, 'shutdown', SHUT_WR],
  'its peer': (_sock, peer) => [peer, 'shutdown', SHUT_RD],
};

for (const [end, shut] of Object.entries(ENDS)) {
  for (const [method, args] of Object.entries(ARGUMENTS)) {
    for (const place of PLACES) {
      test(`${method} in ${place} fails when ${end} shuts it down`, { skip }, async (context) => {
        const [sock, peer] = pair(context);
        fill(sock);
        const call = [sock, method, ...args(context)] as const;
        const { outcome } = await threads.callWhile(place, call, null, [shut(sock, peer)]);
        assert.deepEqual(strip(outcome), broken);
      });
    }

    test(`${method} that is awaited fails when ${end} shuts it down`, async (context) => {
      const [sock, peer] = pair(context);
      fill(sock);
      const sending = promised([sock, method, ...args(context)]);
      await assertWaits(sending);
      callHere(shut(sock, peer));
      assert.deepEqual(await settled(sending), broken);
    });
  }

  test(`a stream that writes fails when ${end} shuts it down`, async (context) => {
    const [sock, peer] = pair(context);
    const stream = toStream(sock);
    fill(sock);
    stream.write(byte);
    const failed = once(stream, 'error');
    callHere(shut(sock, peer));
    assert.equal(((await failed)[0] as NodeJS.ErrnoException).code, 'EPIPE');
  });
}

describe('a send of some megabytes', { skip }, () => {
  for (const place of PLACES) {
    test(`in ${place} gives what went before it was shut down`, async (context) => {
      const [sock] = pair(context);
      const data = Buffer.alloc(2 ** 22);
      const action = [sock, 'shutdown', SHUT_WR] as const;
      const call = [sock, 'send', data] as const;
      const { outcome } = await threads.callWhile(place, call, null, [action]);
      const sent = outcome.value as number;
      assert.ok(sent > 0 && sent < data.length, JSON.stringify(outcome));
    });
  }
});
