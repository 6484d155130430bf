// One call of the promise flavour: what it needs, and how it waits for its turn.

import { listen, unlisten } from './aborts.js';
import { TimeoutError } from './errors.js';
import {
  AGAIN,
  type Again,
  ATTEMPT,
  ATTEMPT_AT_END,
  PENDING,
  type Pending,
} from './socket/compose.js';
import { enter, hold, leave, type Queue, resumeUnasked, type Waiter } from './waiters.js';

const LONGEST_TIMER = 2 ** 31 - 1;

/** What few calls need. */
export interface Special {
  /** Milliseconds between tries of what never becomes ready. */
  readonly retryEvery?: number | undefined;
  /** Whether the time begins anew when the attempt says that it went on. */
  readonly renews?: boolean;
  /** What must not be collected, and thereby closed, as long as it waits. */
  readonly keeps?: unknown;
  /** Whose operation it is. */
  readonly group?: WaitGroup;
  /** Whether it is tried in vain where a read has taken all the data: it takes nothing else. */
  readonly needsNews?: boolean | undefined;
}

const ORDINARY: Special = {};

/** What ends an operation before it is done; few have it. */
interface Limits {
  timer: NodeJS.Timeout | undefined;
  readonly signal: AbortSignal | undefined;
  readonly abort: (() => void) | undefined;
}

type Resolve<T> = (value: T) => void;
type Reject = (error: unknown) => void;

// A function that did not outlive its promise's making would be made for each promise.
let resolveOfNewest: unknown;
let rejectOfNewest: Reject;
function capture(resolve: unknown, reject: Reject): void {
  resolveOfNewest = resolve;
  rejectOfNewest = reject;
}

/**
 * An operation. It is an object with its arguments rather than a function that remembers them: there
 * is one for each connection that waits.
 */
export abstract class Operation<T> implements Waiter {
  next: Waiter | undefined;
  special: Special = ORDINARY;
  #queue: Queue | undefined;
  #resolve: Resolve<T> | undefined;
  #reject: Reject | undefined;
  #limits: Limits | undefined;

  /**
   * Makes the call.
   *
   * @param wait ATTEMPT or ATTEMPT_AT_END
   * @returns PENDING where it would block, AGAIN where others have their turn
   */
  abstract attempt(wait: number): T | Pending | Again;

  get holdsLoop(): boolean {
    return this.special.group?.holdsLoop ?? true;
  }

  /** Waits in the queue; `milliseconds` is how long, -1 for ever. */
  begin(queue: Queue, milliseconds: number, signal: AbortSignal | undefined): Promise<T> {
    const promise = new Promise<T>(capture);
    this.#resolve = resolveOfNewest as Resolve<T>;
    this.#reject = rejectOfNewest;
    this.#queue = queue;
    enter(queue, this);
    this.special.group?.operations.add(this);
    if (signal || milliseconds > 0) this.#limit(milliseconds, signal);
    return promise;
  }

  #limit(milliseconds: number, signal: AbortSignal | undefined): void {
    const abort = signal && (() => this.giveUp(signal.reason));
    this.#limits = { timer: undefined, signal, abort };
    if (signal && abort) listen(signal, abort);
    if (milliseconds > 0) this.#arm(this.#limits, milliseconds);
  }

  /** Sets the timer; what is longer than a timer of Node's can be is set in several parts. */
  #arm(limits: Limits, milliseconds: number): void {
    const rest = milliseconds - LONGEST_TIMER;
    limits.timer =
      rest > 0
        ? setTimeout(() => this.#arm(limits, rest), LONGEST_TIMER)
        : setTimeout(() => this.#expire(), milliseconds);
  }

  resume(): boolean {
    let value: T | Pending | Again;
    try {
      const { watch } = this.#queue as Queue;
      const isAtEnd = watch?.isUnusual === true && watch.read === this.#queue;
      value = this.attempt(isAtEnd ? ATTEMPT_AT_END : ATTEMPT);
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
    this.#resolve?.(value as T);
    return true;
  }

  fail(error: unknown): void {
    this.#end();
    this.#reject?.(error);
  }

  /** Has its next turn after the others'. */
  goOn(): void {
    if (this.special.renews) this.#limits?.timer?.refresh();
    const queue = this.#queue as Queue;
    setImmediate(() => {
      if (queue.first === this) resumeUnasked(queue);
    });
  }

  #end(): void {
    this.special.group?.operations.delete(this);
    const limits = this.#limits;
    if (!limits) return;
    if (limits.timer) clearTimeout(limits.timer);
    if (limits.signal && limits.abort) unlisten(limits.signal, limits.abort);
  }

  /** Leaves the queue with an error; the others in it are not touched. */
  giveUp(error: unknown): void {
    const queue = this.#queue as Queue;
    const isFirst = queue.first === this;
    leave(queue, this);
    this.fail(error);
    // What this one waited for, or would have gone on with, the next one may not need to wait for.
    if (isFirst && queue.first) setImmediate(resumeUnasked, queue);
  }

  #expire(): void {
    const queue = this.#queue as Queue;
    // A loop that was busy looks at its timers before it learns what came in time.
    if (queue.first === this && this.special.renews !== true) {
      resumeUnasked(queue);
      if (queue.first !== this) return;
    }
    const error = new TimeoutError('timed out');
    error.code = 'ETIMEDOUT';
    this.giveUp(error);
  }
}

/** An operation that is a function. */
export class Attempt<T> extends Operation<T> {
  constructor(readonly attempt: (wait: number) => T | Pending | Again) {
    super();
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
