// A number that is closed, and in use again in the same turn, while awaited calls wait on it.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import * as socket from 'berkeley-sockets';
import { type Decoy, decoyFor } from '../support/decoys.js';
import { closeUnseen } from '../support/descriptors.js';
import { start } from '../support/process.js';
import { assertWaits, promised, settled } from '../support/promised.js';
import { pair, tcpPair, udp } from '../support/sockets.js';
import { callHere, type SocketCall } from '../support/threads.js';
import { fill, openFile, WAITS } from '../support/waits.js';

const options = { concurrency: false, timeout: 30_000 };
const lost = { error: 'OSError: EBADF' };
const TURNS = 5;

type Sock = socket.socket<number>;

/** Ways to close a number; those that tell the package of it end what waits. */
const CLOSINGS: Readonly<Record<string, (sock: Sock, fd: number) => void>> = {
  'close()': (sock) => sock.close(),
  'close() of the other view': (sock) => sock.promises.close(),
  'detach() and the module’s close()'(sock) {
    socket.close(sock.detach());
  },
  'the module’s close()': (_sock, fd) => socket.close(fd),
  'somebody who tells nobody': (_sock, fd) => closeUnseen(fd),
};

const MUCH = Buffer.alloc(2 ** 22, 'much ');

/** Calls that wait besides those that may be made in every place. */
const MORE: Readonly<Record<string, (context: TestContext) => Wait>> = {
  'sendall, of which a part went': (context) => partly(context, 'sendall', [MUCH]),
  'sendfile, of which a part went': (context) =>
    partly(context, 'sendfile', [openFile(context, MUCH.length)]),
  recvmmsg: (context) => datagrams(context, 'recvmmsg', [3, 99]),
  recvmmsg_into: (context) => datagrams(context, 'recvmmsg_into', [new socket.MessageBatch(3, 99)]),
  recv_segmented: (context) => datagrams(context, 'recv_segmented', [99]),
  recv_segmented_into: (context) => datagrams(context, 'recv_segmented_into', [Buffer.alloc(99)]),
  sendmmsg: (context) => full(context, 'sendmmsg', [[Buffer.from('a'), Buffer.from('b')]]),
};

interface Wait {
  readonly call: SocketCall;
  readonly actions: readonly SocketCall[];
}

function partly(context: TestContext, method: string, args: unknown[]): Wait {
  const [sock, peer] = pair(context);
  return { call: [sock, method, ...args], actions: [[peer, 'recv', MUCH.length]] };
}

function full(context: TestContext, method: string, args: unknown[]): Wait {
  const [sock, peer] = pair(context);
  fill(sock);
  return { call: [sock, method, ...args], actions: [[peer, 'recv', MUCH.length]] };
}

function datagrams(context: TestContext, method: string, args: unknown[]): Wait {
  const sock = udp(context);
  const sender = udp(context);
  const action: SocketCall = [sender, 'sendto', Buffer.from('data'), sock.getsockname()];
  return { call: [sock, method, ...args], actions: [action] };
}

/** Closes a number for which something waits, has a stranger take it, and wakes what waited. */
async function swap(
  sock: Sock,
  decoy: Decoy,
  close: (sock: Sock, fd: number) => void,
  actions: readonly SocketCall[],
): Promise<void> {
  const fd = sock.fileno();
  close(sock, fd);
  decoy.take(fd);
  // What would have let the call go on; the other end may be gone by now.
  for (const action of actions) callHere(action);
  for (let count = 0; count < TURNS; count += 1) await turn();
  // The object must not close the stranger's number in the end; who still waits hears of it now.
  if (sock.fileno() >= 0) sock.detach();
}

for (const [how, close] of Object.entries(CLOSINGS)) {
  describe(`closed by ${how}, a number is not touched by`, options, () => {
    const waits = {
      ...Object.fromEntries(
        Object.entries(WAITS).map(([method, prepare]) => [
          method,
          (context: TestContext): Wait => prepare(context, 20),
        ]),
      ),
      ...MORE,
    };
    for (const [what, prepare] of Object.entries(waits)) {
      test(what, async (context) => {
        const { call, actions } = prepare(context);
        const [sock, method] = call as [Sock, string];
        const decoy = decoyFor(method, sock);
        const promise = promised(call);
        await assertWaits(promise);
        await swap(sock, decoy, close, actions);
        assert.deepEqual(await settled(promise), lost);
        decoy.assertUntouched();
      });
    }

    for (const method of ['connections', 'datagrams'] as const) {
      test(`an iteration: ${method}`, async (context) => {
        const sock = method === 'connections' ? listening(context) : udp(context);
        const decoy = decoyFor(method === 'connections' ? 'accept' : 'recvfrom', sock);
        const view = sock.promises;
        const items = method === 'connections' ? view.connections() : view.datagrams(99);
        const next = items.next();
        next.catch(() => {});
        await assertWaits(next);
        await swap(sock, decoy, close, []);
        await assert.rejects(next, { code: 'EBADF' });
        decoy.assertUntouched();
      });
    }

    test('several calls behind each other', async (context) => {
      const [sock] = pair(context);
      const decoy = decoyFor('recv', sock);
      const promises = [1, 2, 3].map(() => promised([sock, 'recv', 99]));
      await assertWaits(promises[0] as Promise<unknown>);
      await swap(sock, decoy, close, []);
      for (const promise of promises) assert.ok('error' in (await settled(promise)));
      decoy.assertUntouched();
    });
  });
}

test('another process that closes the socket ends nothing here', options, async (context) => {
  const { client, accepted } = tcpPair(context);
  const [here, there] = socket.socketpair();
  const child = start(context, 'robber', [], {
    stdio: ['ignore', 'ignore', 'inherit', client.fileno(), there.fileno()],
  });
  there.close();
  // It has the socket when it says so, and closes it when it ends.
  assert.equal((await here.promises.recv(1)).length, 1);
  const reading = promised([client, 'recv', 9]);
  await assertWaits(reading);
  here.close();
  assert.equal((await child.ended).code, 0);
  await assertWaits(reading);
  accepted.send(Buffer.from('x'));
  assert.deepEqual(await settled(reading), { value: 'x' });
});

function listening(context: TestContext): Sock {
  const sock = socket.create_server(['127.0.0.1', 0]);
  context.after(() => sock.close());
  return sock;
}
