// Reads of urgent data and of the error queue beside reads of ordinary data: neither waits for the
// other.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { select } from 'berkeley-sockets/select';
import { assertWaits } from '../support/promised.js';
import { tcpPair, udp } from '../support/sockets.js';

const { MSG_ERRQUEUE, MSG_OOB, SOL_SOCKET } = socket;
/** socket.h's, with SOF_TIMESTAMPING_TX_SOFTWARE and SOF_TIMESTAMPING_SOFTWARE. */
const SO_TIMESTAMPING = 37;
const TIMES_OF_SENDING = 0b1_0010;
const LIMIT = { timeout: 10 };
const byte = Buffer.from('x');

/** A socket that is told by its error queue when something was sent, and one that receives. */
function stamped(context: TestContext) {
  const sock = udp(context);
  sock.setsockopt(SOL_SOCKET, SO_TIMESTAMPING, TIMES_OF_SENDING);
  return { sock, to: udp(context).getsockname() };
}

const skip = process.platform !== 'linux' && 'error queues are of Linux';

describe('the error queue', { skip, timeout: 20_000 }, () => {
  test('is read although somebody waits for data', async (context) => {
    const { sock, to } = stamped(context);
    const reading = sock.promises.recv(9);
    await assertWaits(reading);
    const errors = sock.promises.recvmsg(99, 200, MSG_ERRQUEUE, LIMIT);
    await assertWaits(errors);
    sock.sendto(byte, to);
    const [, items] = await errors;
    assert.notEqual(items.length, 0);
    sock.sendto(Buffer.from('data'), sock.getsockname());
    assert.equal(String(await reading), 'data');
  });

  test('is read where something is in it already', async (context) => {
    const { sock, to } = stamped(context);
    const reading = sock.promises.recv(9);
    sock.sendto(byte, to);
    await assertWaits(reading);
    const [, items] = await sock.promises.recvmsg(99, 200, MSG_ERRQUEUE, LIMIT);
    assert.notEqual(items.length, 0);
    sock.sendto(byte, sock.getsockname());
    assert.equal(String(await reading), 'x');
  });

  test('keeps nobody who waits behind from data', async (context) => {
    const { sock } = stamped(context);
    const controller = new AbortController();
    const { signal } = controller;
    const errors = sock.promises.recvmsg(99, 200, MSG_ERRQUEUE, { ...LIMIT, signal });
    const reading = sock.promises.recv(9);
    udp(context).sendto(Buffer.from('data'), sock.getsockname());
    assert.equal(String(await reading), 'data');
    controller.abort(new Error('enough'));
    await assert.rejects(errors, { message: 'enough' });
  });

  test('is given up when the socket is closed', async (context) => {
    const { sock } = stamped(context);
    const errors = sock.promises.recvmsg(99, 200, MSG_ERRQUEUE, LIMIT);
    sock.close();
    await assert.rejects(errors, { code: 'EBADF' });
  });
});

test('an urgent byte is taken although somebody waits for data', async (context) => {
  const { client, accepted } = tcpPair(context);
  const reading = accepted.promises.recv(9);
  await assertWaits(reading);
  client.send(Buffer.from('!'), MSG_OOB);
  select([], [], [accepted], 10);
  assert.equal(String(await accepted.promises.recv(1, MSG_OOB)), '!');
  client.send(Buffer.from('data'));
  assert.equal(String(await reading), 'data');
});
