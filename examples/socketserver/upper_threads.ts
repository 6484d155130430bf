// upper.ts with one word changed: each client is served by a thread.

import * as socketserver from 'berkeley-sockets/socketserver';

export class Upper extends socketserver.StreamRequestHandler {
  override handle(): void {
    for (const line of this.rfile) this.wfile.write(Buffer.from(line.toString().toUpperCase()));
  }
}

// Threads and processes load this module, too.
if (socketserver.isMainProgram(import.meta.url)) {
  await using server = new socketserver.ThreadingTCPServer(['127.0.0.1', 0], Upper);
  const [host, port] = server.server_address;
  console.log(`listening on ${host} port ${port}`);
  await server.serve_forever();
}
