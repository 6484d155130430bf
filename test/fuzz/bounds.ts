// Keeps arguments from making a call wait for long: what waits nevertheless is a finding.

import type { Recipe } from './recipes.js';

/** Which argument says how long a call waits, in addition to the object's own timeout. */
export interface Bound {
  readonly at: number;
  readonly most: number;
  /** Whether the call waits for ever without it, whatever its object's timeout is. */
  readonly isNeeded: boolean;
  /** Whether a negative number stands for ever. */
  readonly isEndless?: boolean;
}

const SECONDS = 0.002;
const MILLISECONDS = 2;

function needed(at: number): Bound {
  return { at, most: SECONDS, isNeeded: true };
}

/** Of objects whose negative times are for ever. */
function endless(most: number): Bound {
  return { at: 0, most, isNeeded: true, isEndless: true };
}

function optional(at: number): Bound {
  return { at, most: SECONDS, isNeeded: false };
}

const SELECTORS = ['DefaultSelector', 'EpollSelector', 'PollSelector', 'SelectSelector'];

const BOUNDS: Readonly<Record<string, Bound>> = {
  'blocking.create_connection': needed(1),
  'promises.create_connection': needed(1),
  'promises.wait_readable': needed(1),
  'promises.wait_writable': needed(1),
  'select.select': needed(3),
  'select.select_async': needed(3),
  'poll.poll': endless(MILLISECONDS),
  'poll.poll_async': endless(MILLISECONDS),
  'epoll.poll': endless(SECONDS),
  'epoll.poll_async': endless(SECONDS),
  ...Object.fromEntries(
    SELECTORS.flatMap((name) => [
      [`${name}.select`, needed(0)],
      [`${name}.select_async`, needed(0)],
    ]),
  ),
  'socket.recvmmsg': optional(4),
  'socket.recvmmsg_into': optional(2),
  'socket.sendmmsg': optional(2),
  'socket.sendmmsg_from': optional(4),
  'socket.send_segmented': optional(4),
  'socket.recv_segmented': optional(2),
  'socket.recv_segmented_into': optional(2),
};

/** The bound of a function or method; undefined where its object's timeout is all there is. */
export function boundOf(name: string): Bound | undefined {
  return BOUNDS[name];
}

/** The same arguments, with no time in them that is longer than a moment. */
export function bound(limit: Bound | undefined, args: readonly Recipe[]): readonly Recipe[] {
  const bounded = args.map(withoutPatience);
  if (!limit) return bounded;
  const { at, most, isNeeded, isEndless = false } = limit;
  while (isNeeded && bounded.length <= at) bounded.push({ is: 'plain', value: undefined });
  const recipe = bounded[at];
  if (recipe) bounded[at] = shortened(recipe, most, isEndless ? 0 : undefined);
  return bounded;
}

/** A time that is short, or that no call takes for one. */
function shortened(recipe: Recipe, most: number, least = Number.NEGATIVE_INFINITY): Recipe {
  if (recipe.is === 'bytes') return recipe;
  if (recipe.is === 'plain') {
    const { value } = recipe;
    if (typeof value === 'string' || typeof value === 'symbol') return recipe;
    if (typeof value === 'number' && !(value > most || value < least)) return recipe;
  }
  return { is: 'plain', value: most };
}

/** A keyword argument that says how long to wait is short, wherever it is. */
function withoutPatience(recipe: Recipe): Recipe {
  if (recipe.is !== 'object') return recipe;
  const entries = recipe.entries.map(([key, value]) => {
    return [key, key === 'timeout' ? shortened(value, SECONDS) : withoutPatience(value)] as const;
  });
  return { ...recipe, entries };
}
