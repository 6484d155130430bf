// What ThreadingMixIn and ForkingMixIn have in common: a pool of workers with replicas of a server.

import { SOCK_DGRAM } from '../constants.js';
import type { socket } from '../socket/blocking.js';
import { isOptions } from '../types.js';
import { type Channel, closeOwn } from './channel.js';
import {
  type AnyClass,
  describeLoading,
  type Location,
  locate,
  type Place,
  refuseItself,
  refuseWhileLoading,
} from './location.js';
import type { Member, MemberEvents } from './member.js';
import type { Plan, SocketPlan } from './plan.js';
import { Pool } from './pool.js';
import type { PoolOptions } from './pool-options.js';
import { optionsOf } from './replica.js';
import { MOST_OVERHEAD, type OutgoingRequest } from './request-message.js';
import { openDescriptor } from './serving.js';
import { LONGEST_TIMER } from './turnstile.js';
import type { SocketServerClass } from './types.js';

/** A server with a pool: what its workers get to see besides its own properties. */
export interface PooledServer extends InstanceType<SocketServerClass> {
  readonly shared: unknown;
}

/** What differs between threads and processes. */
export interface Manner {
  readonly place: Place;
  /** Starts a worker. */
  start(plan: Plan, events: MemberEvents): Member;
  send(channel: Channel, request: OutgoingRequest): boolean;
  limit(): number;
  spares(): number;
  idleTimeout(): number;
  readonly maxRequests: number;
}

/** Without a worker nobody would ever be served: also what is no number stands for one. */
function atLeastOne(count: number): number {
  return count >= 1 ? count : 1;
}

const pools = new WeakMap<object, Pool>();

/** The pool of a server that has begun to serve. */
export function poolOf(server: object): Pool | undefined {
  return pools.get(server);
}

/**
 * Refuses, before a server is made, what its workers could not find.
 *
 * @param given the arguments of the server's constructor
 */
export function checkClasses(server: AnyClass, given: readonly unknown[]): void {
  refuseWhileLoading();
  locate(server, 'server class');
  const last = given.at(-1);
  const named = isOptions(last) ? last.RequestHandlerClass : undefined;
  const handler = named ?? given[1];
  refuseItself((typeof handler === 'function' ? handler : server) as AnyClass);
  handlerLocation(handler);
}

function handlerLocation(handler: unknown): Location | null {
  // As in Python a server may do without, when it overrides finish_request().
  if (typeof handler !== 'function') return null;
  return locate(handler as unknown as AnyClass, 'handler class');
}

/** The pool of a server, which is started now if it is not yet. */
export function startPool(server: PooledServer, manner: Manner): Pool {
  const known = pools.get(server);
  if (known) return known;
  // Nobody would close a pool of a server that is closed already.
  openDescriptor(server.fileno());
  // What may be refused comes before there is a copy of the socket that somebody has to close.
  const classes = {
    server: locate(server.constructor as AnyClass, 'server class'),
    handler: handlerLocation(server.RequestHandlerClass),
  };
  const own = copySocket(server);
  const common = {
    ...classes,
    place: manner.place,
    serverSocket: own ? describe(own) : null,
    address: server.server_address,
    options: optionsOf(server),
    maxRequests: manner.maxRequests,
    longestMessage: MOST_OVERHEAD + (own ? largestDatagram(server) : 0),
  };
  const pool = make(own, {
    limit: () => atLeastOne(manner.limit()),
    spares: () => atLeastOne(manner.spares()),
    idleTimeout: () => Math.min(manner.idleTimeout() * 1000, LONGEST_TIMER),
    start: (id, channel, events) => {
      const shared = typeof server.shared === 'function' ? server.shared() : server.shared;
      return manner.start({ ...common, id, channel, shared }, events);
    },
    send: (channel, request) => manner.send(channel, request),
    // A subclass's own may throw, or give no promise.
    shutdown: async () => server.shutdown(),
    preparation: describeLoading(common.handler ?? common.server),
    longestMessage: common.longestMessage,
    closed: () => own && closeOwn(own),
  });
  pools.set(server, pool);
  return pool;
}

/** A pool, which closes the copy of the server's socket at its end; so does its failure to begin. */
function make(own: socket<number> | undefined, options: PoolOptions): Pool {
  try {
    return new Pool(options);
  } catch (error) {
    if (own) closeOwn(own);
    throw error;
  }
}

function largestDatagram(server: PooledServer): number {
  const { max_packet_size } = server as { max_packet_size?: unknown };
  return Math.max(0, Number(max_packet_size ?? 0));
}

/** Datagrams are answered with the server's socket: workers copy this copy, whenever they start. */
function copySocket(server: PooledServer): socket<number> | undefined {
  const own = server.socket as socket<number> | undefined;
  return own?.type === SOCK_DGRAM ? own.dup() : undefined;
}

function describe(own: socket<number>): SocketPlan {
  const { family, type, proto } = own;
  return { fd: own.fileno(), family, type, proto };
}
