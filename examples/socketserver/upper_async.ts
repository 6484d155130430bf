// The same as upper_async.mjs in TypeScript, where the handler says which servers it is for.

import * as socketserver from 'berkeley-sockets/socketserver';

type Server = socketserver.TCPServer | socketserver.AsyncTCPServer;

export class Upper extends socketserver.AsyncStreamRequestHandler<Server> {
  override async handle(): Promise<void> {
    for await (const line of this.rfile) {
      await this.wfile.write(Buffer.from(line.toString().toUpperCase()));
    }
  }
}

if (socketserver.isMainProgram(import.meta.url)) {
  await using server = new socketserver.TCPServer(['127.0.0.1', 0], Upper);
  process.once('SIGINT', () => server.shutdown());
  const [host, port] = server.server_address;
  console.log(`listening on ${host} port ${port}`);
  await server.serve_forever();
}
