// Numbers that are registered somewhere, closed, and in use again: the registration is not the
// stranger's, and nothing is read, written or closed through it.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, connect as dial } from 'node:net';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import * as socket from 'berkeley-sockets';
import { fromNode, toNetSocket } from 'berkeley-sockets/interop';
import { wait_readable } from 'berkeley-sockets/promises';
import * as select from 'berkeley-sockets/select';
import * as selectors from 'berkeley-sockets/selectors';
import { decoyFor } from '../support/decoys.js';
import { closeUnseen } from '../support/descriptors.js';
import { assertWaits, promised, settled } from '../support/promised.js';
import { cannotOn, HIDDEN_DESCRIPTORS, OWN_DESCRIPTORS } from '../support/runtime.js';
import { closing, listener, pair } from '../support/sockets.js';

const options = { concurrency: false, timeout: 30_000 };
const lost = { error: 'OSError: EBADF' };

describe('an epoll set', options, () => {
  for (const how of ['close()', 'nobody'] as const) {
    test(`hears nothing of the stranger: closed by ${how}`, (context) => {
      const [sock] = pair(context);
      const decoy = decoyFor('recv', sock);
      const set = closing(context, new select.epoll());
      set.register(sock, select.EPOLLIN);
      const fd = sock.fileno();
      if (how === 'close()') sock.close();
      else closeUnseen(fd);
      decoy.take(fd);
      assert.deepEqual(set.poll(0), []);
      assert.throws(() => set.unregister(fd), { code: 'ENOENT' });
      decoy.assertUntouched();
      if (how === 'nobody') sock.detach();
    });
  }

  test('of a selector lets go of the old file object, and takes the new one', (context) => {
    const [sock] = pair(context);
    const decoy = decoyFor('recv', sock);
    const selector = closing(context, new selectors.EpollSelector());
    selector.register(sock, selectors.EVENT_READ, 'old');
    const fd = sock.fileno();
    sock.close();
    decoy.take(fd);
    assert.deepEqual(selector.select(0), []);
    assert.throws(() => selector.register(fd, selectors.EVENT_READ), { name: 'KeyError' });
    selector.unregister(sock);
    selector.register(fd, selectors.EVENT_READ, 'new');
    assert.deepEqual(
      selector.select(0).map(([key]) => key.data),
      ['new'],
    );
    selector.unregister(fd);
    decoy.assertUntouched();
  });
});

describe('whoever merely waits for a number', options, () => {
  for (const how of ['close()', 'the module’s close()', 'nobody'] as const) {
    test(`is not told of the stranger: closed by ${how}`, async (context) => {
      const [sock] = pair(context);
      const decoy = decoyFor('recv', sock);
      const fd = sock.fileno();
      const waits = [wait_readable(sock), wait_readable(fd)];
      for (const wait of waits) await assertWaits(wait);
      if (how === 'close()') sock.close();
      else if (how === 'nobody') closeUnseen(fd);
      else socket.close(fd);
      decoy.take(fd);
      for (let count = 0; count < 3; count += 1) await turn();
      if (sock.fileno() >= 0) sock.detach();
      for (const wait of waits) assert.deepEqual(await settled(wait), lost);
      decoy.assertUntouched();
    });
  }
});

describe('sockets of Node', options, () => {
  const skip = cannotOn({ ...OWN_DESCRIPTORS, ...HIDDEN_DESCRIPTORS });

  test('that get the number of ours keep their bytes', { skip }, async (context) => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    context.after(() => server.close());
    const { port } = server.address() as { port: number };
    const accepted = once(server, 'connection');
    const [sock] = pair(context);
    const reading = promised([sock, 'recv', 99]);
    await assertWaits(reading);
    const fd = sock.fileno();
    sock.close();
    const client = dial(port, '127.0.0.1');
    await once(client, 'connect');
    assert.equal(fromNode(client).fileno(), fd);
    const [connection] = await accepted;
    connection.end('for Node');
    const [data] = await once(client, 'data');
    assert.equal(String(data), 'for Node');
    assert.deepEqual(await settled(reading), lost);
    client.destroy();
  });

  test('that take a socket of ours keep it when its object is closed', {
    skip: cannotOn(HIDDEN_DESCRIPTORS),
  }, async (context) => {
    const server = listener(context);
    const sock = socket.create_connection(server.getsockname());
    const [peer] = server.accept();
    closing(context, peer);
    const reading = promised([sock, 'recv', 99]);
    await assertWaits(reading);
    const fd = sock.fileno();
    const node = toNetSocket(sock);
    sock.close();
    assert.deepEqual(await settled(reading), lost);
    assert.equal(fromNode(node).fileno(), fd);
    peer.send(Buffer.from('for Node'));
    const [data] = await once(node, 'data');
    assert.equal(String(data), 'for Node');
    node.destroy();
    await once(node, 'close');
  });

  test('that closed a number are not asked again by who borrowed it', { skip }, async (context) => {
    const server = listener(context);
    const node = dial(server.getsockname()[1], '127.0.0.1');
    await once(node, 'connect');
    closing(context, server.accept()[0]);
    const borrowed = fromNode(node);
    const fd = borrowed.fileno();
    node.destroy();
    const stranger = closing(context, new socket.socket());
    assert.equal(stranger.fileno(), fd);
    for (const call of [
      () => borrowed.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
      () => borrowed.shutdown(socket.SHUT_RDWR),
      () => borrowed.listen(),
    ]) {
      assert.throws(call, { code: 'EBADF' });
    }
    borrowed.close();
    assert.equal(stranger.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), 0);
    assert.equal(stranger.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN), 0);
    await once(node, 'close');
    assert.equal(stranger.fileno(), fd);
  });
});
