// What callers do while their calls begin and wait: abort them from within, use an address for
// something else, keep the loop busy.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import * as socket from 'berkeley-sockets';
import { listener, open, pair, udp } from '../support/sockets.js';
import { fill } from '../support/waits.js';

const byte = Buffer.from('x');
/** More calls than complete at once in a row. */
const MANY = 600;

/** Calls back where the loop goes on with its timers, and keeps it from that for so long. */
async function keepBusy<T>(milliseconds: number, begin: () => T): Promise<T> {
  await turn();
  const end = performance.now() + milliseconds;
  const result = begin();
  while (performance.now() < end);
  return result;
}

describe('a caller', { timeout: 10_000 }, () => {
  test('may abort a sendfile from the file that it begins with', async (context) => {
    const [sock] = pair(context);
    const controller = new AbortController();
    let reads = 0;
    const file = {
      read(size: number): Buffer {
        reads += 1;
        if (reads === 2) {
          controller.abort(new Error('out'));
          fill(sock);
        }
        return Buffer.alloc(size);
      },
    };
    const sending = sock.promises.sendfile(file, { signal: controller.signal });
    await assert.rejects(sending, { message: 'out' });
  });

  test('may use the array of an address again while calls wait', async (context) => {
    const [sock, first, second] = [udp(context), udp(context), udp(context)];
    const address = first.getsockname();
    const sends = Array.from({ length: MANY }, () => sock.promises.sendto(byte, address));
    const messages = sock.promises.sendmsg([byte], [], 0, address);
    address[1] = second.getsockname()[1];
    await Promise.all([...sends, messages]);
    second.setblocking(false);
    assert.throws(() => second.recv(1), socket.BlockingIOError);
  });
});

describe('a loop that was busy for longer than a timeout', { timeout: 10_000 }, () => {
  const options = { timeout: 0.02 };

  test('gives data that came in time', async (context) => {
    const [sock, peer] = pair(context);
    const reading = await keepBusy(40, () => {
      const promise = sock.promises.recv(9, options);
      peer.send(byte);
      return [promise];
    });
    assert.deepEqual(await reading[0], byte);
  });

  test('gives each of those who wait what came in time', async (context) => {
    const [sock, peer] = pair(context);
    const readings = await keepBusy(40, () => {
      const promises = [1, 2, 3].map(() => sock.promises.recv(1, options));
      peer.send(Buffer.from('ab'));
      return promises;
    });
    const outcomes = await Promise.allSettled(readings);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected'],
    );
  });

  test('gives a connection that came in time', async (context) => {
    const server = listener(context);
    const client = open(context, socket.AF_INET, socket.SOCK_STREAM);
    const accepting = await keepBusy(40, () => {
      const promise = server.promises.accept(options);
      client.connect(server.getsockname());
      return [promise];
    });
    const [accepted] = await (accepting[0] as (typeof accepting)[number]);
    accepted.close();
  });

  test('times out where nothing came', async (context) => {
    const [sock] = pair(context);
    const reading = await keepBusy(40, () => [sock.promises.recv(9, options)]);
    await assert.rejects(reading[0] as Promise<Buffer>, socket.TimeoutError);
  });
});
