// The same as upper.ts in plain JavaScript.

import * as socketserver from 'berkeley-sockets/socketserver';

export class Upper extends socketserver.StreamRequestHandler {
  handle() {
    for (const line of this.rfile) this.wfile.write(Buffer.from(line.toString().toUpperCase()));
  }
}

if (socketserver.isMainProgram(import.meta.url)) {
  const server = new socketserver.TCPServer(['127.0.0.1', 0], Upper);
  const [host, port] = server.server_address;
  console.log(`listening on ${host} port ${port}`);
  await server.serve_forever();
}
