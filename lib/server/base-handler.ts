// `BaseRequestHandler`: what serves one request.

import type { TCPServer } from './tcp-server.js';
import type { AnyServer, ClientAddressOf, RequestOf } from './types.js';

/**
 * Serves one request: the server constructs it, then calls {@link setup}, {@link handle} and, if
 * `setup` succeeded, {@link finish} in any case. Each may be `async`. Like Python's
 * `socketserver.BaseRequestHandler`.
 *
 * `Server` is the type of the server, which decides what `request` and `client_address` are.
 */
export class BaseRequestHandler<Server extends AnyServer = TCPServer> {
  /** The connection, or `[data, socket]` of a datagram. */
  readonly request: RequestOf<Server>;
  /** Who asks. */
  readonly client_address: ClientAddressOf<Server>;
  /** The server. */
  readonly server: Server;

  constructor(request: RequestOf<Server>, client_address: ClientAddressOf<Server>, server: Server) {
    this.request = request;
    this.client_address = client_address;
    this.server = server;
  }

  /** Called before {@link handle}; if it throws, nothing else is called. */
  setup(): void | Promise<void> {}

  /** Serves the request; does nothing unless it is overridden. */
  handle(): void | Promise<void> {}

  /** Called after {@link handle}, even if that threw. */
  finish(): void | Promise<void> {}
}
