// The servers and handlers of the suite `servers`, where threads and child processes find them.

import {
  AsyncTCPServer,
  BaseRequestHandler,
  ForkingTCPServer,
  TCPServer,
  ThreadingTCPServer,
} from 'berkeley-sockets/socketserver';

const SIZE = 64;
const BUFFER = 4096;
const BACKLOG = 128;

/** Sends one message back. */
export class Echo extends BaseRequestHandler {
  static module = import.meta.url;

  override handle(): void {
    this.request.sendall(this.request.recv(SIZE));
  }
}

/** The same for a server on the event loop. */
export class AsyncEcho extends BaseRequestHandler<AsyncTCPServer> {
  override async handle(): Promise<void> {
    await this.request.sendall(await this.request.recv(SIZE));
  }
}

/** Sends back whatever comes, until the end. */
export class KeptEcho extends BaseRequestHandler<AsyncTCPServer> {
  override async handle(): Promise<void> {
    const buffer = Buffer.alloc(BUFFER);
    for (;;) {
      const received = await this.request.recv_into(buffer);
      if (received === 0) return;
      await this.request.sendall(buffer.subarray(0, received));
    }
  }
}

/** Notes when it began, in the memory that it shares with its server. */
export class Timekeeper extends BaseRequestHandler {
  static module = import.meta.url;

  override handle(): void {
    const now = process.hrtime.bigint();
    const { shared } = this.server as unknown as { shared: BigInt64Array };
    shared[BEGUN] = now;
    this.request.sendall(this.request.recv(SIZE));
  }
}

/** Where {@link Timekeeper} writes when its server accepted a connection, and when it began. */
export const ACCEPTED = 0;
export const BEGUN = 1;

export class HereServer extends TCPServer {
  static override request_queue_size = BACKLOG;
}

export class LoopServer extends AsyncTCPServer {
  static override request_queue_size = BACKLOG;
}

export class ThreadServer extends ThreadingTCPServer {
  static module = import.meta.url;
  static override request_queue_size = BACKLOG;
}

export class ProcessServer extends ForkingTCPServer {
  static module = import.meta.url;
  static override request_queue_size = BACKLOG;
}

/** Gives each request a process of its own. */
export class FreshProcessServer extends ProcessServer {
  static override max_requests = 1;
}
