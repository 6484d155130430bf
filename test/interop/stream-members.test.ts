// What a stream over a socket has of a net.Socket: addresses, options, idle time.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { toStream } from 'berkeley-sockets/interop';
import { closing, tcpPair } from '../support/sockets.js';
import { streamed } from '../support/streams.js';

test('the addresses of a TCP stream are those of its socket', (context) => {
  const { client, accepted } = tcpPair(context);
  const stream = toStream(client);
  const [host, port] = client.getsockname();
  const [, peerPort] = accepted.getsockname();
  assert.deepEqual(
    [stream.localAddress, stream.localPort, stream.localFamily],
    ['127.0.0.1', port, 'IPv4'],
  );
  assert.deepEqual(
    [stream.remoteAddress, stream.remotePort, stream.remoteFamily],
    ['127.0.0.1', peerPort, 'IPv4'],
  );
  assert.deepEqual(stream.address(), { address: host, port, family: 'IPv4' });
});

test('addresses that were asked for are known after the end', (context) => {
  const stream = toStream(tcpPair(context).client);
  const { remotePort } = stream;
  stream.destroy();
  assert.equal(stream.remotePort, remotePort);
  assert.equal(stream.localAddress, undefined);
});

test('IPv6 addresses are IPv6', (context) => {
  const server = closing(context, socket.create_server(['::1', 0], { family: socket.AF_INET6 }));
  const client = closing(context, socket.create_connection(['::1', server.getsockname()[1]]));
  closing(context, server.accept()[0]);
  const { remoteAddress, remoteFamily } = toStream(client);
  assert.deepEqual([remoteAddress, remoteFamily], ['::1', 'IPv6']);
});

test('an AF_UNIX stream has no addresses and overlooks options of TCP', (context) => {
  const { stream } = streamed(context, 'AF_UNIX');
  assert.deepEqual(
    [stream.remoteAddress, stream.remotePort, stream.localFamily, stream.address()],
    [undefined, undefined, undefined, {}],
  );
  assert.equal(stream.setNoDelay().setKeepAlive(true, 5000), stream);
});

test('setNoDelay and setKeepAlive set the options of TCP', (context) => {
  const { client } = tcpPair(context);
  const stream = toStream(client);
  const options = () => [
    client.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY),
    client.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
    client.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
  ];
  const [, , idle] = options();
  stream.setNoDelay().setKeepAlive(true);
  assert.deepEqual(options(), [1, 1, idle]);
  stream.setNoDelay(false).setKeepAlive(true, 7900);
  assert.deepEqual(options(), [0, 1, 7]);
  stream.setKeepAlive();
  assert.deepEqual(options(), [0, 0, 7]);
  stream.destroy();
  stream.setNoDelay().setKeepAlive(true, 1000).ref().unref().setTimeout(9);
});

test('the socket of a stream is there for its options', (context) => {
  const { stream, sock } = streamed(context, 'AF_UNIX');
  assert.equal(stream.socket, sock);
  const [pid] = new Int32Array(
    new Uint8Array(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)).buffer,
  );
  assert.equal(pid, process.pid);
});

test('a stream is connected from the beginning', (context) => {
  const { stream } = streamed(context, 'TCP');
  assert.deepEqual([stream.connecting, stream.pending, stream.readyState], [false, false, 'open']);
});

describe('setTimeout', { timeout: 20_000 }, () => {
  test('tells of idle time, once for each time', async (context) => {
    const { stream, peer } = streamed(context, 'TCP');
    let count = 0;
    stream.setTimeout(5, () => {
      count += 1;
    });
    assert.equal(stream.timeout, 5);
    await once(stream, 'timeout');
    assert.equal(count, 1);
    peer.send(Buffer.from('x'));
    await once(stream, 'data');
    await once(stream, 'timeout');
    assert.equal(count, 1);
    assert.equal(stream.destroyed, false);
  });

  test('begins anew with what is received and sent', async (context) => {
    const { stream, peer } = streamed(context, 'TCP');
    stream.setTimeout(150);
    const begin = performance.now();
    let last = begin;
    stream.on('data', () => {
      last = performance.now();
    });
    const timer = setInterval(() => peer.send(Buffer.from('x')), 20);
    setTimeout(() => clearInterval(timer), 300);
    await once(stream, 'timeout');
    clearInterval(timer);
    // Timers count whole milliseconds.
    assert.ok(performance.now() - last >= 148, `${performance.now() - last} ms after data`);
    assert.ok(last > begin);
  });

  test('is taken back by 0', (context) => {
    const { stream } = streamed(context, 'TCP');
    const listener = () => {};
    stream.setTimeout(1e12, listener);
    assert.equal(stream.listenerCount('timeout'), 1);
    stream.setTimeout(0, listener);
    assert.deepEqual([stream.listenerCount('timeout'), stream.timeout], [0, 0]);
  });

  for (const value of [-1, Number.NaN, '5', undefined]) {
    test(`refuses ${String(value)}`, (context) => {
      const { stream } = streamed(context, 'TCP');
      assert.throws(() => stream.setTimeout(value as number), { name: 'ValueError' });
    });
  }
});
