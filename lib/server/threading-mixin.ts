// `ThreadingMixIn`: each request is served by a thread, which may block.

import { defineAttributes } from './attributes.js';
import { type Awaitable, type Flow, run } from './flow.js';
import { checkBase } from './mixed.js';
import type { Pool } from './pool.js';
import { PoolMixIn } from './pool-mixin.js';
import { type Manner, poolOf, startPool } from './pooling.js';
import { SERVE } from './replica.js';
import { outgoing } from './request-message.js';
import { startThread } from './thread-member.js';
import type { SocketServerClass } from './types.js';

/** The attributes of ThreadingMixIn, which a class may declare as static properties. */
export interface ThreadingAttributes {
  /**
   * Whether the program may end, and `server_close()` return, while threads serve requests. False
   * unless set. Like Python's `ThreadingMixIn.daemon_threads`.
   */
  daemon_threads: boolean;
  /** Whether `server_close()` waits for the running requests. True unless set. */
  block_on_close: boolean;
  /** The most threads at once, 128 unless set: with that many at work the server takes no more. */
  max_threads: number;
  /** How many threads wait for requests to come, 4 unless set: starting one takes 25 to 60 ms. */
  spare_threads: number;
  /** Seconds after which threads are ended that nobody needed, 10 unless set. */
  idle_timeout: number;
}

/** What ThreadingMixIn adds to a server. */
export interface Threading extends ThreadingAttributes {
  /**
   * What handlers find as `this.server.shared`: a value that can be cloned, in which a
   * `SharedArrayBuffer` is shared, or a function that is called once for each thread and gives one,
   * for instance with a `MessagePort`, which only one thread can have. Set it before the server
   * serves.
   */
  shared: unknown;
  /** How many running requests `server_close()` would wait for. */
  readonly _threads: { readonly length: number };
  /**
   * What the thread does with the request: `finish_request`, `handle_error` for what that throws,
   * and at last `shutdown_request`. Like Python's `ThreadingMixIn.process_request_thread`.
   */
  process_request_thread(request: unknown, client_address: unknown): Awaitable<void>;
}

const ATTRIBUTES = [
  'daemon_threads',
  'block_on_close',
  'max_threads',
  'spare_threads',
  'idle_timeout',
];

/**
 * Has each request of a server class served by a thread, in which blocking calls block nobody else.
 * Like Python's `socketserver.ThreadingMixIn`; `class Server extends ThreadingMixIn(TCPServer) {}`.
 *
 * The threads are warm workers that load the handler class, and the server class if it is your own,
 * by module and exported name: see {@link isMainProgram}. `this.server` is a replica there.
 *
 * @throws TypeError in the constructor if the threads could not find one of the classes
 */
export function ThreadingMixIn<Base extends SocketServerClass>(
  base: Base,
  // biome-ignore lint/suspicious/noExplicitAny: the arguments are those of the base class
): Base & (new (...given: any[]) => Threading) & ThreadingAttributes {
  checkBase(base, 'ThreadingMixIn');
  class Threaded extends PoolMixIn<SocketServerClass>(base, begin) implements Threading {
    static daemon_threads = false;
    static block_on_close = true;
    static max_threads = 128;
    static spare_threads = 4;
    static idle_timeout = 10;

    declare daemon_threads: boolean;
    declare block_on_close: boolean;
    declare max_threads: number;
    declare spare_threads: number;
    declare idle_timeout: number;

    get _threads(): { readonly length: number } {
      const isTracked = this.block_on_close && !this.daemon_threads;
      return { length: isTracked ? (poolOf(this)?.running ?? 0) : 0 };
    }

    override process_request(request: unknown, client_address: unknown): Awaitable<void> {
      return begin(this).submit(outgoing(request, client_address));
    }

    process_request_thread(request: unknown, client_address: unknown): Awaitable<void> {
      return run(serve(this, request, client_address));
    }

    [SERVE](request: unknown, client_address: unknown): unknown {
      return this.process_request_thread(request, client_address);
    }

    override server_close(): Awaitable<void> {
      return run(close(super.server_close(), this));
    }
  }
  defineAttributes(Threaded, ATTRIBUTES);
  return Threaded as never;
}

type Threaded = InstanceType<SocketServerClass> & Threading;

function begin(server: Threaded): Pool {
  const manner: Manner = {
    place: 'worker thread',
    start: startThread,
    send: (channel, request) => channel.trySendNumber(request),
    limit: () => server.max_threads,
    spares: () => server.spare_threads,
    idleTimeout: () => server.idle_timeout,
    maxRequests: Number.POSITIVE_INFINITY,
  };
  const pool = startPool(server, manner);
  pool.isAwaited = !server.daemon_threads;
  return pool;
}

function* serve(server: Threaded, request: unknown, address: unknown): Flow<void> {
  try {
    yield server.finish_request(request, address);
  } catch (error) {
    yield server.handle_error(request, address, error);
  } finally {
    yield server.shutdown_request(request);
  }
}

function* close(closed: Awaitable<void>, server: Threaded): Flow<void> {
  yield closed;
  const pool = poolOf(server);
  if (!pool) return;
  pool.isAwaited = !server.daemon_threads;
  const ended = pool.close();
  if (server.block_on_close && !server.daemon_threads) yield ended;
}
