// The protocol of composed calls: a generator yields each step that may wait, and a driver for
// each flavour performs the steps. `sendall`, `sendfile`, file objects, … are written once so.

/** What a step in the promise flavour answers when the call would block. */
export const PENDING: unique symbol = Symbol('pending');
export type Pending = typeof PENDING;

/** A `wait` that never waits and answers {@link PENDING} where the call would block. */
export const ATTEMPT = -2;

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
  promise?(options?: { signal?: AbortSignal | undefined }): Promise<T>;
}

/** A call made of steps; its return value is the call's result. */
export type Composed<T> = Generator<Step<unknown>, T, unknown>;

/** Yields one step and returns its result: `const n = yield* perform(step)`. */
export function* perform<T>(step: Step<T>): Composed<T> {
  return (yield step) as T;
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
