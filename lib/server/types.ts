// The TypeScript types of servers and handlers: what a request is follows from the server.

import type { AF_UNIX } from '../constants.js';
import type { Address, MaybeAddress } from '../socket/address-types.js';
import type { socket } from '../socket/blocking.js';
import type { socket as PromiseSocket } from '../socket/promises.js';
import type { BaseServer } from './base-server.js';
import type { TCPServer } from './tcp-server.js';

/** Where a server's type keeps what its requests and addresses are; there is no such property. */
export declare const KIND: unique symbol;

// biome-ignore lint/suspicious/noExplicitAny: any request, any address
export type AnyServer = BaseServer<any, any>;

/** What `this.request` is in a handler of that server. */
export type RequestOf<Server> = Server extends {
  readonly [KIND]: { readonly request: infer Request };
}
  ? Request
  : unknown;

/** What `this.client_address` is in a handler of that server. */
export type ClientAddressOf<Server> = Server extends {
  readonly [KIND]: { readonly client_address: infer ClientAddress };
}
  ? ClientAddress
  : unknown;

/** A socket of either flavour. */
export type AnySocket<F extends number = number> = socket<F> | PromiseSocket<F>;

/** The socket in a request of a datagram server, `[data, socket]`. */
export type DatagramSocketOf<Request> = Request extends readonly [unknown, infer Sock]
  ? Sock
  : never;

/** Who sent a datagram; null where an AF_UNIX sender has no name. */
export type DatagramAddress<F extends number> = F extends typeof AF_UNIX
  ? MaybeAddress<F>
  : Address<F>;

/**
 * What serves a request: a class that is constructed with it, such as a subclass of
 * `BaseRequestHandler`, or a function that is called with it.
 */
export type RequestHandlerClass<Request, ClientAddress> =
  | (new (
      request: Request,
      client_address: ClientAddress,
      server: never,
    ) => object)
  | ((request: Request, client_address: ClientAddress, server: never) => unknown);

/** The keyword arguments of a server's constructor. */
export interface ServerOptions {
  /** False leaves the socket as it is, for `server_bind()` and `server_activate()` later. */
  bind_and_activate?: boolean;
}

/** A class of servers that a mix-in can extend. */
export type ServerClass = (new (
  // biome-ignore lint/suspicious/noExplicitAny: TypeScript wants this of a mix-in's base
  ...given: any[]
) => AnyServer) &
  Pick<typeof BaseServer, 'timeout'>;

/** A class of servers with a socket. */
export type SocketServerClass = (new (
  // biome-ignore lint/suspicious/noExplicitAny: TypeScript wants this of a mix-in's base
  ...given: any[]
  // biome-ignore lint/suspicious/noExplicitAny: any family, any request
) => TCPServer<any, any>) &
  Pick<typeof BaseServer, 'timeout'>;
