// Who waits for which descriptor: operations of the promise flavour queue here, per descriptor and
// direction, until the reactor says that it is ready.

import { OSError, osError } from './errors.js';
import { errnos, native } from './native.js';
import { Attempt, type Operation, type Special } from './operation.js';
import {
  AGAIN,
  type Again,
  ATTEMPT,
  ATTEMPT_AT_END,
  PENDING,
  type Pending,
} from './socket/compose.js';
import { watchers } from './socket/descriptor.js';
import {
  type Direction,
  endAll,
  enter,
  leave,
  type Queue,
  resume,
  resumeUnasked,
  type Waiter,
  Watch,
} from './waiters.js';

/** The options that every waiting call of the promise flavour takes. */
export interface WaitOptions {
  /** Ends the call: its promise rejects with the signal's reason, and nothing is lost. */
  signal?: AbortSignal | undefined;
  /** Seconds for this call instead of the socket's timeout; null waits for ever. */
  timeout?: number | null | undefined;
}

const READABLE = 1;
const WRITABLE = 2;
const UNUSUAL = 4;
/** Calls that completed at once in a row before one goes through the loop, for the others' sake. */
const LONGEST_BURST = 512;
const EVENT_ROOM = 1024;
/** What an event is: the descriptor, its watch's token, and what happened. */
const EVENT_WORDS = 3;
const EXISTS = -(errnos.EEXIST as number);
const WOULD_BLOCK = -(errnos.EAGAIN as number);
const NOT_WATCHABLE = -(errnos.EPERM as number);

/** By descriptor: the numbers are small and dense, so that an array beats a table. */
const watches: (Watch | undefined)[] = [];
let events: Uint32Array | undefined;
let nextToken = 1;
let burst = 0;

function start(): void {
  if (events) return;
  const shared = new Uint32Array(EVENT_WORDS * EVENT_ROOM);
  if (!native.startReactor(deliver, shared)) {
    throw new OSError('the event loop could not be watched');
  }
  events = shared;
}

function deliver(count: number): void {
  burst = 0;
  // A file that is being sent may run the loop within a method of its own, and a turn of the loop
  // fills the array anew.
  const shared = events as Uint32Array;
  const end = EVENT_WORDS * count;
  const ready = count > 1 ? shared.slice(0, end) : shared;
  for (let index = 0; index < end; index += EVENT_WORDS) {
    const watch = watches[ready[index] as number];
    // It may be an event of a file that had the number before.
    if (watch?.token !== ready[index + 1]) continue;
    if (isStill(watch)) notice(watch, ready[index + 2] as number);
  }
}

/** Wakes who waits for what happened. */
function notice(watch: Watch, what: number): void {
  if ((what & UNUSUAL) !== 0) watch.isUnusual = true;
  if ((what & READABLE) !== 0) {
    watch.isDrained = false;
    if (watch.read) resume(watch.read);
    if (watch.unusual) resume(watch.unusual);
    if (watch.readable) resume(watch.readable);
  }
  if ((what & WRITABLE) !== 0) {
    if (watch.write) resume(watch.write);
    if (watch.writable) resume(watch.writable);
  }
}

/**
 * Whether the number still is the file that is watched; otherwise who waits for that learns of it.
 * Copies of the file may live on, and have events, when another file has the number.
 */
function isStill(watch: Watch): boolean {
  // The kernel knows; if it is the same open file, it reports its readiness anew.
  if (!watch.isDoubtful || native.renewWatch(watch.fd, watch.token) === 0) {
    watch.isDoubtful = false;
    return true;
  }
  drop(watch);
  return false;
}

/** The watch of a descriptor, which is begun at its first wait; undefined for what never waits. */
function watchOf(fd: number): Watch | undefined {
  const known = watches[fd];
  if (known && isStill(known)) return known;
  start();
  const token = nextToken;
  nextToken = nextToken === 0xffff_ffff ? 1 : nextToken + 1;
  let result = native.watch(fd, token);
  // It is watched since before it was forgotten.
  if (result === EXISTS) result = native.renewWatch(fd, token);
  if (result === NOT_WATCHABLE) return undefined;
  if (result < 0) throw osError(result, 'epoll_ctl');
  const watch = new Watch(fd, token);
  watches[fd] = watch;
  return watch;
}

function drop(watch: Watch): void {
  watches[watch.fd] = undefined;
  endAll(watch);
}

/** The descriptor is about to be closed or given away: whoever waits for it learns of it. */
function forget(fd: number): void {
  const watch = watches[fd];
  if (!watch) return;
  native.unwatch(fd);
  drop(watch);
}

/** Nobody may ever say that the descriptor is closed: it is watched only while somebody waits. */
export function unwatchIdle(fd: number): void {
  const watch = watches[fd];
  if (!watch) return;
  if (!watch.queues().some((queue) => queue?.first)) forget(fd);
}

/** A number that is watched may be another file now: a socket object is made on it. */
export function doubt(fd: number): void {
  const watch = watches[fd];
  if (!watch) return;
  watch.isDrained = false;
  watch.isDoubtful = true;
}

/**
 * A read took all the data there were, so that the next one need not be tried before an event
 * (epoll(7): on a stream a short read tells as much as EAGAIN does).
 */
export function drained(fd: number): void {
  const watch = watches[fd];
  if (watch && !watch.isUnusual && !watch.isDoubtful) watch.isDrained = true;
}

Object.assign(watchers, { forget, doubt });

/**
 * Makes a call if it is its turn and it need not wait; PENDING otherwise. It throws what the call
 * throws.
 */
export function performNow<T>(
  fd: number,
  direction: Direction,
  attempt: () => T | Pending,
): T | Pending {
  const isFirst = watches[fd]?.queue(direction)?.first === undefined;
  if (!isFirst || burst >= LONGEST_BURST) return PENDING;
  const value = attempt();
  if (value !== PENDING) burst += 1;
  return value;
}

/**
 * Performs a call that may wait: at once if it can, else when the descriptor is ready.
 *
 * @param wait milliseconds; -1 waits for ever, 0 not at all
 * @param attempt makes the call, and is told how: ATTEMPT or ATTEMPT_AT_END; PENDING where it would
 *   block, AGAIN where others have their turn
 * @param special what few calls need
 */
export function perform<T>(
  fd: number,
  direction: Direction,
  wait: number,
  attempt: (wait: number) => T | Pending | Again,
  signal?: AbortSignal,
  special?: Special,
): Promise<T> {
  const operation = new Attempt(attempt);
  if (special) operation.special = special;
  return performOperation(fd, direction, wait, operation, signal);
}

/** The same for an operation. */
export function performOperation<T>(
  fd: number,
  direction: Direction,
  wait: number,
  operation: Operation<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    signal?.throwIfAborted();
    const { special } = operation;
    const known = watches[fd];
    const isFirst = known?.queue(direction)?.first === undefined;
    const isVain = special.needsNews === true && known?.isDrained === true;
    const mayTry = isFirst && burst < LONGEST_BURST;
    let value: T | Pending | Again = PENDING;
    if ((mayTry && !isVain) || wait === 0) {
      const isAtEnd = wait !== 0 && direction === 'read' && known?.isUnusual === true;
      value = operation.attempt(isAtEnd ? ATTEMPT_AT_END : ATTEMPT);
      if (value !== PENDING && value !== AGAIN) {
        burst += 1;
        return Promise.resolve(value as T);
      }
    }
    const watch = wait === 0 ? undefined : watchOf(fd);
    if (watch === undefined) {
      if (mayTry || wait === 0) throw osError(WOULD_BLOCK, direction === 'write' ? 'send' : 'recv');
      // What cannot be watched never waits, but others have their turn.
      burst = 0;
      const again = () => performOperation(fd, direction, wait, operation, signal);
      return new Promise((resolve) => setImmediate(() => resolve(again())));
    }
    // The attempt may have run the caller's code, which has aborted it: no listener would be told.
    signal?.throwIfAborted();
    const queue = watch.open(direction);
    const promise = operation.begin(queue, wait, signal);
    if (isFirst && !mayTry) {
      burst = 0;
      setImmediate(resumeUnasked, queue);
    } else if (value === AGAIN) {
      operation.goOn();
    }
    const { retryEvery } = special;
    if (retryEvery !== undefined) retry(queue, retryEvery);
    return promise;
  } catch (error) {
    return Promise.reject(error);
  }
}

/**
 * Puts a waiter that is no single call into the queue of a descriptor, and gives the function that
 * takes it out again. It has tried in vain just before. Its `resume()` must not run the caller's
 * code, which might change the queue.
 */
export function enqueue(fd: number, direction: Direction, waiter: Waiter): () => void {
  const watch = watchOf(fd);
  if (watch === undefined) throw osError(NOT_WATCHABLE, 'epoll_ctl');
  const queue = watch.open(direction);
  enter(queue, waiter);
  return () => leave(queue, waiter);
}

/** For what the kernel never tells: who waits in the queue tries now and then. */
function retry(queue: Queue, milliseconds: number): void {
  if (queue.isRetried) return;
  queue.isRetried = true;
  const timer = setInterval(() => {
    resumeUnasked(queue);
    if (queue.first) return;
    queue.isRetried = false;
    clearInterval(timer);
  }, milliseconds);
  timer.unref();
}
