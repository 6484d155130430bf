// What the arena, in which everything happens, tells the watcher that started it.

import type { Inventory } from './inventory.js';
import type { Found } from './world.js';

/** The arena's arguments, as JSON. */
export interface Plan {
  readonly seed: string;
  /** Seconds, besides those before the first inventory. */
  readonly seconds: number;
  /** Seconds until the first inventory. */
  readonly warmUp: number;
  /** The names of those that act. */
  readonly actors: readonly string[];
  /** The file that `sendfile` sends from. */
  readonly file: string;
}

/** How far it is; each second. */
export interface Progress {
  readonly kind: 'progress';
  readonly phase: string;
  /** Seconds of the plan that are over. */
  readonly elapsed: number;
  readonly operations: number;
  readonly bytes: number;
  readonly descriptors: number;
  readonly findings: number;
}

/** All that came of it. */
export interface Report {
  readonly kind: 'report';
  readonly seconds: number;
  readonly counts: readonly (readonly [what: string, count: number])[];
  readonly bytes: number;
  readonly episodes: readonly (readonly [actor: string, count: number])[];
  readonly mostDescriptors: number;
  /** Milliseconds that the event loop stood still at most. */
  readonly longestPause: number;
  readonly inventories: readonly (readonly [when: string, inventory: Inventory])[];
}

/** What the watcher is asked for: how many descriptors, null for as many as before. */
export interface LimitRequest {
  readonly kind: 'limit';
  readonly count: number | null;
}

/** Whether it could be done. */
export interface LimitAnswer {
  readonly kind: 'limited';
  readonly done: boolean;
}

/** A finding, as soon as there is one. */
export interface Finding {
  readonly kind: 'finding';
  readonly found: Found;
}

/** All that the arena says. */
export type Message = Progress | Report | Finding | LimitRequest;
