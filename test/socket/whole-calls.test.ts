// Calls of blocking sockets that go on after they have moved some bytes: what they show, which
// errors they leave to the next call, and how they begin a connection.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { listener, open, pair, refusingPort, tcpPair, udp } from '../support/sockets.js';
import { PLACES, type SocketCall, strip, Threads } from '../support/threads.js';

const { MSG_FASTOPEN, MSG_PEEK, MSG_WAITALL, SO_LINGER, SOL_SOCKET } = socket;
const RESET = { error: 'ConnectionResetError: ECONNRESET' };
const MANY = 2 ** 25;

let threads: Threads;
before(async () => {
  threads = await Threads.start();
});
after(() => threads.end());

const skip = process.platform !== 'linux' && 'whether a thread waits is read from /proc';

function canBeginWithData(): boolean {
  const CLIENT = 1;
  const setting = readFileSync('/proc/sys/net/ipv4/tcp_fastopen', 'latin1');
  return (Number.parseInt(setting, 10) & CLIENT) !== 0;
}

/** `struct timeval`. */
function timeval(seconds: number): BigInt64Array {
  return new BigInt64Array([0n, BigInt(seconds * 1e6)]);
}

/** A connection, and a call that has its peer reset it. */
function resettable(context: TestContext, sent: string) {
  const { client, accepted } = tcpPair(context);
  if (sent) accepted.send(Buffer.from(sent));
  accepted.setsockopt(SOL_SOCKET, SO_LINGER, Buffer.from(new Int32Array([1, 0]).buffer));
  const last = accepted.dup().detach();
  accepted.close();
  return { sock: client, reset: [last, 'close'] as SocketCall };
}

// The calls that look at four bytes, and what they give where so many of 'abcd' are there.
const LOOKS: readonly [method: string, args: unknown[], value: (seen: string) => unknown][] = [
  ['recv', [4, MSG_PEEK | MSG_WAITALL], (seen) => seen],
  ['recvfrom', [4, MSG_PEEK | MSG_WAITALL], (seen) => [seen, null]],
  ['recvmsg', [4, 0, MSG_PEEK | MSG_WAITALL], (seen) => [seen, [], 0, null]],
];

for (const place of PLACES) {
  describe(`in ${place}`, { skip, timeout: 20_000 }, () => {
    for (const [method, args, value] of LOOKS) {
      test(`${method} with MSG_PEEK and MSG_WAITALL shows each byte once`, async (context) => {
        const { client, accepted } = tcpPair(context);
        accepted.send(Buffer.from('ab'));
        const call = [client, method, ...args] as const;
        const rest = [[accepted, 'send', Buffer.from('cd')]] as const;
        const { outcome } = await threads.callWhile(place, call, null, rest);
        assert.deepEqual(strip(outcome), { value: value('abcd') });
        assert.deepEqual(client.recv(9), Buffer.from('abcd'));
      });

      test(`${method} with both flags shows less at the end`, async (context) => {
        const { client, accepted } = tcpPair(context);
        accepted.send(Buffer.from('ab'));
        const call = [client, method, ...args] as const;
        const end = [[accepted, 'shutdown', socket.SHUT_WR]] as const;
        const { outcome } = await threads.callWhile(place, call, null, end);
        assert.deepEqual(strip(outcome), { value: value('ab') });
      });

      test(`${method} with both flags shows what an AF_UNIX stream has`, async (context) => {
        const [sock, peer] = pair(context);
        peer.send(Buffer.from('ab'));
        const outcome = await threads.call(place, [sock, method, ...args], null);
        assert.deepEqual(strip(outcome), { value: value('ab') });
      });
    }

    for (const method of ['recv', 'recvfrom']) {
      test(`${method} with MSG_WAITALL leaves a reset to the next call`, async (context) => {
        const { sock, reset } = resettable(context, 'ab');
        const call = [sock, method, 4, MSG_WAITALL] as const;
        const { outcome } = await threads.callWhile(place, call, null, [reset]);
        assert.deepEqual(strip(outcome), { value: method === 'recv' ? 'ab' : ['ab', null] });
        assert.deepEqual(strip(await threads.call(place, [sock, 'recv', 4], null)), RESET);
      });
    }

    for (const [method, args] of [
      ['send', [Buffer.alloc(MANY)]],
      ['sendmsg', [[Buffer.alloc(MANY)]]],
    ] as const) {
      test(`${method} leaves a reset to the next call once some bytes went`, async (context) => {
        const { sock, reset } = resettable(context, '');
        const call = [sock, method, ...args] as const;
        const { outcome } = await threads.callWhile(place, call, null, [reset]);
        const sent = outcome.value as number;
        assert.ok(sent > 0 && sent < MANY, `sent ${sent}`);
        assert.deepEqual(strip(await threads.call(place, call, null)), RESET);
      });
    }

    test('send leaves a reset to the next call that comes after a while', async (context) => {
      const { sock, reset } = resettable(context, '');
      const clock = udp(context);
      clock.setsockopt(SOL_SOCKET, socket.SO_RCVTIMEO, Buffer.from(timeval(0.3).buffer));
      const call = [sock, 'send', Buffer.alloc(MANY)] as const;
      const later = [clock, 'recv', 1] as const;
      const { outcome } = await threads.callWhile(place, call, null, [later, reset]);
      assert.ok((outcome.value as number) > 0, JSON.stringify(outcome));
      assert.deepEqual(strip(await threads.call(place, call, null)), RESET);
    });

    describe('MSG_FASTOPEN', {
      skip: !canBeginWithData() && 'the system does not allow it',
    }, () => {
      for (const [method, args] of [
        ['sendto', (address: unknown) => [Buffer.from('data'), MSG_FASTOPEN, address]],
        ['sendmsg', (address: unknown) => [[Buffer.from('data')], [], MSG_FASTOPEN, address]],
      ] as const) {
        test(`${method} connects and sends`, async (context) => {
          const server = listener(context);
          const sock = open(context, socket.AF_INET, socket.SOCK_STREAM);
          const call = [sock, method, ...args(server.getsockname())] as const;
          assert.deepEqual(strip(await threads.call(place, call, null)), { value: 4 });
          const [accepted] = server.accept();
          using _closing = accepted;
          assert.deepEqual(accepted.recv(9), Buffer.from('data'));
        });

        test(`${method} is refused where nobody listens`, async (context) => {
          const sock = open(context, socket.AF_INET, socket.SOCK_STREAM);
          const call = [sock, method, ...args(['127.0.0.1', refusingPort(context)])] as const;
          const outcome = { error: 'ConnectionRefusedError: ECONNREFUSED' };
          assert.deepEqual(strip(await threads.call(place, call, null)), outcome);
        });
      }
    });
  });
}
