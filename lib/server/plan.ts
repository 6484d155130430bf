// What a worker is told when it starts, and what it and the server say to each other besides requests.

import type { Location, Place } from './location.js';

/** What a worker needs to know to serve requests; it is cloned on its way. */
export interface Plan {
  readonly place: Place;
  /** The worker's number in its reports. */
  readonly id: number;
  /** The descriptor to take requests from. */
  readonly channel: number;
  /** The server's socket where requests are datagrams: a descriptor that the worker copies. */
  readonly serverSocket: SocketPlan | null;
  readonly server: Location;
  /** Null for a server without a handler class. */
  readonly handler: Location | null;
  readonly address: unknown;
  /** The server's own properties with plain values. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly shared: unknown;
  /** How many requests the worker serves before it ends; 0 for any number. */
  readonly maxRequests: number;
  /** Bytes of the longest message. */
  readonly longestMessage: number;
}

export interface SocketPlan {
  readonly fd: number;
  readonly family: number;
  readonly type: number;
  readonly proto: number;
}

/** What a worker says to the server, and the answer. */
export type Remark =
  | { readonly what: 'ready' }
  | { readonly what: 'failed'; readonly text: string; readonly stack: string }
  | { readonly what: 'shutdown'; readonly call: number };

export interface Answer {
  readonly call: number;
}
