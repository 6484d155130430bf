// A TCPServer, a ThreadingTCPServer or a ForkingTCPServer, as the argument says, for two requests.

import * as socketserver from 'berkeley-sockets/socketserver';

export class Upper extends socketserver.StreamRequestHandler {
  static override timeout = 10;

  override handle(): void {
    for (const line of this.rfile) {
      const text = line.toString().toUpperCase();
      this.wfile.write(Buffer.from(text));
    }
  }
}

function makeServer(name = 'TCPServer') {
  const at = ['127.0.0.1', 0] as const;
  switch (name) {
    case 'ThreadingTCPServer':
      return new socketserver.ThreadingTCPServer(at, Upper);
    case 'ForkingTCPServer':
      return new socketserver.ForkingTCPServer(at, Upper);
    default:
      return new socketserver.TCPServer(at, Upper);
  }
}

if (socketserver.isMainProgram(import.meta.url)) {
  await using server = makeServer(process.argv[2]);
  console.log(server.server_address[1]);
  await server.handle_request();
  await server.handle_request();
}
