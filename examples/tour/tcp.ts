// The tour's first step: a TCP echo server in its own process, and two clients.

import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import * as socket from 'berkeley-sockets';
import type { Say } from './report.js';
import { finish, receiveAll, startProgram } from './streams.js';

const { AF_INET, IPPROTO_TCP, SHUT_WR, SOCK_STREAM, TCP_NODELAY } = socket;

export async function echoOverTcp(say: Say): Promise<void> {
  // Port 0 lets the kernel choose a free port; the server's first line says which it is.
  using server = startProgram('tcp_echo_server', ['0', '2'], ['ignore', 'pipe', 'inherit']);
  assert(server.stdout instanceof Readable);
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const greeting = /port (\d+)/.exec((await lines.next()).value ?? '');
  assert(greeting !== null, 'the server did not start');
  const port = Number(greeting[1]);
  say(`process ${server.pid} listens on 127.0.0.1 port ${port}`);

  // `using` closes a socket at the end of the block, also when an exception ends it.
  {
    using first = new socket.socket(AF_INET, SOCK_STREAM);
    using second = new socket.socket(AF_INET, SOCK_STREAM);
    first.connect(['127.0.0.1', port]);
    second.connect(['127.0.0.1', port]);
    say(`two clients are connected, from the ports ${portOf(first)} and ${portOf(second)}`);

    first.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
    assert.notEqual(first.getsockopt(IPPROTO_TCP, TCP_NODELAY), 0);
    say('TCP_NODELAY is set on the first: small pieces are sent at once');

    // The server serves one after the other: the second waits in its queue.
    exchange(first, Buffer.from('Hello, world!'), say);
    // More than one recv brings, but less than the kernel's buffers hold. With a long text the
    // client would have to receive in between, or both ends might wait for each other to read.
    exchange(second, Buffer.alloc(50_000, 'All work and no play. '), say);
  }

  await finish(server);
  for (;;) {
    const line = await lines.next();
    if (line.done) break;
    say(`the server says: ${line.value}`);
  }
}

/** Sends all of `data`, says that this was all, and checks that all of it comes back. */
function exchange(client: socket.socket, data: Buffer, say: Say): void {
  client.sendall(data);
  client.shutdown(SHUT_WR);
  const echo = receiveAll(client);
  assert.deepEqual(echo, data);
  say(`sendall of ${data.length} bytes, recv until the end: the same ${echo.length} bytes`);
}

/** The type of an AF_INET socket's address is `[host: string, port: number]`. */
function portOf(sock: socket.socket): number {
  const [, port] = sock.getsockname();
  return port;
}
