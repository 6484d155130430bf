// Who waits behind a call that gives up has his turn all the same.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { pair, tcpPair } from '../support/sockets.js';

const options = { concurrency: false, timeout: 10_000 };
/** Longer than any wait here takes when nothing is lost. */
const LIMIT = { timeout: 5 };

/** Receives until so many bytes are there, and gives the last of them. */
async function lastOf(sock: socket.socket<number>, count: number, size: number): Promise<string> {
  let all = Buffer.alloc(0);
  while (all.length < count) {
    all = Buffer.concat([all, await sock.promises.recv(65_536, LIMIT)]);
  }
  return all.subarray(-size).toString();
}

describe('a call that gives up at the head of its queue', options, () => {
  test('loses nobody when the file that is sent aborts its own sending', async (context) => {
    const [sock, peer] = pair(context);
    const controller = new AbortController();
    const PIECE = 8192;
    const PIECES = 200;
    let reads = 0;
    const file = {
      read(): Buffer {
        reads += 1;
        if (reads <= PIECES) return Buffer.alloc(PIECE);
        controller.abort(new Error('out'));
        return Buffer.alloc(0);
      },
      tell: () => 0,
      seek: () => 0,
    };
    const sending = sock.promises.sendfile(file, 0, null, { signal: controller.signal });
    const refused = assert.rejects(sending, { message: 'out' });
    const behind = sock.promises.sendall(Buffer.from('tail'), LIMIT);
    const more = sock.promises.sendall(Buffer.from('more'), LIMIT);
    assert.equal(await lastOf(peer, PIECE * PIECES + 8, 8), 'tailmore');
    await Promise.all([refused, behind, more]);
  });

  test('leaves the next one what there is room for, although nothing changes', async (context) => {
    const [sock] = pair(context);
    const controller = new AbortController();
    // It has its turns without ever waiting for room, so that no event will come.
    const file = { read: () => Buffer.alloc(1), tell: () => 0, seek: () => 0 };
    const sending = sock.promises.sendfile(file, 0, null, { signal: controller.signal });
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    const behind = sock.promises.send(Buffer.from('tail'), 0, LIMIT);
    controller.abort(new Error('out'));
    await assert.rejects(sending, { message: 'out' });
    assert.equal(await behind, 4);
  });

  test('leaves the next one data that are not what it waits for', async (context) => {
    const { client, accepted } = tcpPair(context);
    const { promises } = accepted;
    client.send(Buffer.from('data'));
    await promises.recv(4, socket.MSG_PEEK);
    const controller = new AbortController();
    const errors = promises.recvmsg(1, 0, socket.MSG_ERRQUEUE, {
      timeout: 60,
      signal: controller.signal,
    });
    const behind = promises.recv(10, LIMIT);
    // The event of the beginning comes and goes.
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    controller.abort(new Error('out'));
    await assert.rejects(errors, { message: 'out' });
    assert.equal(String(await behind), 'data');
  });
});
