// Addresses where a connection attempt goes on until the test lets it end.

import type { TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import { closing, unixPath } from './sockets.js';

/**
 * A TCP listener whose queue is full: the kernel drops what asks for a connection, and the client
 * asks again after a second.
 */
export function fullListener(context: TestContext) {
  const server = closing(context, socket.create_server(['127.0.0.1', 0], { backlog: 0 }));
  const address = server.getsockname();
  closing(context, new socket.socket()).connect(address);
  return { server, address };
}

/** An AF_UNIX listener whose queue is full. */
export function fullUnixListener(context: TestContext) {
  const path = unixPath(context);
  const server = closing(context, new socket.socket(socket.AF_UNIX));
  server.bind(path);
  server.listen(0);
  closing(context, new socket.socket(socket.AF_UNIX)).connect(path);
  return { server, path };
}
