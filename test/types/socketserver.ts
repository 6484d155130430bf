// What the compiler knows of servers and handlers.

import type * as socket from 'berkeley-sockets';
import type * as promises from 'berkeley-sockets/promises';
import {
  AsyncMixIn,
  AsyncStreamRequestHandler,
  AsyncTCPServer,
  type AsyncUDPServer,
  type AsyncUnixStreamServer,
  type BaseRequestHandler,
  type ClientAddressOf,
  DatagramRequestHandler,
  listen_fds,
  type RequestOf,
  StreamRequestHandler,
  TCPServer,
  ThreadingTCPServer,
  UDPServer,
  type UnixDatagramServer,
  UnixStreamServer,
} from 'berkeley-sockets/socketserver';
import { expectTrue, type Same, some, use } from './expect.js';

type Inet = typeof socket.AF_INET;
type Inet6 = typeof socket.AF_INET6;
type Unix = typeof socket.AF_UNIX;

export function requestsFollowFromTheServer(): void {
  expectTrue<Same<BaseRequestHandler['request'], socket.socket<Inet>>>();
  expectTrue<Same<RequestOf<TCPServer<Inet6>>, socket.socket<Inet6>>>();
  expectTrue<Same<RequestOf<UnixStreamServer>, socket.socket<Unix>>>();
  expectTrue<Same<RequestOf<UDPServer>, [data: Buffer, socket: socket.socket<Inet>]>>();
  expectTrue<Same<RequestOf<ThreadingTCPServer>, socket.socket<Inet>>>();
  expectTrue<Same<RequestOf<AsyncTCPServer>, promises.socket<Inet>>>();
  expectTrue<Same<RequestOf<AsyncUnixStreamServer>, promises.socket<Unix>>>();
  expectTrue<Same<RequestOf<AsyncUDPServer>, [data: Buffer, socket: promises.socket<Inet>]>>();
  expectTrue<Same<ClientAddressOf<TCPServer>, [host: string, port: number]>>();
  expectTrue<Same<ClientAddressOf<UnixStreamServer>, string | Buffer>>();
  expectTrue<Same<ClientAddressOf<UnixDatagramServer>, string | Buffer | null>>();
}

export function handlersKnowTheirServer(): void {
  class Counting extends TCPServer {
    count = 0;
  }
  class Handler extends StreamRequestHandler<Counting> {
    override handle(): void {
      this.server.count += 1;
      expectTrue<Same<typeof this.connection, socket.socket<Inet>>>();
      expectTrue<Same<typeof this.rfile, socket.BufferedReader>>();
      const count: number = this.wfile.write(Buffer.alloc(1));
      use(count);
    }
  }
  new Counting(['127.0.0.1', 0], Handler);
  class Later extends AsyncStreamRequestHandler {
    override async handle(): Promise<void> {
      expectTrue<Same<typeof this.connection, promises.socket<Inet>>>();
      expectTrue<Same<typeof this.rfile, promises.BufferedReader>>();
      const count: number = await this.wfile.write(Buffer.alloc(1), { timeout: 1 });
      use(count);
    }
  }
  new AsyncTCPServer(['127.0.0.1', 0], Later);
}

export function handlersFitTheirServer(): void {
  class Stream extends StreamRequestHandler {}
  class Datagram extends DatagramRequestHandler {}
  class Path extends StreamRequestHandler<UnixStreamServer> {}
  class Both extends StreamRequestHandler<TCPServer | AsyncTCPServer> {}
  new TCPServer(['', 0], Stream);
  new ThreadingTCPServer(['', 0], Stream);
  new UDPServer(['', 0], Datagram);
  new UnixStreamServer('/path', Path);
  new TCPServer(['', 0], Both);
  new AsyncTCPServer(['', 0], Both);
  new TCPServer(['', 0], null, { bind_and_activate: false });
  new TCPServer(['', 0], (request) => request.sendall(Buffer.alloc(1)));
  // @ts-expect-error: a datagram's handler
  new TCPServer(['', 0], Datagram);
  // @ts-expect-error: a connection's handler
  new UDPServer(['', 0], Stream);
  // @ts-expect-error: a handler of blocking sockets
  new AsyncTCPServer(['', 0], Stream);
  // @ts-expect-error: a handler of another family
  new UnixStreamServer('/path', Stream);
  // @ts-expect-error: no address of that family
  new TCPServer('/path', Stream);
}

export function attributesAreStatic(): void {
  class Server extends TCPServer {
    static override allow_reuse_address = true;
    static override request_queue_size = 9;
    // A timeout is needed late enough.
    override timeout = 5;
  }
  class Wrong extends TCPServer {
    // @ts-expect-error: the constructor needs it before fields exist
    override request_queue_size = 9;
  }
  use(Server, Wrong);
}

export async function callsGivePromises(): Promise<void> {
  const server = some<TCPServer>();
  expectTrue<Same<ReturnType<typeof server.serve_forever>, Promise<void>>>();
  expectTrue<Same<typeof server.server_address, [host: string, port: number]>>();
  await server.serve_forever();
  await server.serve_forever({ poll_interval: 0.1 });
  const [passed] = listen_fds();
  if (passed) server.socket = passed.socket as socket.socket;
}

export function mixInsKeepWhatAServerHas(): void {
  class Counting extends TCPServer<Inet, promises.socket<Inet>> {
    count = 0;
  }
  class Server extends AsyncMixIn(Counting) {}
  const server = new Server(['', 0], async (request) => {
    await request.sendall(Buffer.alloc(1));
  });
  use(server.count, server.block_on_close, Server.block_on_close);
}
