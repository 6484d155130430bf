// Handlers for servers under faults, in a module of their own: threads and processes load it.

import {
  BaseRequestHandler,
  type BaseServer,
  DatagramRequestHandler,
  StreamRequestHandler,
} from 'berkeley-sockets/socketserver';
import { native } from '#lib/native.js';

// biome-ignore lint/suspicious/noExplicitAny: any request, any address
type AnyServer = BaseServer<any, any>;

/** Makes a system call of this thread or process fail, if the request asks for that. */
function obey(text: string): void {
  const [word, countdown, errno] = text.trim().split(' ');
  const { armFault } = native as unknown as { armFault(countdown: number, errno: number): void };
  if (word === 'arm') armFault(Number(countdown), Number(errno));
}

/** Gives a line back, in files of either flavour. */
export class EchoLine extends StreamRequestHandler<AnyServer> {
  static module = import.meta.url;

  override async handle(): Promise<void> {
    const line = (await this.rfile.readline()) as Buffer;
    obey(line.toString());
    await this.wfile.write(line);
  }
}

/** Gives a datagram back. */
export class EchoDatagram extends DatagramRequestHandler<AnyServer> {
  static module = import.meta.url;

  override handle(): void {
    const bytes = this.rfile.read();
    obey(bytes.toString());
    this.wfile.write(bytes);
  }
}

/** Does nothing. */
export class Silent extends BaseRequestHandler<AnyServer> {
  static module = import.meta.url;
}
