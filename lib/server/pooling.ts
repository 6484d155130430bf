// What ThreadingMixIn and ForkingMixIn have in common: a pool of workers with replicas of a server.

import { SOCK_DGRAM } from '../constants.js';
import type { socket } from '../socket/blocking.js';
import type { Channel } from './channel.js';
import type { Awaitable } from './flow.js';
import {
  type AnyClass,
  describeLoading,
  type Location,
  locate,
  type Place,
  refuseWhileLoading,
} from './location.js';
import type { Member, MemberEvents } from './member.js';
import type { Plan, SocketPlan } from './plan.js';
import { Pool } from './pool.js';
import { optionsOf } from './replica.js';
import { MOST_OVERHEAD, type OutgoingRequest } from './request-message.js';

/** A server, as far as it matters where its requests are served. */
interface ServerBase {
  readonly server_address: unknown;
  readonly socket: unknown;
  readonly RequestHandlerClass: unknown;
  readonly max_packet_size?: number;
  shutdown(): Promise<unknown>;
}

/** The same with what its workers get to see. */
interface PooledServer extends ServerBase {
  readonly shared: unknown;
}

/** A class of servers that a mix-in can be put in front of. */
export type Mixable = new (
  // biome-ignore lint/suspicious/noExplicitAny: TypeScript asks for any[] in the base of a mix-in
  ...given: any[]
) => ServerBase & {
  serve_forever(poll_interval?: number): Promise<void>;
  handle_request(): Promise<unknown>;
  service_actions(): Awaitable<void>;
  handle_timeout(): unknown;
  server_close(): Awaitable<void>;
  finish_request(request: never, client_address: never): unknown;
  handle_error(request: never, client_address: never, error?: unknown): unknown;
  shutdown_request(request: never): unknown;
  close_request(request: never): unknown;
};

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

const pools = new WeakMap<object, Pool>();

/** The pool of a server that has begun to serve. */
export function poolOf(server: object): Pool | undefined {
  return pools.get(server);
}

/** Refuses, before a server is made, what its workers could not find. */
export function checkClasses(server: AnyClass, handler: unknown): void {
  refuseWhileLoading();
  locate(server, 'server class');
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
  const own = copySocket(server);
  const common = {
    place: manner.place,
    serverSocket: own ? describe(own) : null,
    server: locate(server.constructor as AnyClass, 'server class'),
    handler: handlerLocation(server.RequestHandlerClass),
    address: server.server_address,
    options: optionsOf(server),
    maxRequests: manner.maxRequests,
    longestMessage: MOST_OVERHEAD + (own ? (server.max_packet_size ?? 0) : 0),
  };
  const pool = new Pool({
    limit: () => Math.max(1, manner.limit()),
    spares: () => Math.max(1, manner.spares()),
    idleTimeout: () => manner.idleTimeout(),
    start: (id, channel, events) => {
      const shared = typeof server.shared === 'function' ? server.shared() : server.shared;
      return manner.start({ ...common, id, channel, shared }, events);
    },
    send: (channel, request) => manner.send(channel, request),
    shutdown: () => server.shutdown(),
    preparation: describeLoading(common.handler ?? common.server),
    closed: () => own?.close(),
  });
  pools.set(server, pool);
  return pool;
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
