// The awaited forms: what blocks in the other forms waits for readiness on the event loop here.

import { osError, TimeoutError } from '../errors.js';
import { errnos, native } from '../native.js';
import { perform } from '../reactor.js';
import { PENDING, type Pending } from '../socket/compose.js';
import { watchers } from '../socket/descriptor.js';

/** Answers that were there at once before one goes through the loop, for the others' sake. */
const LONGEST_BURST = 512;
const NOT_WATCHABLE = -(errnos.EPERM as number);
/** The operations of {@link native.epollControl}. */
export const EpollOperation = { add: 0, modify: 1, remove: 2 } as const;

let burst = 0;

/** Gives an answer that was there at once, after a turn of the loop if there were many of them. */
function answerAtOnce<T>(value: T): T | Promise<T> {
  burst += 1;
  if (burst < LONGEST_BURST) return value;
  burst = 0;
  return new Promise((resolve) => setImmediate(resolve, value));
}

/**
 * Waits until an epoll set has something to tell.
 *
 * @param wait milliseconds; -1 for ever, 0 not at all
 * @param ask looks without waiting; PENDING where there is nothing yet
 * @param nothing what the time's end gives
 */
export async function awaitSet<T>(
  set: number,
  wait: number,
  ask: () => T | Pending,
  nothing: () => T,
  signal: AbortSignal | undefined,
): Promise<T> {
  signal?.throwIfAborted();
  if (wait === 0) {
    const value = ask();
    return answerAtOnce(value === PENDING ? nothing() : (value as T));
  }
  try {
    return await perform(set, 'readable', wait, ask, signal);
  } catch (error) {
    const isTimeout = error instanceof TimeoutError && error.errno === undefined;
    if (!isTimeout) throw error;
    const last = ask();
    return last === PENDING ? nothing() : (last as T);
  }
}

/**
 * Waits until any of many descriptors has something to tell, with an epoll set for this one wait.
 *
 * @param interests the descriptors with the events of poll(2) that matter; a descriptor may come
 *   more than once
 */
export async function awaitAny<T>(
  interests: Iterable<readonly [fd: number, events: number]>,
  wait: number,
  ask: () => T | Pending,
  nothing: () => T,
  signal: AbortSignal | undefined,
): Promise<T> {
  signal?.throwIfAborted();
  const value = ask();
  if (value !== PENDING) return answerAtOnce(value as T);
  if (wait === 0) return answerAtOnce(nothing());
  const end = performance.now() + wait;
  const events = new Map<number, number>();
  for (const [fd, mask] of interests) events.set(fd, (events.get(fd) ?? 0) | mask);
  const round = new Round(events);
  try {
    return await awaitSet(round.open(), wait, ask, nothing, signal);
  } catch (error) {
    if (!round.isOver) throw error;
  } finally {
    round.close();
  }
  // One of the descriptors is closed now, of which asking again tells, or somebody else's.
  const rest = wait < 0 ? wait : Math.max(0, end - performance.now());
  return awaitAny(events, rest, ask, nothing, signal);
}

/** The waits for many descriptors that are under way. */
const rounds = new Set<Round>();

/**
 * An epoll set with the descriptors of one wait. The kernel drops one that is closed without a word:
 * the set is closed then, which ends the wait.
 */
class Round {
  #set = -1;
  isOver = false;

  constructor(readonly events: ReadonlyMap<number, number>) {}

  open(): number {
    const set = openSet();
    this.#set = set;
    rounds.add(this);
    for (const [fd, mask] of this.events) {
      const result = native.epollControl(set, EpollOperation.add, fd, mask);
      // A regular file can be asked for nothing that it would not have told at once.
      if (result < 0 && result !== NOT_WATCHABLE) throw osError(result, 'epoll_ctl');
    }
    return set;
  }

  /** A descriptor is about to be closed or given away. */
  lose(fd: number): void {
    if (!this.events.has(fd)) return;
    this.isOver = true;
    this.close();
  }

  close(): void {
    const set = this.#set;
    this.#set = -1;
    if (!rounds.delete(this)) return;
    closeSet(set);
  }
}

const { forget } = watchers;
watchers.forget = (fd) => {
  forget(fd);
  for (const round of rounds) round.lose(fd);
};

/** A new epoll set that belongs to this thread. */
export function openSet(): number {
  const set = native.epollOpen();
  if (set < 0) throw osError(set, 'epoll_create1');
  adoptSet(set);
  return set;
}

/** Makes an epoll set this thread's, which closes it at its end. */
export function adoptSet(set: number): void {
  native.ownEpoll(set);
  watchers.doubt(set);
}

/** Closes an epoll set; who waits for it learns of it. */
export function closeSet(set: number): void {
  watchers.forget(set);
  const result = native.close(set);
  if (result < 0) throw osError(result, 'close');
}
