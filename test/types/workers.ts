// What TypeScript knows of servers with threads and child processes.

import type { AF_INET6, socket } from 'berkeley-sockets';
import {
  BaseRequestHandler,
  ForkingMixIn,
  ForkingTCPServer,
  StreamRequestHandler,
  TCPServer,
  ThreadingMixIn,
  ThreadingTCPServer,
  ThreadingUDPServer,
  UnixStreamServer,
} from 'berkeley-sockets/socketserver';
import { expectTrue, type Same } from './expect.js';

class Upper extends StreamRequestHandler<ThreadingTCPServer> {
  static module = import.meta.url;

  override handle(): void {
    expectTrue<Same<typeof this.request, socket>>();
    this.wfile.write(this.rfile.readline());
    this.server.shared = null;
  }
}

export async function readyMade(): Promise<void> {
  const server = new ThreadingTCPServer(['127.0.0.1', 0], Upper);
  expectTrue<Same<typeof server.max_threads, number>>();
  server.daemon_threads = true;
  server.shared = () => new SharedArrayBuffer(4);
  await server.serve_forever(0.1);
  await server.server_close();
  new ThreadingTCPServer<typeof AF_INET6>(['::1', 0, 0, 0], null);
  // @ts-expect-error: an address of another family
  new ThreadingTCPServer('/path', null);
  new ThreadingUDPServer(['', 0], null);

  const forking = new ForkingTCPServer(['127.0.0.1', 0], null);
  expectTrue<Same<typeof forking.active_children, ReadonlySet<number> | null>>();
  forking.max_requests = 1;
  await forking.collect_children({ blocking: true });
  // @ts-expect-error: by name only
  forking.collect_children(true);
}

/** Classes of one's own. */
export class Mixed extends ThreadingMixIn(UnixStreamServer) {
  static module = import.meta.url;
  static override max_threads = 4;
  static override request_queue_size = 9;

  override process_request_thread(request: never, client_address: never) {
    return super.process_request_thread(request, client_address);
  }
}

export class Forked extends ForkingMixIn(TCPServer) {
  static override max_children = 4;
  static override timeout: number | null = 1;
}

class Plain extends BaseRequestHandler<Mixed> {
  override handle(): void {
    expectTrue<Same<typeof this.server, Mixed>>();
  }
}

export const mixed = () => new Mixed('/path', Plain);
