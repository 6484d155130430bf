// Calls that were woken although another process had taken what they waited for: they wait on.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { wait_readable, wait_writable } from 'berkeley-sockets/promises';
import { start } from '../support/process.js';
import { assertWaits, promised, settled } from '../support/promised.js';
import { closing, pair, tcpPair } from '../support/sockets.js';
import { callHere, type SocketCall } from '../support/threads.js';
import { fill, WAITS } from '../support/waits.js';

const options = { concurrency: false, timeout: 20_000 };

/** Another process that has the socket, too, and does what it is told while this one stands still. */
class Robber {
  private constructor(private readonly control: socket.socket<number>) {}

  static async of(context: TestContext, sock: socket.socket<number>): Promise<Robber> {
    const [here, there] = socket.socketpair();
    closing(context, here);
    start(context, 'robber', [], {
      stdio: ['ignore', 'ignore', 'inherit', sock.fileno(), there.fileno()],
    });
    there.close();
    await here.promises.recv(16);
    return new Robber(here);
  }

  /** Gives the number that the other process says it got or did. */
  rob(how: string): number {
    this.control.send(Buffer.from(how));
    return Number(this.control.recv(16));
  }
}

function act(actions: readonly SocketCall[]): void {
  for (const action of actions) assert.equal(callHere(action).error, undefined);
}

function robberyOf(method: string): string {
  if (method === 'accept') return 'accept';
  return method.startsWith('send') ? 'fill' : 'receive';
}

describe('a call that was woken, but robbed by another process', options, () => {
  for (const [method, prepare] of Object.entries(WAITS)) {
    // Nobody but the socket itself can have its connection.
    if (method === 'connect') continue;
    test(`${method} waits on`, async (context) => {
      const { call, actions, value } = prepare(context, null);
      const sock = call[0] as socket.socket<number>;
      const robber = await Robber.of(context, sock);
      const promise = promised(call);
      await assertWaits(promise);
      act(actions);
      const robbed = robber.rob(robberyOf(method));
      assert.ok(robbed > 0);
      await assertWaits(promise);
      if (method === 'accept') {
        const client = closing(context, socket.create_connection(sock.getsockname() as never));
        const expected = { value: ['socket', client.getsockname()] };
        assert.deepEqual(await settled(promise), expected);
        return;
      }
      act(
        actions.map((action) =>
          action[1] === 'receive' ? [action[0], 'receive', robbed] : action,
        ),
      );
      assert.deepEqual(await settled(promise), { value });
    });
  }

  test('wait_readable waits on', async (context) => {
    const { client, accepted } = tcpPair(context);
    const robber = await Robber.of(context, client);
    const promises = [wait_readable(client), wait_readable(client.fileno())];
    for (const promise of promises) await assertWaits(promise);
    accepted.send(Buffer.from('x'));
    assert.equal(robber.rob('receive'), 1);
    for (const promise of promises) await assertWaits(promise);
    accepted.send(Buffer.from('x'));
    await Promise.all(promises);
  });

  test('wait_writable waits on', async (context) => {
    const [sock, peer] = pair(context);
    const total = fill(sock);
    const robber = await Robber.of(context, sock);
    const promise = wait_writable(sock);
    await assertWaits(promise);
    act([[peer, 'receive', total]]);
    const robbed = robber.rob('fill');
    await assertWaits(promise);
    act([[peer, 'receive', robbed]]);
    await promise;
  });

  test('a line of a file is waited for on', async (context) => {
    const { client, accepted } = tcpPair(context);
    const robber = await Robber.of(context, client);
    const file = client.promises.makefile('r');
    const promise = file.readline();
    await assertWaits(promise);
    accepted.send(Buffer.from('stolen\n'));
    assert.equal(robber.rob('receive'), 7);
    await assertWaits(promise);
    accepted.send(Buffer.from('kept\n'));
    assert.equal(await promise, 'kept\n');
    await file.close();
  });
});
