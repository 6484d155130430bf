// A number that is closed, and in use again at once, while a call of another thread waits on it.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { type Decoy, decoyFor } from '../support/decoys.js';
import { until } from '../support/process.js';
import { pair } from '../support/sockets.js';
import { isWaiting, type Outcome } from '../support/thread.js';
import { type SocketCall, strip, Threads } from '../support/threads.js';
import { fill, openFile, WAITS } from '../support/waits.js';

let threads: Threads;
before(async () => {
  threads = await Threads.start();
});
after(() => threads.end());

const options = {
  skip: process.platform !== 'linux' && 'whether a thread waits is read from /proc',
  concurrency: false,
  timeout: 60_000,
};
const lost = { error: 'OSError: EBADF' };

/** Ways in which this thread closes what a worker waits for. */
const CLOSINGS: Readonly<Record<string, (sock: socket.socket<number>) => number>> = {
  'by its number': (sock) => {
    const fd = sock.detach();
    socket.close(fd);
    return fd;
  },
  'by its object': (sock) => {
    const fd = sock.fileno();
    sock.close();
    return fd;
  },
};

/** A call in a worker whose number becomes a stranger's while it waits. */
class Race {
  readonly decoy: Decoy;
  readonly outcome: Promise<Outcome>;

  constructor(
    private readonly call: SocketCall,
    timeout: number | null,
  ) {
    const [sock, method] = call as [socket.socket<number>, string];
    this.decoy = decoyFor(method, sock);
    this.outcome = threads.call('a worker', call, timeout);
  }

  async swap(close: (sock: socket.socket<number>) => number): Promise<void> {
    await until('the call to wait', () => isWaiting(threads.caller.number) || undefined);
    this.decoy.take(close(this.call[0] as socket.socket<number>));
  }
}

describe('a call that waits in a worker while this thread closes its socket', options, () => {
  for (const [method, prepare] of Object.entries(WAITS)) {
    for (const timeout of [null, 30]) {
      for (const [how, close] of Object.entries(CLOSINGS)) {
        test(`${how}: ${method} ends with EBADF, timeout ${timeout}`, async (context) => {
          const { call } = prepare(context, timeout);
          const race = new Race(call, timeout);
          await race.swap(close);
          assert.deepEqual(strip(await race.outcome), lost);
          race.decoy.assertUntouched();
        });
      }
    }
  }
});

const MUCH = 2 ** 22;
const content = Buffer.alloc(MUCH, 'much ');

/** Calls that move bytes in several steps. */
const LONG: Readonly<
  Record<string, (context: TestContext, sock: socket.socket<number>) => unknown[]>
> = {
  send: () => [content],
  sendall: () => [content],
  sendmsg: () => [[content.subarray(0, 99), content.subarray(99)]],
  sendfile: (context) => [openFile(context, MUCH)],
};

describe('a call of which a part is done', options, () => {
  for (const [method, prepare] of Object.entries(LONG)) {
    // With a timeout these two are done when a part has gone.
    const timeouts = method === 'send' || method === 'sendmsg' ? [null] : [null, 30];
    for (const timeout of timeouts) {
      test(`${method} sends the stranger nothing of the rest, timeout ${timeout}`, async (context) => {
        const [sock, peer] = pair(context);
        const race = new Race([sock, method, ...prepare(context, sock)], timeout);
        await race.swap(CLOSINGS['by its number'] as (typeof CLOSINGS)[string]);
        // Whatever makes room, or has the call look again, must not make it go on elsewhere.
        let received = 0;
        peer.settimeout(30);
        for (let data = peer.recv(65_536); data.length > 0; data = peer.recv(65_536)) {
          received += data.length;
        }
        const { error } = await race.outcome;
        assert.ok(error === lost.error || (error === undefined && received > 0));
        assert.ok(received <= MUCH);
        race.decoy.assertUntouched();
      });
    }
  }

  for (const method of ['recv', 'recvfrom', 'recvmsg']) {
    test(`${method} with MSG_WAITALL takes nothing from the stranger`, async (context) => {
      const [sock, peer] = pair(context);
      peer.send(Buffer.from('ab'));
      const flags = method === 'recvmsg' ? [0, socket.MSG_WAITALL] : [socket.MSG_WAITALL];
      const race = new Race([sock, method, 13, ...flags], null);
      await race.swap(CLOSINGS['by its number'] as (typeof CLOSINGS)[string]);
      assert.deepEqual(strip(await race.outcome), lost);
      race.decoy.assertUntouched();
    });
  }
});

describe('a call that waits in this thread while a worker closes its socket', options, () => {
  for (const [method, prepare] of Object.entries(WAITS)) {
    for (const timeout of [null, 30]) {
      test(`${method} goes on with the socket that it began with, timeout ${timeout}`, async (context) => {
        const { call, actions, value } = prepare(context, timeout);
        const sock = call[0] as socket.socket<number>;
        const decoy = decoyFor(method, sock);
        const { outcome, acted } = await threads.callWhile('the main thread', call, timeout, [
          [sock, 'replace', decoy.sock.fileno()],
          ...actions,
        ]);
        decoy.hasTaken(sock.detach());
        for (const { error } of acted) assert.equal(error, undefined);
        // A file goes in several steps, the next of which sees that the number is lost.
        assert.deepEqual(strip(outcome), method === 'sendfile' ? lost : { value });
        decoy.assertUntouched();
      });
    }
  }

  test('sendall sends the stranger nothing of the rest', async (context) => {
    const [sock, peer] = pair(context);
    const decoy = decoyFor('sendall', sock);
    const before = fill(sock);
    const { outcome } = await threads.callWhile('the main thread', [sock, 'sendall', content], 30, [
      [sock, 'replace', decoy.sock.fileno()],
      [peer, 'receive', before],
    ]);
    decoy.hasTaken(sock.detach());
    assert.deepEqual(strip(outcome), lost);
    decoy.assertUntouched();
  });
});
