// Handlers for servers under faults, in a module of their own: threads and processes load it.

import {
  type BaseServer,
  DatagramRequestHandler,
  StreamRequestHandler,
} from 'berkeley-sockets/socketserver';

// biome-ignore lint/suspicious/noExplicitAny: any request, any address
type AnyServer = BaseServer<any, any>;

/** Gives a line back, in files of either flavour. */
export class EchoLine extends StreamRequestHandler<AnyServer> {
  static module = import.meta.url;

  override async handle(): Promise<void> {
    const line = (await this.rfile.readline()) as Buffer;
    await this.wfile.write(line);
  }
}

/** Gives a datagram back. */
export class EchoDatagram extends DatagramRequestHandler<AnyServer> {
  static module = import.meta.url;

  override handle(): void {
    this.wfile.write(this.rfile.read());
  }
}
