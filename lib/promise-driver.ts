// The driver of the promise flavour for composed calls.

import { perform, type WaitOptions } from './reactor.js';
import { ATTEMPT, type Composed, type Step } from './socket/compose.js';
import { toTimeout, toWait } from './socket/descriptor.js';

/** Performs a step of a composed call. */
function performStep<T>(step: Step<T>, options: WaitOptions | undefined): Promise<T> {
  return perform(
    step.fd,
    step.direction,
    options?.timeout === undefined ? step.wait : toWait(toTimeout(options.timeout)),
    () => step.attempt(ATTEMPT),
    options?.signal,
  );
}

/** Performs a call's steps, waiting for each. */
export async function runPromises<T>(composed: Composed<T>, options?: WaitOptions): Promise<T> {
  let next = composed.next();
  while (!next.done) {
    let value: unknown;
    try {
      const step = next.value;
      value = step.promise ? await step.promise(options) : await performStep(step, options);
    } catch (error) {
      next = composed.throw(error);
      continue;
    }
    next = composed.next(value);
  }
  return next.value;
}
