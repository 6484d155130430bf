// The protocol of composed calls: a generator yields each step that may wait, and a driver for
// each flavour performs the steps. `sendall`, `sendfile`, file objects, … are written once so.

import type { WaitOptions } from '../reactor.js';

/** What a step in the promise flavour answers when the call would block. */
export const PENDING: unique symbol = Symbol('pending');
export type Pending = typeof PENDING;

/** What an attempt answers that went on a little, and would go on after the others' turn. */
export const AGAIN: unique symbol = Symbol('again');
export type Again = typeof AGAIN;

/** A `wait` that never waits and answers {@link PENDING} where the call would block. */
export const ATTEMPT = -2;

/**
 * The same for a reading step whose descriptor has told of more than data: it also notices that the
 * socket was shut down, where a call that must not wait does not say so.
 */
export const ATTEMPT_AT_END = -3;

/** Whether the flavour of promises makes the call. */
export function isAttempt(wait: number): boolean {
  return wait === ATTEMPT || wait === ATTEMPT_AT_END;
}

/** One call that may wait. */
export interface Step<T> {
  /** The descriptor that is waited for, and what for. */
  readonly fd: number;
  readonly direction: 'read' | 'write';
  /** How long the step may wait, in milliseconds; -1 for ever, 0 not at all. */
  readonly wait: number;
  /** Performs the call; `wait` is {@link Step.wait} or {@link ATTEMPT}. Throws what the call throws. */
  attempt(wait: number): T | Pending;
  /** What the promise flavour does instead of {@link Step.attempt}: a look-up off the loop. */
  promise?(options?: WaitOptions): Promise<T>;
}

/** A call made of steps; its return value is the call's result. */
export type Composed<T> = Generator<Step<unknown>, T, unknown>;

/** Yields one step and returns its result: `const n = yield* perform(step)`. */
export function* perform<T>(step: Step<T>): Composed<T> {
  return (yield step) as T;
}

/** Steps of one attempt of a whole call before others have their turn. */
const MOST_STEPS = 16;

/**
 * A composed call as one attempt, which goes on where it stopped: it keeps its place in the queue
 * until it has ended. All its steps must wait for the same. `first` is what `composed` gave first.
 */
export function attemptWhole<T>(
  composed: Composed<T>,
  first: IteratorResult<Step<unknown>, T>,
): () => T | Pending | Again {
  let next = first;
  return () => {
    for (let count = 0; !next.done; count += 1) {
      if (count === MOST_STEPS) return AGAIN;
      let value: unknown;
      try {
        value = next.value.attempt(ATTEMPT);
      } catch (error) {
        next = composed.throw(error);
        continue;
      }
      if (value === PENDING) return count > 0 ? AGAIN : PENDING;
      next = composed.next(value);
    }
    return next.value;
  };
}

/** Ends a composed call with an error, so that it can put right what it had begun. */
export function endWith<T>(composed: Composed<T>, error: unknown): T {
  for (;;) {
    const { done, value } = composed.throw(error);
    if (done) return value;
  }
}

/** The driver of the blocking flavour. What a step throws is thrown into the generator. */
export function runBlocking<T>(composed: Composed<T>): T {
  let next = composed.next();
  while (!next.done) {
    const step: Step<unknown> = next.value;
    let result: unknown;
    try {
      result = step.attempt(step.wait);
    } catch (error) {
      next = composed.throw(error);
      continue;
    }
    next = composed.next(result);
  }
  return next.value;
}
