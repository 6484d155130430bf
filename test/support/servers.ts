// The four kinds of servers that run here and on the event loop, and clients for them.

import type { TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import {
  AsyncTCPServer,
  AsyncUDPServer,
  AsyncUnixDatagramServer,
  AsyncUnixStreamServer,
  TCPServer,
  UDPServer,
  UnixDatagramServer,
  UnixStreamServer,
} from 'berkeley-sockets/socketserver';
import { closing, unixPath } from './sockets.js';

/** A server of any kind. */
export type AnyServer = TCPServer<number, unknown, unknown>;

/** A handler that is a function. */
export type Serve = (request: unknown, client_address: unknown, server: AnyServer) => unknown;

type ServerClass = new (
  address: never,
  handler: Serve | (new (...given: never[]) => object) | null,
) => AnyServer;

/** A kind of servers, and where they run. */
export interface Kind {
  readonly name: string;
  readonly Server: ServerClass;
  readonly isStream: boolean;
  readonly isAsync: boolean;
  /** A fresh address to serve at. */
  address(context: TestContext): never;
}

const INTERNET = (): never => ['127.0.0.1', 0] as never;
const UNIX = (context: TestContext): never => unixPath(context) as never;

function kind(Server: unknown, isStream: boolean, address: Kind['address']): Kind {
  const { name } = Server as { name: string };
  return {
    name,
    Server: Server as ServerClass,
    isStream,
    isAsync: name.startsWith('Async'),
    address,
  };
}

export const KINDS: readonly Kind[] = [
  kind(TCPServer, true, INTERNET),
  kind(UDPServer, false, INTERNET),
  kind(UnixStreamServer, true, UNIX),
  kind(UnixDatagramServer, false, UNIX),
  kind(AsyncTCPServer, true, INTERNET),
  kind(AsyncUDPServer, false, INTERNET),
  kind(AsyncUnixStreamServer, true, UNIX),
  kind(AsyncUnixDatagramServer, false, UNIX),
];

/** A server of that kind, which is closed when the test ends. */
export function serverOf(
  context: TestContext,
  { Server, address }: Kind,
  handler: ConstructorParameters<ServerClass>[1],
): AnyServer {
  const server = new Server(address(context), handler);
  context.after(() => server.server_close());
  return server;
}

/** A client of a server, bound so that a datagram server can answer it. */
export function clientOf(
  context: TestContext,
  server: Pick<AnyServer, 'socket' | 'server_address'>,
): socket.socket<number> {
  const { family, type } = server.socket;
  const client = closing(context, new socket.socket<number>(family, type));
  client.settimeout(10);
  if (type === socket.SOCK_DGRAM) {
    client.bind(family === socket.AF_UNIX ? unixPath(context) : (['127.0.0.1', 0] as never));
  }
  client.connect(server.server_address as never);
  return client;
}

/** What the standard error gets while the test runs. */
export function captureErrors(context: TestContext): { text(): string } {
  const write = context.mock.method(process.stderr, 'write', () => true);
  return { text: () => write.mock.calls.map(({ arguments: [text] }) => String(text)).join('') };
}
