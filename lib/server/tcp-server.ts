// `TCPServer`: a server with a listening socket.

import {
  AF_INET,
  AF_INET6,
  SHUT_WR,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../constants.js';
import { OSError, osError } from '../errors.js';
import type { Address, AddressInput } from '../socket/address-types.js';
import { socket, socketOn } from '../socket/blocking.js';
import * as calls from '../socket/calls.js';
import { ATTEMPT, PENDING } from '../socket/compose.js';
import { DESCRIPTOR, Endpoint } from '../socket/endpoint.js';
import { withOptions } from '../types.js';
import { assign, classAttribute, refuseFields } from './attributes.js';
import { BaseServer, CHECK, DROP, LOOK, servingOf } from './base-server.js';
import { type Awaitable, isThenable } from './flow.js';
import { fetchTaken, mayTakeAhead, putAside, takesAhead } from './taking.js';
import type { AnySocket, RequestHandlerClass, ServerOptions } from './types.js';
import { blockingView, invoke } from './views.js';

/** Makes the server's own socket. @internal */
export const OPEN: unique symbol = Symbol('open');
/** Makes the request of an accepted descriptor. @internal */
export const CONNECTION: unique symbol = Symbol('connection');

const INIT = {
  name: 'TCPServer.__init__',
  names: ['server_address', 'RequestHandlerClass', 'bind_and_activate'],
  required: 2,
  method: true,
};

/** What the constructor's binding and listening reads. */
const EARLY = [
  'address_family',
  'socket_type',
  'request_queue_size',
  'allow_reuse_address',
  'allow_reuse_port',
];

const PORT_FAMILIES: readonly number[] = [AF_INET, AF_INET6];

/** The errors of accept(2) that are over at once: they were those of one connection. */
const PASSING: readonly unknown[] = ['ECONNABORTED', 'EPROTO', 'EPERM', 'EINTR'];

/**
 * A server of TCP connections, one at a time: `request` is a blocking socket. Like Python's
 * `socketserver.TCPServer`.
 *
 * ```ts
 * class Echo extends BaseRequestHandler {
 *   override handle() {
 *     this.request.sendall(this.request.recv(1024));
 *   }
 * }
 * await using server = new TCPServer(['127.0.0.1', 0], Echo);
 * await server.serve_forever();
 * ```
 *
 * `F` is the address family, and `Request` what a handler gets.
 */
export class TCPServer<
  F extends number = typeof AF_INET,
  Request = socket<F>,
  ClientAddress = Address<F>,
> extends BaseServer<Request, ClientAddress> {
  /** The family of the socket, an `AF_` constant. */
  static address_family: number = AF_INET;
  /** The type of the socket, a `SOCK_` constant. */
  static socket_type: number = SOCK_STREAM;
  /** How many connections may wait to be accepted, 5 unless set. */
  static request_queue_size = 5;
  /** Whether to set SO_REUSEADDR, so that a server can be started again at once. False unless set. */
  static allow_reuse_address = false;
  /** Whether to set SO_REUSEPORT, so that several servers can share a port. False unless set. */
  static allow_reuse_port = false;

  declare server_address: Address<F>;

  /**
   * Makes a socket, binds it and listens.
   *
   * @param server_address where to serve; for AF_INET `[host, port]`, where `['', 0]` is every
   *   address of this machine and any free port
   * @param RequestHandlerClass what serves a request
   * @param bind_and_activate false to bind and to listen later, or to use another socket
   * @throws OSError if the address cannot be bound (EADDRINUSE, …); the socket is closed then
   */
  constructor(
    server_address: AddressInput<F>,
    RequestHandlerClass: RequestHandlerClass<NoInfer<Request>, NoInfer<ClientAddress>> | null,
    bind_and_activate?: boolean | ServerOptions,
  );
  constructor(...given: unknown[]) {
    const [address, handler, isActive = true] = withOptions(INIT, given);
    super(address, handler as RequestHandlerClass<Request, ClientAddress> | null);
    this.socket = this[OPEN](this.address_family, this.socket_type) as AnySocket<F>;
    if (!isActive) return;
    early.add(this);
    try {
      requirePlain(this.server_bind(), 'server_bind');
      requirePlain(this.server_activate(), 'server_activate');
    } catch (error) {
      void this.server_close();
      throw error;
    }
  }

  get address_family(): number {
    return classAttribute(this, 'address_family');
  }

  set address_family(family: number) {
    assign(this, 'address_family', family);
  }

  get socket_type(): number {
    return classAttribute(this, 'socket_type');
  }

  set socket_type(type: number) {
    assign(this, 'socket_type', type);
  }

  get request_queue_size(): number {
    return classAttribute(this, 'request_queue_size');
  }

  set request_queue_size(count: number) {
    assign(this, 'request_queue_size', count);
  }

  get allow_reuse_address(): boolean {
    return classAttribute(this, 'allow_reuse_address');
  }

  set allow_reuse_address(isAllowed: boolean) {
    assign(this, 'allow_reuse_address', isAllowed);
  }

  get allow_reuse_port(): boolean {
    return classAttribute(this, 'allow_reuse_port');
  }

  set allow_reuse_port(isAllowed: boolean) {
    assign(this, 'allow_reuse_port', isAllowed);
  }

  /**
   * The server's socket. Another one that is assigned takes its place, and the one before is
   * closed, as Python's is when nobody refers to it any more.
   */
  get socket(): AnySocket<F> {
    return sockets.get(this) as AnySocket<F>;
  }

  set socket(sock: AnySocket<F>) {
    const before = sockets.get(this);
    sockets.set(this, sock);
    if (before instanceof Endpoint && before.fileno() !== numberOf(sock)) before.close();
  }

  /** Sets the options that the attributes ask for, binds the socket, and learns its address. */
  server_bind(): void {
    // As in Python any object with these methods will do.
    const sock: { readonly family?: unknown } | null | undefined = this.socket;
    if (this.allow_reuse_address) invoke(sock, 'setsockopt', SOL_SOCKET, SO_REUSEADDR, 1);
    // Linux refuses the option on other families since 6.12.
    const hasPorts = PORT_FAMILIES.some((family) => family === sock?.family);
    if (this.allow_reuse_port && hasPorts) invoke(sock, 'setsockopt', SOL_SOCKET, SO_REUSEPORT, 1);
    invoke(blockingView(sock), 'bind', this.server_address);
    this.server_address = invoke(sock, 'getsockname') as Address<F>;
  }

  /** Begins to listen. */
  override server_activate(): void {
    invoke(this.socket, 'listen', this.request_queue_size);
  }

  /** Closes the server's socket. Who wants to stop serving first calls {@link shutdown}. */
  override server_close(): Awaitable<void> {
    return invoke(this.socket, 'close') as Awaitable<void>;
  }

  /** The descriptor of the server's socket, -1 when it is closed. */
  override fileno(): number {
    return invoke(this.socket, 'fileno') as number;
  }

  /**
   * Accepts a connection, without waiting for one.
   *
   * @throws BlockingIOError if there is none
   */
  override get_request(): Awaitable<[request: Request, client_address: ClientAddress]> {
    const sock: unknown = this.socket;
    // As in Python any object with these methods will do.
    if (!(sock instanceof Endpoint)) return invoke(sock, 'accept') as [Request, ClientAddress];
    const [fd, address] = (fetchTaken(this) ?? acceptNow(this, sock)) as [number, ClientAddress];
    const { family, type, proto } = sock;
    return [this[CONNECTION](fd, family, type, proto) as Request, address];
  }

  /** Ends the sending side of a connection and closes it. */
  override shutdown_request(request: Request): Awaitable<void> {
    try {
      // A client that waits for the end gets it, even if the descriptor lives on elsewhere.
      invoke(request, 'shutdown', SHUT_WR);
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
    }
    return this.close_request(request);
  }

  /** Closes a connection. */
  override close_request(request: Request): Awaitable<void> {
    // What is no socket may close in time, and is waited for.
    const closed = invoke(request, 'close') as Awaitable<void>;
    servingOf(this).goOn();
    return closed;
  }

  /** @internal */
  override [LOOK](): boolean {
    const sock: unknown = this.socket;
    if (!(sock instanceof Endpoint && mayTakeAhead(this))) return super[LOOK]();
    try {
      const value = accept(this, sock);
      if (value === PENDING) return false;
      putAside(this, { value });
    } catch (error) {
      putAside(this, { error });
    }
    return true;
  }

  /** @internal */
  override [CHECK](): void {
    if (early.has(this)) refuseFields(this, EARLY);
  }

  /** @internal */
  override [DROP](request: Request): void {
    if (request instanceof Endpoint) request.close();
  }

  /** @internal */
  [OPEN](family: number, type: number): AnySocket<number> {
    return new socket(family, type);
  }

  /** @internal */
  [CONNECTION](fd: number, family: number, type: number, proto: number): unknown {
    return socketOn(fd, family, type, proto);
  }
}

takesAhead(TCPServer.prototype.get_request);

// Not in private fields: a copy of a server in a thread or process is made without a constructor.
const sockets = new WeakMap<object, AnySocket<number>>();
/** The servers whose constructor has bound the socket. */
const early = new WeakSet<object>();

/** The descriptor of whatever was assigned. */
function numberOf(sock: { fileno?(): unknown } | null | undefined): unknown {
  return typeof sock?.fileno === 'function' ? sock.fileno() : undefined;
}

function accept(server: object, sock: Endpoint): [number, unknown] | typeof PENDING {
  try {
    return calls.accept(sock[DESCRIPTOR], ATTEMPT);
  } catch (error) {
    if (!PASSING.includes((error as OSError).code)) servingOf(server).pause();
    throw error;
  }
}

function acceptNow(server: object, sock: Endpoint): [number, unknown] {
  const accepted = accept(server, sock);
  if (accepted === PENDING) throw osError(calls.WOULD_BLOCK, 'accept');
  return accepted;
}

function requirePlain(result: unknown, name: string): void {
  if (!isThenable(result)) return;
  // Nobody else would hear of its failure.
  Promise.resolve(result).catch(() => {});
  throw new TypeError(`${name}() must not be async: a constructor cannot wait for it`);
}
