// `BaseServer`: the loop and the hooks that all servers have, whatever their requests are.

import { OSError } from '../errors.js';
import { native } from '../native.js';
import { pythonRepr } from '../repr.js';
import { methodOf } from '../socket/arguments.js';
import { unpackPair } from '../socket/connection.js';
import { lacks, typeName, withOptions } from '../types.js';
import { defineAttributes } from './attributes.js';
import { type Awaitable, type Flow, run } from './flow.js';
import { runHandler } from './handling.js';
import { describeError } from './report.js';
import { type Served, Serving, toMilliseconds } from './serving.js';
import type { AnyServer, KIND, RequestHandlerClass } from './types.js';

const POLLIN = 1;

// Not in private fields: a copy of a server in a thread or process is made without a constructor.
const servings = new WeakMap<object, Serving>();

/** The state of a server's loops. */
export function servingOf(server: object): Serving {
  let serving = servings.get(server);
  if (!serving) {
    serving = new Serving();
    servings.set(server, serving);
  }
  return serving;
}

/** Whether there is a request, for the server's loop; see {@link BaseServer}. @internal */
export const LOOK: unique symbol = Symbol('look');
/** Refuses to serve with attributes that came too late. @internal */
export const CHECK: unique symbol = Symbol('check');
/** Gives up a request that nobody will shut down. @internal */
export const DROP: unique symbol = Symbol('drop');

const INIT = {
  name: 'BaseServer.__init__',
  names: ['server_address', 'RequestHandlerClass'],
  required: 2,
  method: true,
};

const SERVE_FOREVER = {
  name: 'BaseServer.serve_forever',
  names: ['poll_interval'],
  method: true,
};

/**
 * What all servers have in common. Like Python's `socketserver.BaseServer`.
 *
 * Each method is a hook that a subclass may override; one that is called while requests are served
 * may be `async`, and is awaited. Class attributes are static properties: `static timeout = 5`, or
 * `server.timeout = 5` for one server.
 */
export class BaseServer<Request = unknown, ClientAddress = unknown> {
  /** @internal */
  declare readonly [KIND]: { readonly request: Request; readonly client_address: ClientAddress };

  /** Seconds that {@link handle_request} waits for a request; null waits for ever. */
  static timeout: number | null = null;
  /** Seconds that {@link handle_request} waits for a request; null waits for ever. */
  declare timeout: number | null;

  /** The address that was asked for, or that the socket has got. */
  server_address: unknown;
  /** What serves a request. */
  RequestHandlerClass: RequestHandlerClass<Request, ClientAddress> | null;

  /**
   * @param server_address where to serve
   * @param RequestHandlerClass what serves a request; null if {@link process_request} or
   *   {@link finish_request} does it
   */
  constructor(
    server_address: unknown,
    RequestHandlerClass: RequestHandlerClass<NoInfer<Request>, NoInfer<ClientAddress>> | null,
  );
  constructor(...given: unknown[]) {
    const [address, handler] = withOptions(INIT, given);
    if (handler !== null && typeof handler !== 'function') {
      throw new TypeError(`'${typeName(handler)}' object is not callable`);
    }
    this.server_address = address;
    this.RequestHandlerClass = handler as RequestHandlerClass<Request, ClientAddress> | null;
  }

  /** The descriptor to wait for. A subclass has one. */
  fileno(): number {
    throw lacks(this, 'fileno');
  }

  /** Called by the constructor to get ready; does nothing here. */
  server_activate(): void {}

  /**
   * Serves requests until {@link shutdown} is called or the server is closed. The event loop goes
   * on meanwhile.
   *
   * @param poll_interval seconds between calls of {@link service_actions} while nobody comes; null
   *   for none
   * @throws ValueError if the server is closed; what {@link verify_request} throws, and
   *   {@link get_request} other than an OSError
   */
  serve_forever(poll_interval?: number | null): Promise<void>;
  serve_forever(options: { poll_interval?: number | null }): Promise<void>;
  async serve_forever(...given: unknown[]): Promise<void> {
    const [interval = 0.5] = withOptions(SERVE_FOREVER, given);
    this[CHECK]();
    await servingOf(this).run(servedOf(this), toMilliseconds(interval));
  }

  /**
   * Ends {@link serve_forever}; the promise settles when it has ended. It may be called from
   * anywhere, but a handler of a server that serves one request at a time must not await it: the
   * loop does not end before the request. Called while nobody serves, it ends the next
   * `serve_forever` at once.
   */
  shutdown(): Promise<void> {
    return servingOf(this).shutdown();
  }

  /** Called by the loop of {@link serve_forever} after each request and each poll_interval. */
  service_actions(): Awaitable<void> {}

  /**
   * Serves one request.
   *
   * It waits for {@link timeout} or the socket's own, whichever is shorter.
   *
   * @returns what {@link handle_timeout} gives if no request came in time
   * @throws ValueError if the server is closed
   */
  async handle_request(): Promise<unknown> {
    this[CHECK]();
    const { socket } = this as { socket?: unknown };
    if (socket === undefined) throw lacks(this, 'socket');
    const limits = [methodOf(socket, 'gettimeout')(), this.timeout]
      .map(toMilliseconds)
      .filter((limit) => limit >= 0);
    const milliseconds = limits.length === 0 ? -1 : Math.min(...limits);
    const isReady = await servingOf(this).once(servedOf(this), milliseconds);
    return isReady ? this._handle_request_noblock() : this.handle_timeout();
  }

  /** Serves the request that is there. */
  _handle_request_noblock(): Awaitable<void> {
    return run(handleOne(this));
  }

  /** Called by {@link handle_request} when no request came in time. */
  handle_timeout(): Awaitable<unknown> {
    return undefined;
  }

  /** Takes the next request. A subclass has one. */
  get_request(): Awaitable<[request: Request, client_address: ClientAddress]> {
    throw lacks(this, 'get_request');
  }

  /** Whether to serve a request; what it throws ends {@link serve_forever}. */
  verify_request(_request: Request, _client_address: ClientAddress): Awaitable<boolean> {
    return true;
  }

  /** Serves a request here and shuts it down; a mix-in serves it elsewhere. */
  process_request(request: Request, client_address: ClientAddress): Awaitable<void> {
    return run(processHere(this, request, client_address));
  }

  /** Closes the server; again is fine. */
  server_close(): Awaitable<void> {}

  /** Constructs the {@link RequestHandlerClass} and runs it. */
  finish_request(request: Request, client_address: ClientAddress): Awaitable<void> {
    return runHandler(this, request, client_address);
  }

  /** Called when a request is over. */
  shutdown_request(request: Request): Awaitable<void> {
    return this.close_request(request);
  }

  /** Releases a request. */
  close_request(_request: Request): Awaitable<void> {}

  /**
   * Called with what was thrown while a request was processed; writes it to the standard error in
   * Python's form. The server lives on.
   */
  handle_error(_request: Request, client_address: ClientAddress, error?: unknown): Awaitable<void> {
    const line = '-'.repeat(40);
    // Python prints the address: a path, or the empty name of an AF_UNIX client, has no quotes then.
    const who = typeof client_address === 'string' ? client_address : pythonRepr(client_address);
    const what = `Exception occurred during processing of request from ${who}`;
    process.stderr.write(`${line}\n${what}\n${describeError(error)}\n${line}\n`);
  }

  /** @internal */
  [LOOK](): boolean {
    return native.wait(this.fileno(), POLLIN, 0) >= 0;
  }

  /** @internal */
  [CHECK](): void {}

  /** @internal */
  [DROP](_request: Request): void {}

  /** `using` closes the server, as Python's `with` does. */
  [Symbol.dispose](): void {
    void this.server_close();
  }

  /** `await using` closes the server and waits for what still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.server_close();
  }
}

defineAttributes(BaseServer, ['timeout']);

function servedOf(server: AnyServer): Served {
  return {
    fileno: () => server.fileno(),
    look: () => server[LOOK](),
    handleRequest: () => server._handle_request_noblock(),
    serviceActions: () => server.service_actions(),
  };
}

function* handleOne(server: AnyServer): Flow<void> {
  let taken: unknown;
  try {
    taken = yield server.get_request();
  } catch (error) {
    if (error instanceof OSError) return;
    throw error;
  }
  const [request, client_address] = unpackPair(taken);
  let isWelcome: unknown;
  try {
    isWelcome = yield server.verify_request(request, client_address);
  } catch (error) {
    server[DROP](request);
    throw error;
  }
  if (!isWelcome) {
    yield server.shutdown_request(request);
    return;
  }
  try {
    yield server.process_request(request, client_address);
  } catch (error) {
    yield* reportAndShutDown(server, request, client_address, error);
  }
}

function* processHere(server: AnyServer, request: unknown, client_address: unknown): Flow<void> {
  yield server.finish_request(request, client_address);
  yield server.shutdown_request(request);
}

/** What becomes of a request that failed. */
export function* reportAndShutDown(
  server: AnyServer,
  request: unknown,
  client_address: unknown,
  error: unknown,
): Flow<void> {
  try {
    yield server.handle_error(request, client_address, error);
  } finally {
    yield server.shutdown_request(request);
  }
}
