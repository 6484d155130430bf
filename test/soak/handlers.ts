// The servers of the soak run and what they do with a request, where threads find them.

import type { BufferedReader } from 'berkeley-sockets/promises';
import * as socketserver from 'berkeley-sockets/socketserver';

const PIECE = 8192;

/** Sends back what comes. */
export class Echo extends socketserver.BaseRequestHandler {
  static module = import.meta.url;

  override handle(): void {
    const { request } = this;
    for (let data = request.recv(PIECE); data.length > 0; data = request.recv(PIECE)) {
      request.sendall(data);
    }
  }
}

/** The same through the handler's files. */
export class FileEcho extends socketserver.StreamRequestHandler {
  static module = import.meta.url;
  static override wbufsize = 4096;

  override handle(): void {
    for (;;) {
      const data = this.rfile.read1(PIECE);
      if (data === null || data.length === 0) return;
      this.wfile.write(data);
      this.wfile.flush();
    }
  }
}

interface AsyncFiles {
  readonly rfile: BufferedReader;
  readonly wfile: { write(data: Uint8Array): Promise<unknown> };
}

async function echo({ rfile, wfile }: AsyncFiles): Promise<void> {
  for (;;) {
    const data = await rfile.read1(PIECE);
    if (data === null || data.length === 0) return;
    await wfile.write(data);
  }
}

/** The same on the event loop. */
export class AsyncEcho extends socketserver.AsyncStreamRequestHandler {
  override handle = () => echo(this);
}

/** The same over AF_UNIX. */
export class AsyncUnixEcho extends socketserver.AsyncStreamRequestHandler<UnixLoopServer> {
  override handle = () => echo(this);
}

/** What a handler has thrown, and for whom. */
export interface HandlerError {
  readonly client: string;
  readonly error: unknown;
}

// With a short queue the kernel answers a rush of clients with SYN cookies, and resets those that it
// cannot check any more (tcp_syncookies in tcp(7)).
const BACKLOG = 128;

// Clients that break off make handlers throw, which is what is wanted: nothing is printed.

export class ThreadServer extends socketserver.ThreadingTCPServer {
  static module = import.meta.url;
  static override request_queue_size = BACKLOG;
  static override max_threads = 3;
  static override spare_threads = 1;
  override handle_error(): void {}
}

export class ProcessServer extends socketserver.ForkingTCPServer {
  static module = import.meta.url;
  static override request_queue_size = BACKLOG;
  static override max_children = 2;
  static override spare_children = 1;
  override handle_error(): void {}
}

export class LoopServer extends socketserver.AsyncTCPServer {
  static override request_queue_size = BACKLOG;
  /** What handlers have thrown. */
  readonly errors: HandlerError[] = [];

  override handle_error(_request: unknown, address: unknown, error: unknown): void {
    this.errors.push({ client: String(address), error });
  }
}

export class UnixLoopServer extends socketserver.AsyncUnixStreamServer {
  static override request_queue_size = BACKLOG;
  /** What handlers have thrown. */
  readonly errors: HandlerError[] = [];

  override handle_error(_request: unknown, address: unknown, error: unknown): void {
    this.errors.push({ client: String(address), error });
  }
}
