// A read that took all there was: the next one waits without trying, and misses nothing.

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import * as blocking from 'berkeley-sockets';
import '../support/leaks.js';
import { closing, tcpPair } from '../support/sockets.js';

/** A connection whose receiving end is watched and has just been read empty. */
async function drainedPair(context: TestContext) {
  const { client, accepted } = tcpPair(context);
  const { promises } = accepted;
  const waiting = promises.recv(100);
  client.sendall(Buffer.from('first'));
  assert.equal((await waiting).toString(), 'first');
  return { client, accepted, promises };
}

/** Longer than any wait here takes when nothing is lost. */
const LIMIT = { timeout: 20 };

describe('after a short read of a TCP connection', () => {
  it('data that come later are received', async (context) => {
    const { client, promises } = await drainedPair(context);
    const waiting = promises.recv(100, LIMIT);
    client.sendall(Buffer.from('second'));
    assert.equal((await waiting).toString(), 'second');
  });

  it('data that came before the next call are received', async (context) => {
    const { client, promises } = await drainedPair(context);
    client.sendall(Buffer.from('second'));
    assert.equal((await promises.recv(100, LIMIT)).toString(), 'second');
    client.sendall(Buffer.from('third'));
    await turn();
    await turn();
    assert.equal((await promises.recv(100, LIMIT)).toString(), 'third');
  });

  it('the end is received, before and after the next call', async (context) => {
    for (const isBefore of [true, false]) {
      const { client, promises } = await drainedPair(context);
      if (isBefore) client.shutdown(blocking.SHUT_WR);
      const waiting = promises.recv(100, LIMIT);
      if (!isBefore) client.shutdown(blocking.SHUT_WR);
      assert.equal((await waiting).length, 0);
      assert.equal((await promises.recv(100, LIMIT)).length, 0);
    }
  });

  it('the end is received that came together with the last data', async (context) => {
    const { client, promises } = await drainedPair(context);
    client.sendall(Buffer.from('last'));
    client.shutdown(blocking.SHUT_WR);
    // The event tells of both; the short read takes the data, and no further event comes.
    await turn();
    await turn();
    assert.equal((await promises.recv(100, LIMIT)).toString(), 'last');
    assert.equal((await promises.recv(100, LIMIT)).length, 0);
  });

  it('the end is received of a connection that ended while it was waited for', async (context) => {
    const { client, promises } = await drainedPair(context);
    const waiting = promises.recv(100, LIMIT);
    client.sendall(Buffer.from('last'));
    client.shutdown(blocking.SHUT_WR);
    assert.equal((await waiting).toString(), 'last');
    assert.equal((await promises.recv(100, LIMIT)).length, 0);
  });

  it('a reset is reported', async (context) => {
    const { client, promises } = await drainedPair(context);
    client.setsockopt(blocking.SOL_SOCKET, blocking.SO_LINGER, new Int32Array([1, 0]));
    client.close();
    await assert.rejects(promises.recv(100, LIMIT), { code: 'ECONNRESET' });
  });

  it('what the blocking view leaves is received', async (context) => {
    const { client, accepted, promises } = await drainedPair(context);
    client.sendall(Buffer.from('abcdef'));
    assert.equal(accepted.recv(2).toString(), 'ab');
    assert.equal((await promises.recv(100, LIMIT)).toString(), 'cdef');
  });

  it('another socket on the same number begins anew', async (context) => {
    const { accepted } = await drainedPair(context);
    const number = accepted.fileno();
    accepted.close();
    const other = tcpPair(context);
    // One of the two new descriptors has the number, as the lowest one that is free.
    const [reader, writer] =
      other.client.fileno() === number
        ? [other.client, other.accepted]
        : [other.accepted, other.client];
    writer.sendall(Buffer.from('new'));
    assert.equal((await reader.promises.recv(100, LIMIT)).toString(), 'new');
  });

  it('a socket without a timeout of its own still does not wait', async (context) => {
    const { promises } = await drainedPair(context);
    await assert.rejects(promises.recv(100, { timeout: 0 }), { name: 'BlockingIOError' });
  });

  it('calls that never wait for data have their answers at once', async (context) => {
    const { promises } = await drainedPair(context);
    assert.equal((await promises.recv(0, LIMIT)).length, 0);
    assert.equal(await promises.recv_into(new Uint8Array(0), LIMIT), 0);
    const invalid = { code: 'EINVAL' };
    await assert.rejects(promises.recv(1, blocking.MSG_OOB, LIMIT), invalid);
    await assert.rejects(promises.recvmsg(1, 0, blocking.MSG_OOB, LIMIT), invalid);
    await assert.rejects(promises.accept(LIMIT), invalid);
  });
});

describe('after a short read of an AF_UNIX connection', () => {
  it('data behind a control message are received', async (context) => {
    const [first, second] = blocking.socketpair();
    closing(context, first);
    closing(context, second);
    const waiting = second.promises.recv(100);
    first.sendall(Buffer.from('a'));
    await waiting;
    // The kernel does not join data that come with different descriptors.
    first.sendall(Buffer.from('b'));
    blocking.send_fds(first, [Buffer.from('c')], [first.fileno()]);
    first.sendall(Buffer.from('d'));
    await turn();
    let received = '';
    while (received.length < 3) received += (await second.promises.recv(100, LIMIT)).toString();
    assert.equal(received, 'bcd');
  });
});

// Last: once urgent data are used, a short read tells nothing any more.
describe('a read that ends at an urgent byte', () => {
  it('what lies behind urgent data is received', async (context) => {
    const { client, accepted, promises } = await drainedPair(context);
    accepted.setsockopt(blocking.SOL_SOCKET, blocking.SO_OOBINLINE, 1);
    client.sendall(Buffer.from('before'));
    client.send(Buffer.from('!'), blocking.MSG_OOB);
    client.sendall(Buffer.from('behind'));
    await turn();
    await turn();
    let received = '';
    // A read ends at the urgent byte although there is more.
    while (received.length < 13) received += (await promises.recv(100, LIMIT)).toString();
    assert.equal(received, 'before!behind');
  });

  it('what lies behind an urgent byte that was taken already is received', async (context) => {
    const { client, accepted, promises } = await drainedPair(context);
    client.sendall(Buffer.from('before'));
    client.send(Buffer.from('!'), blocking.MSG_OOB);
    client.sendall(Buffer.from('behind'));
    assert.equal(accepted.recv(1, blocking.MSG_OOB).toString(), '!');
    // The event comes now, and tells of no urgent data any more.
    for (let count = 0; count < 3; count += 1) await turn();
    assert.equal((await promises.recv(100, LIMIT)).toString(), 'before');
    assert.equal((await promises.recv(100, LIMIT)).toString(), 'behind');
  });
});
