// Who waits for which descriptor: operations of the promise flavour queue here, per descriptor and
// direction, until the reactor says that it is ready.

import { listen, unlisten } from './aborts.js';
import { OSError, osError, TimeoutError } from './errors.js';
import { errnos, native } from './native.js';
import { AGAIN, type Again, ATTEMPT, PENDING, type Pending } from './socket/compose.js';
import { watchers } from './socket/descriptor.js';
import { Queue, type Waiter, Watch } from './waiters.js';

/** The options that every waiting call of the promise flavour takes. */
export interface WaitOptions {
  /** Ends the call: its promise rejects with the signal's reason, and nothing is lost. */
  signal?: AbortSignal | undefined;
  /** Seconds for this call instead of the socket's timeout; null waits for ever. */
  timeout?: number | null | undefined;
}

/** What is waited for: to make a call, or merely to know that one could be made. */
export type Direction = 'read' | 'write' | 'readable' | 'writable';

const READABLE = 1;
const WRITABLE = 2;
const UNUSUAL = 4;
/** Calls that completed at once in a row before one goes through the loop, for the others' sake. */
const LONGEST_BURST = 512;
const EVENT_ROOM = 1024;
const LONGEST_TIMER = 2 ** 31 - 1;
const EXISTS = -(errnos.EEXIST as number);
const WOULD_BLOCK = -(errnos.EAGAIN as number);
const NOT_WATCHABLE = -(errnos.EPERM as number);
const BAD_DESCRIPTOR = errnos.EBADF as number;

const byDescriptor = new Map<number, Watch>();
const byToken = new Map<number, Watch>();
/** Descriptors that may be others by now than those that were watched under their number. */
const doubtful = new Set<number>();
let events: Uint32Array | undefined;
let nextToken = 1;
/** How many wait for whom the loop stays alive. */
let waiting = 0;
let burst = 0;

function start(): void {
  if (events) return;
  const shared = new Uint32Array(2 * EVENT_ROOM);
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
  const ready = count > 1 ? shared.slice(0, 2 * count) : shared;
  for (let index = 0; index < 2 * count; index += 2) {
    const watch = byToken.get(ready[index] as number);
    if (!watch) continue;
    const what = ready[index + 1] as number;
    if ((what & UNUSUAL) !== 0) watch.isUnusual = true;
    if ((what & READABLE) !== 0) {
      watch.isDrained = false;
      resume(watch.read);
      resume(watch.readable);
    }
    if ((what & WRITABLE) !== 0) {
      resume(watch.write);
      resume(watch.writable);
    }
  }
}

/** Serves a queue in order, until somebody has to go on waiting. */
function resume(queue: Queue | undefined): void {
  for (let waiter = queue?.first; waiter?.resume(); waiter = queue?.first) {
    // The file that is sent may have ended its own sending, so that another one is the first now.
    leave(queue as Queue, waiter);
  }
}

function leave(queue: Queue, waiter: Waiter): void {
  if (queue.leave(waiter) && waiter.holdsLoop) hold(-1);
}

function enter(queue: Queue, waiter: Waiter): void {
  queue.enter(waiter);
  if (waiter.holdsLoop) hold(1);
}

/** So many more, or fewer, wait for whom the loop stays alive. */
function hold(change: number): void {
  waiting += change;
  // The first one, or none any more.
  if (waiting === (change > 0 ? change : 0)) native.holdLoop(waiting > 0);
}

/** The watch of a descriptor, which is begun at its first wait; undefined for what never waits. */
function watchOf(fd: number): Watch | undefined {
  const known = byDescriptor.get(fd);
  if (known) {
    // The kernel knows whether it is the same open file; if so it reports its readiness anew.
    if (!doubtful.has(fd) || native.renewWatch(fd, known.token) === 0) {
      doubtful.delete(fd);
      return known;
    }
    drop(known, osError(-BAD_DESCRIPTOR, 'close'));
  }
  start();
  const token = nextToken;
  nextToken = nextToken === 0xffff_ffff ? 1 : nextToken + 1;
  let result = native.watch(fd, token);
  // It is watched since before it was forgotten.
  if (result === EXISTS) result = native.renewWatch(fd, token);
  if (result === NOT_WATCHABLE) return undefined;
  if (result < 0) throw osError(result, 'epoll_ctl');
  const watch = new Watch(fd, token);
  byDescriptor.set(fd, watch);
  byToken.set(token, watch);
  return watch;
}

function drop(watch: Watch, error: unknown): void {
  doubtful.delete(watch.fd);
  byDescriptor.delete(watch.fd);
  byToken.delete(watch.token);
  for (const queue of [watch.read, watch.write, watch.readable, watch.writable]) {
    while (queue?.first) {
      const waiter = queue.first;
      leave(queue, waiter);
      waiter.fail(error);
    }
  }
}

/** The descriptor is about to be closed or given away: whoever waits for it learns of it. */
function forget(fd: number): void {
  const watch = byDescriptor.get(fd);
  if (!watch) return;
  native.unwatch(fd);
  drop(watch, osError(-BAD_DESCRIPTOR, 'close'));
}

/** Nobody may ever say that the descriptor is closed: it is watched only while somebody waits. */
export function unwatchIdle(fd: number): void {
  const watch = byDescriptor.get(fd);
  if (!watch) return;
  const { read, write, readable, writable } = watch;
  if (![read, write, readable, writable].some((queue) => queue?.first)) forget(fd);
}

/** A number that is watched may be another file now: a socket object is made on it. */
export function doubt(fd: number): void {
  const watch = byDescriptor.get(fd);
  if (!watch) return;
  watch.isDrained = false;
  doubtful.add(fd);
}

/**
 * A read took all the data there were, so that the next one need not be tried before an event
 * (epoll(7): on a stream a short read tells as much as EAGAIN does).
 */
export function drained(fd: number): void {
  const watch = byDescriptor.get(fd);
  if (watch && !watch.isUnusual && !doubtful.has(fd)) watch.isDrained = true;
}

Object.assign(watchers, { forget, doubt });

/** What few calls need. */
export interface Special {
  /** Milliseconds between tries of what never becomes ready. */
  readonly retryEvery?: number | undefined;
  /** Whether the time begins anew when the attempt says that it went on. */
  readonly renews?: boolean;
  /** Whose operation it is. */
  readonly group?: WaitGroup;
  /** Whether it is tried in vain where a read has taken all the data: it takes nothing else. */
  readonly needsNews?: boolean | undefined;
}

const ORDINARY: Special = {};

/** One operation that waits in a queue. */
class Operation<T> implements Waiter {
  next: Waiter | undefined;
  #queue: Queue | undefined;
  #timer: NodeJS.Timeout | undefined;
  #abort: (() => void) | undefined;

  constructor(
    readonly attempt: (wait: number) => T | Pending | Again,
    readonly resolve: (value: T) => void,
    readonly reject: (error: unknown) => void,
    readonly signal: AbortSignal | undefined,
    readonly special: Special,
  ) {}

  get holdsLoop(): boolean {
    return this.special.group?.holdsLoop ?? true;
  }

  /** Waits in the queue; `milliseconds` is how long, -1 for ever. */
  begin(queue: Queue, milliseconds: number): void {
    this.#queue = queue;
    enter(queue, this);
    this.special.group?.operations.add(this);
    if (this.signal) {
      this.#abort = () => this.giveUp(this.signal?.reason);
      listen(this.signal, this.#abort);
    }
    if (milliseconds > 0) this.#arm(milliseconds);
  }

  /** Sets the timer; what is longer than a timer of Node's can be is set in several parts. */
  #arm(milliseconds: number): void {
    const rest = milliseconds - LONGEST_TIMER;
    this.#timer =
      rest > 0
        ? setTimeout(() => this.#arm(rest), LONGEST_TIMER)
        : setTimeout(() => this.#expire(), milliseconds);
  }

  resume(): boolean {
    let value: T | Pending | Again;
    try {
      value = this.attempt(ATTEMPT);
    } catch (error) {
      this.fail(error);
      return true;
    }
    if (value === PENDING) return false;
    if (value === AGAIN) {
      this.goOn();
      return false;
    }
    this.#end();
    this.resolve(value as T);
    return true;
  }

  fail(error: unknown): void {
    this.#end();
    this.reject(error);
  }

  /** Has its next turn after the others'. */
  goOn(): void {
    if (this.special.renews) this.#timer?.refresh();
    const queue = this.#queue as Queue;
    setImmediate(() => {
      if (queue.first === this) resume(queue);
    });
  }

  #end(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.special.group?.operations.delete(this);
    if (this.signal && this.#abort) unlisten(this.signal, this.#abort);
  }

  /** Leaves the queue with an error; the others in it are not touched. */
  giveUp(error: unknown): void {
    const queue = this.#queue as Queue;
    const isFirst = queue.first === this;
    leave(queue, this);
    this.fail(error);
    // What this one waited for, or would have gone on with, the next one may not need to wait for.
    if (isFirst && queue.first) setImmediate(resume, queue);
  }

  #expire(): void {
    const error = new TimeoutError('timed out');
    error.code = 'ETIMEDOUT';
    this.giveUp(error);
  }
}

/** Operations that belong together, those of a stream: they end together. */
export class WaitGroup {
  /** Those that wait. @internal */
  readonly operations = new Set<{ giveUp(error: unknown): void }>();
  #holdsLoop = true;

  /** Whether the event loop stays alive while one of them waits. */
  get holdsLoop(): boolean {
    return this.#holdsLoop;
  }

  set holdsLoop(isHeld: boolean) {
    if (this.#holdsLoop === isHeld) return;
    this.#holdsLoop = isHeld;
    const { size } = this.operations;
    if (size > 0) hold(isHeld ? size : -size);
  }

  /** Ends all of them without success. */
  end(error: unknown): void {
    for (const operation of [...this.operations]) operation.giveUp(error);
  }
}

/**
 * Makes a call if it is its turn and it need not wait; PENDING otherwise. It throws what the call
 * throws.
 */
export function performNow<T>(
  fd: number,
  direction: Direction,
  attempt: () => T | Pending,
): T | Pending {
  const isFirst = byDescriptor.get(fd)?.[direction]?.first === undefined;
  if (!isFirst || burst >= LONGEST_BURST) return PENDING;
  const value = attempt();
  if (value !== PENDING) burst += 1;
  return value;
}

/**
 * Performs a call that may wait: at once if it can, else when the descriptor is ready.
 *
 * @param wait milliseconds; -1 waits for ever, 0 not at all
 * @param attempt makes the call, and is told ATTEMPT; PENDING where it would block, AGAIN where
 *   others have their turn
 * @param special what few calls need
 */
export function perform<T>(
  fd: number,
  direction: Direction,
  wait: number,
  attempt: (wait: number) => T | Pending | Again,
  signal?: AbortSignal,
  special: Special = ORDINARY,
): Promise<T> {
  try {
    signal?.throwIfAborted();
    const known = byDescriptor.get(fd);
    const isFirst = known?.[direction]?.first === undefined;
    const isVain = special.needsNews === true && known?.isDrained === true;
    const mayTry = isFirst && burst < LONGEST_BURST;
    let value: T | Pending | Again = PENDING;
    if ((mayTry && !isVain) || wait === 0) {
      value = attempt(ATTEMPT);
      if (value !== PENDING && value !== AGAIN) {
        burst += 1;
        return Promise.resolve(value as T);
      }
    }
    const watch = wait === 0 ? undefined : watchOf(fd);
    if (watch === undefined) {
      if (mayTry || wait === 0) throw osError(WOULD_BLOCK, direction === 'read' ? 'recv' : 'send');
      // What cannot be watched never waits, but others have their turn.
      burst = 0;
      const again = () => perform(fd, direction, wait, attempt, signal, special);
      return new Promise((resolve) => setImmediate(() => resolve(again())));
    }
    watch[direction] ??= new Queue();
    const queue = watch[direction];
    return new Promise<T>((resolve, reject) => {
      const operation = new Operation(attempt, resolve, reject, signal, special);
      operation.begin(queue, wait);
      if (isFirst && !mayTry) {
        burst = 0;
        setImmediate(resume, queue);
      } else if (value === AGAIN) {
        operation.goOn();
      }
      const { retryEvery } = special;
      if (retryEvery !== undefined) retry(queue, operation, retryEvery);
    });
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
  watch[direction] ??= new Queue();
  const queue = watch[direction];
  enter(queue, waiter);
  return () => leave(queue, waiter);
}

/** For what never becomes ready although the call would work: a full AF_UNIX datagram receiver. */
function retry(queue: Queue, waiter: Waiter, milliseconds: number): void {
  const timer = setInterval(() => {
    if (queue.first === waiter) resume(queue);
    if (!queue.has(waiter)) clearInterval(timer);
  }, milliseconds);
  timer.unref();
}
