// Serves requests in worker threads and child processes, which load files of their own.

import assert from 'node:assert/strict';
import { create_connection } from 'berkeley-sockets/promises';
import {
  ForkingTCPServer,
  isMainProgram,
  StreamRequestHandler,
  ThreadingTCPServer,
} from 'berkeley-sockets/socketserver';

export class Upper extends StreamRequestHandler {
  handle() {
    this.wfile.write(Buffer.from(String(this.rfile.readline()).toUpperCase()));
  }
}

async function serveBy(Server) {
  const server = new Server(['127.0.0.1', 0], Upper);
  const ended = server.serve_forever();
  const client = await create_connection(server.server_address);
  await client.sendall(Buffer.from('loud\n'));
  assert.equal((await client.recv(10)).toString(), 'LOUD\n');
  client.close();
  await server.shutdown();
  await ended;
  await server.server_close();
}

if (isMainProgram(import.meta.url)) {
  for (const Server of [ThreadingTCPServer, ForkingTCPServer]) await serveBy(Server);
  console.log('done with threads and processes');
}
