// `ForkingMixIn`: each request is served by a child process.

import { withOptions } from '../types.js';
import { defineAttributes } from './attributes.js';
import { startChild } from './child-member.js';
import { type Awaitable, type Flow, isThenable, run } from './flow.js';
import { checkBase } from './mixed.js';
import type { Pool } from './pool.js';
import { PoolMixIn } from './pool-mixin.js';
import { type Manner, poolOf, startPool } from './pooling.js';
import { SERVE } from './replica.js';
import { outgoing } from './request-message.js';
import type { SocketServerClass } from './types.js';

/** The attributes of ForkingMixIn, which a class may declare as static properties. */
export interface ForkingAttributes {
  /** The most children at once, 40 unless set: with that many at work the server takes no more. */
  max_children: number;
  /** How many children wait for requests to come, 2 unless set: starting one takes 60 to 90 ms. */
  spare_children: number;
  /**
   * How many requests a child serves before another one takes its place; Infinity unless set. With 1
   * each request has a fresh process, as in Python.
   */
  max_requests: number;
  /** Seconds after which children are ended that nobody needed, 10 unless set. */
  idle_timeout: number;
  /** Whether `server_close()` waits for the running requests. True unless set. */
  block_on_close: boolean;
}

/** What ForkingMixIn adds to a server. */
export interface Forking extends ForkingAttributes {
  /**
   * What handlers find as `this.server.shared`: a value that can be cloned, or a function that is
   * called once for each child and gives one. Set it before the server serves.
   */
  shared: unknown;
  /**
   * The process numbers of the children, the waiting ones included; null before the server serves.
   * Like Python's `ForkingMixIn.active_children`.
   */
  readonly active_children: ReadonlySet<number> | null;
  /**
   * Takes notice of what the children have done. Like Python's `ForkingMixIn.collect_children`; no
   * child is ever left a zombie, with or without this call.
   *
   * @param options `blocking`: give a promise that settles when all running requests are over
   */
  collect_children(options?: { blocking?: boolean }): Awaitable<void>;
}

const ATTRIBUTES = [
  'timeout',
  'max_children',
  'spare_children',
  'max_requests',
  'idle_timeout',
  'block_on_close',
];

const COLLECT_CHILDREN = {
  name: 'ForkingMixIn.collect_children',
  names: ['blocking'],
  positional: 0,
  method: true,
};

/**
 * Has each request of a server class served by a child process. Like Python's
 * `socketserver.ForkingMixIn`; `class Server extends ForkingMixIn(TCPServer) {}`.
 *
 * The children are warm: they are started ahead, and each serves one request after the other, up to
 * `max_requests`. A child that crashes takes only its own request along, and another one takes its
 * place. Children load the handler class, and the server class if it is your own, by module and
 * exported name: see {@link isMainProgram}. `this.server` is a replica there.
 *
 * @throws TypeError in the constructor if the children could not find one of the classes
 */
export function ForkingMixIn<Base extends SocketServerClass>(
  base: Base,
  // biome-ignore lint/suspicious/noExplicitAny: the arguments are those of the base class
): Base & (new (...given: any[]) => Forking) & ForkingAttributes {
  checkBase(base, 'ForkingMixIn');
  class Forked extends PoolMixIn<SocketServerClass>(base, begin) implements Forking {
    static override timeout: number | null = 300;
    static max_children = 40;
    static spare_children = 2;
    static max_requests = Number.POSITIVE_INFINITY;
    static idle_timeout = 10;
    static block_on_close = true;

    declare max_children: number;
    declare spare_children: number;
    declare max_requests: number;
    declare idle_timeout: number;
    declare block_on_close: boolean;

    get active_children(): ReadonlySet<number> | null {
      const pool = poolOf(this);
      return pool ? new Set(pool.pids) : null;
    }

    collect_children(...given: unknown[]): Awaitable<void> {
      const [blocking] = withOptions(COLLECT_CHILDREN, given);
      const pool = poolOf(this);
      // Reading how many run takes notice of what the children report.
      if (pool && pool.running > 0 && blocking) return pool.settled();
    }

    override handle_timeout(): Awaitable<unknown> {
      return this.collect_children();
    }

    override service_actions(): Awaitable<void> {
      return run(inTurn(this.collect_children(), () => super.service_actions()));
    }

    override process_request(request: unknown, client_address: unknown): Awaitable<void> {
      const submitted = begin(this).submit(outgoing(request, client_address));
      if (!isThenable(submitted)) return this.close_request(request);
      return submitted.then(() => this.close_request(request));
    }

    [SERVE](request: unknown, client_address: unknown): unknown {
      return run(serve(this, request, client_address));
    }

    override server_close(): Awaitable<void> {
      return run(close(super.server_close(), this));
    }
  }
  defineAttributes(Forked, ATTRIBUTES);
  return Forked as never;
}

type Forked = InstanceType<SocketServerClass> & Forking;

function begin(server: Forked): Pool {
  const manner: Manner = {
    place: 'child process',
    start: startChild,
    send: (channel, request) => channel.trySendCopy(request),
    limit: () => server.max_children,
    spares: () => server.spare_children,
    idleTimeout: () => server.idle_timeout,
    maxRequests: server.max_requests,
  };
  return startPool(server, manner);
}

function* inTurn(first: Awaitable<void>, second: () => Awaitable<void>): Flow<void> {
  yield first;
  yield second();
}

/** Serves a request in a child; gives the exit code. */
function* serve(server: Forked, request: unknown, address: unknown): Flow<number> {
  try {
    yield server.finish_request(request, address);
    return 0;
  } catch (error) {
    yield server.handle_error(request, address, error);
    return 1;
  } finally {
    yield server.shutdown_request(request);
  }
}

function* close(closed: Awaitable<void>, server: Forked): Flow<void> {
  yield closed;
  const blocking = server.block_on_close;
  const ended = poolOf(server)?.close();
  yield server.collect_children({ blocking });
  if (blocking) yield ended;
}
