// Keeps arguments from making a call wait for long: what waits nevertheless is a finding.

import type { Recipe } from './recipes.js';

/** Which argument says how long a call waits, in addition to the object's own timeout. */
export interface Bound {
  readonly at: number;
  readonly most: number;
  /** Whether the call waits for ever without it, whatever its object's timeout is. */
  readonly isNeeded: boolean;
}

const SECONDS = 0.002;
const MILLISECONDS = 2;

function needed(at: number, most = SECONDS): Bound {
  return { at, most, isNeeded: true };
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
  'poll.poll': needed(0, MILLISECONDS),
  'poll.poll_async': needed(0, MILLISECONDS),
  'epoll.poll': needed(0),
  'epoll.poll_async': needed(0),
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
  const { at, most, isNeeded } = limit;
  while (isNeeded && bounded.length <= at) bounded.push({ is: 'plain', value: undefined });
  const recipe = bounded[at];
  if (recipe) bounded[at] = shortened(recipe, most);
  return bounded;
}

/** A time that is short, or that no call takes for one. */
function shortened(recipe: Recipe, most: number): Recipe {
  if (recipe.is === 'bytes') return recipe;
  if (recipe.is === 'plain') {
    const { value } = recipe;
    if (typeof value === 'string' || typeof value === 'symbol') return recipe;
    if (typeof value === 'number' && !(value > most)) return recipe;
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
