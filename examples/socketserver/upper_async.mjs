// Sends lines back in capitals, with a handler that waits by `await`. As an AsyncTCPServer, which
// is one word changed, it serves all its clients at once, here, on the event loop.

import * as socketserver from 'berkeley-sockets/socketserver';

export class Upper extends socketserver.AsyncStreamRequestHandler {
  async handle() {
    for await (const line of this.rfile) {
      await this.wfile.write(Buffer.from(line.toString().toUpperCase()));
    }
  }
}

if (socketserver.isMainProgram(import.meta.url)) {
  const server = new socketserver.TCPServer(['127.0.0.1', 0], Upper);
  process.once('SIGINT', () => server.shutdown());
  const [host, port] = server.server_address;
  console.log(`listening on ${host} port ${port}`);
  await server.serve_forever();
  await server.server_close();
}
