// What a blocking socket promises in the main thread and in a worker alike: whole messages, whole
// sends, and the modes and timeouts of a descriptor that are not the socket object's.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { fullListener, fullUnixListener } from '../support/hanging.js';
import { closing, listener, pair, tcpPair, udp } from '../support/sockets.js';
import { assertElapsed, PLACES, strip, Threads } from '../support/threads.js';
import { fill, openFile } from '../support/waits.js';

const { MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL, SO_RCVTIMEO, SO_SNDTIMEO, SOL_SOCKET } = socket;

let threads: Threads;
before(async () => {
  threads = await Threads.start();
});
after(() => threads.end());

const skip = process.platform !== 'linux' && 'whether a thread waits is read from /proc';
const byte = Buffer.from('x');
const room = () => new Uint8Array(4);
const MANY = 2 ** 22;

/** A connection of each kind: a stream of AF_UNIX and one of TCP. */
const STREAMS: Record<string, (context: TestContext) => readonly socket.socket<number>[]> = {
  'an AF_UNIX stream': (context) => pair(context),
  'a TCP connection': (context) => {
    const { client, accepted } = tcpPair(context);
    return [client, accepted];
  },
};

// The calls that receive four bytes, and what they give.
const WHOLE: [method: string, args: () => unknown[], value: unknown][] = [
  ['recv', () => [4, MSG_WAITALL], 'abcd'],
  ['recv_into', () => [room(), 4, MSG_WAITALL], 4],
  ['recvfrom', () => [4, MSG_WAITALL], ['abcd', null]],
  ['recvfrom_into', () => [room(), 4, MSG_WAITALL], [4, null]],
  ['recvmsg', () => [4, 0, MSG_WAITALL], ['abcd', [], 0, null]],
  [
    'recvmsg_into',
    () => [[new Uint8Array(3), new Uint8Array(1)], 0, MSG_WAITALL],
    [4, [], 0, null],
  ],
];

const huge = () => new Uint8Array(new SharedArrayBuffer(MANY)).fill(1);

// The calls that send megabytes, and what they give.
const ENTIRE: [method: string, args: (sock: socket.socket<number>) => unknown[], value: unknown][] =
  [
    ['send', () => [huge()], MANY],
    ['sendall', () => [huge()], undefined],
    ['sendmsg', () => [[huge().subarray(5), huge().subarray(0, 5)]], MANY],
    ['sendto', () => [huge(), ['127.0.0.1', 9]], MANY],
  ];

/** Seconds as a `struct timeval`. */
function timeval(seconds: number): BigInt64Array {
  return new BigInt64Array([0n, BigInt(seconds * 1e6)]);
}

for (const place of PLACES) {
  describe(`in ${place}`, { skip, concurrency: false }, () => {
    for (const [kind, connect] of Object.entries(STREAMS)) {
      for (const [method, args, value] of WHOLE) {
        test(`${method} with MSG_WAITALL waits for all of it, from ${kind}`, async (context) => {
          const [peer, sock] = connect(context) as [socket.socket, socket.socket];
          peer.send(Buffer.from('ab'));
          const { outcome } = await threads.callWhile(place, [sock, method, ...args()], null, [
            [peer, 'send', Buffer.from('cd')],
          ]);
          assert.deepEqual(strip(outcome), { value });
        });

        test(`${method} with MSG_WAITALL gives less at the end of ${kind}`, async (context) => {
          const [peer, sock] = connect(context) as [socket.socket, socket.socket];
          peer.send(Buffer.from('ab'));
          const { outcome } = await threads.callWhile(place, [sock, method, ...args()], null, [
            [peer, 'shutdown', socket.SHUT_WR],
          ]);
          const less = JSON.stringify(value).replace('abcd', 'ab').replace(/\b4\b/, '2');
          assert.deepEqual(strip(outcome), { value: JSON.parse(less) });
        });
      }

      for (const [method, args, value] of ENTIRE) {
        // A stream of AF_UNIX refuses an address, one of TCP overlooks it.
        if (method === 'sendto' && kind === 'an AF_UNIX stream') continue;
        test(`one ${method} sends megabytes over ${kind}`, async (context) => {
          const [sock, peer] = connect(context) as [socket.socket, socket.socket];
          const { outcome, acted } = await threads.callWhile(
            place,
            [sock, method, ...args(sock)],
            null,
            [[peer, 'receive', MANY]],
          );
          assert.deepEqual(strip(outcome), { value });
          assert.equal(acted[0]?.value, MANY);
        });
      }

      test(`one sendfile sends megabytes over ${kind}`, async (context) => {
        const [sock, peer] = connect(context) as [socket.socket, socket.socket];
        const file = openFile(context, MANY);
        for (const timeout of [null, 20]) {
          const { outcome, acted } = await threads.callWhile(
            place,
            [sock, 'sendfile', file],
            timeout,
            [[peer, 'receive', MANY]],
          );
          assert.deepEqual(strip(outcome), { value: MANY });
          assert.equal(acted[0]?.value, MANY);
        }
      });
    }

    test('MSG_WAITALL gives what there is on a socket with a timeout', async (context) => {
      const [peer, sock] = pair(context);
      peer.send(Buffer.from('ab'));
      const outcome = await threads.call(place, [sock, 'recv', 4, MSG_WAITALL], 20);
      assert.deepEqual(strip(outcome), { value: 'ab' });
    });

    test('MSG_WAITALL is nothing to a datagram', async (context) => {
      const sock = udp(context);
      udp(context).sendto(Buffer.from('ab'), sock.getsockname());
      const outcome = await threads.call(place, [sock, 'recv', 4, MSG_WAITALL], null);
      assert.deepEqual(strip(outcome), { value: 'ab' });
    });

    test('MSG_WAITALL with MSG_PEEK takes nothing away', async (context) => {
      const [peer, sock] = pair(context);
      peer.send(Buffer.from('abcd'));
      const flags = MSG_WAITALL | MSG_PEEK;
      const outcome = await threads.call(place, [sock, 'recv', 4, flags], null);
      assert.deepEqual(strip(outcome), { value: 'abcd' });
      assert.deepEqual(sock.recv(9), Buffer.from('abcd'));
    });

    test('MSG_DONTWAIT does not wait where there is no timeout', async (context) => {
      const [peer, sock] = pair(context);
      const nothing = { error: 'BlockingIOError: EAGAIN' };
      const receive = await threads.call(place, [sock, 'recv', 4, MSG_DONTWAIT], null);
      assert.deepEqual(strip(receive), nothing);
      fill(peer);
      const send = await threads.call(place, [peer, 'send', byte, MSG_DONTWAIT], null);
      assert.deepEqual(strip(send), nothing);
    });

    test('a descriptor that is O_NONBLOCK makes no call wait', async (context) => {
      const [peer, full] = pair(context);
      fill(full);
      const server = listener(context);
      const hanging = closing(context, new socket.socket());
      const { address } = fullListener(context);
      const { path } = fullUnixListener(context);
      const unix = closing(context, new socket.socket(socket.AF_UNIX));
      const calls = [
        [[peer, 'recvmsg', 1], undefined],
        [[full, 'recv', 1], 'EAGAIN'],
        [[full, 'recvfrom', 1], 'EAGAIN'],
        [[full, 'recvmsg', 1], 'EAGAIN'],
        [[full, 'send', byte], 'EAGAIN'],
        [[full, 'sendall', byte], 'EAGAIN'],
        [[full, 'sendmsg', [byte]], 'EAGAIN'],
        [[server, 'accept'], 'EAGAIN'],
        [[hanging, 'connect', address], 'EINPROGRESS'],
        [[unix, 'connect', path], 'EAGAIN'],
      ] as const;
      for (const [[sock, method, ...args], errno] of calls) {
        // Another object of the same descriptor sets the flag, and this one does not know.
        const fd = sock.dup();
        fd.setblocking(false);
        fd.close();
        const twin = closing(
          context,
          new socket.socket<number>({ fileno: socket.dup(sock.fileno()) }),
        );
        assert.equal(twin.gettimeout(), null);
        const outcome = await threads.call(place, [twin, method, ...args]);
        const expected = errno === undefined ? undefined : `BlockingIOError: ${errno}`;
        assert.equal(outcome.error, expected, method);
      }
    });

    test('SO_RCVTIMEO ends what receives with BlockingIOError', async (context) => {
      const server = listener(context);
      const [, stream] = pair(context);
      const datagram = udp(context);
      for (const sock of [server, stream, datagram]) {
        (sock as socket.socket<number>).setsockopt(SOL_SOCKET, SO_RCVTIMEO, timeval(0.1));
      }
      for (const call of [
        [server, 'accept'],
        [stream, 'recv', 1],
        [datagram, 'recvfrom', 1],
        [datagram, 'recvmsg', 1],
      ] as const) {
        const outcome = await threads.call(place, call, null);
        assert.deepEqual(strip(outcome), { error: 'BlockingIOError: EAGAIN' });
        assertElapsed(outcome, 0.1);
      }
    });

    test('SO_SNDTIMEO ends what sends or connects with BlockingIOError', async (context) => {
      const [full] = pair(context);
      fill(full);
      const { address } = fullListener(context);
      const { path } = fullUnixListener(context);
      const tcp = closing(context, new socket.socket());
      const unix = closing(context, new socket.socket(socket.AF_UNIX));
      for (const sock of [full, tcp, unix]) {
        (sock as socket.socket<number>).setsockopt(SOL_SOCKET, SO_SNDTIMEO, timeval(0.1));
      }
      for (const [call, errno] of [
        [[full, 'send', byte], 'EAGAIN'],
        [[full, 'sendmsg', [byte]], 'EAGAIN'],
        [[full, 'sendall', byte], 'EAGAIN'],
        [[tcp, 'connect', address], 'EINPROGRESS'],
        [[unix, 'connect', path], 'EAGAIN'],
      ] as const) {
        const outcome = await threads.call(place, call, null);
        assert.deepEqual(strip(outcome), { error: `BlockingIOError: ${errno}` });
        assertElapsed(outcome, 0.1);
      }
    });

    test('a call that waits does not notice that others set a timeout', async (context) => {
      const [peer, sock] = pair(context);
      const { outcome } = await threads.callWhile(place, [sock, 'recv', 9], null, [
        [sock, 'settimeout', 0.01],
        [peer, 'send', byte],
      ]);
      assert.deepEqual(strip(outcome), { value: 'x' });
    });
  });
}
