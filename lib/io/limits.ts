// How long a call of the promise flavour's file objects may wait: one signal and one time for all
// of its steps, which end it in such a way that the file can still be used.

import { listen, unlisten } from '../aborts.js';
import { osError, TIMED_OUT } from '../errors.js';
import { checkOptions } from '../lookup-promises.js';
import type { WaitOptions } from '../reactor.js';
import { isOptions } from '../types.js';

/** What the steps of a limited call are given. */
export interface Limits {
  readonly signal: AbortSignal;
  /** Null where the call has a time of its own, which takes the place of the socket's. */
  readonly timeout?: null;
}

const LONGEST_TIMER = 2 ** 31 - 1;
const NAMES = ['signal', 'timeout'];

/** Whether a call has been given limits, after its own argument or instead of it. */
export function hasLimits(argument: unknown, options: unknown): boolean {
  return options !== undefined || isOptions(argument);
}

function takeLimits(argument: unknown, options: unknown): [argument: unknown, WaitOptions] {
  const [given, limits] = options === undefined ? [undefined, argument] : [argument, options];
  if (!isOptions(limits)) throw new TypeError('expected at most 1 argument, got 2');
  const unknown = Object.keys(limits).find((name) => !NAMES.includes(name));
  if (unknown === undefined) return [given, limits];
  throw new TypeError(`got an unexpected keyword argument '${unknown}'`);
}

/**
 * Makes a call that ends when its signal is aborted or its time is over.
 *
 * @throws the signal's reason, TimeoutError, and what the call throws
 */
export async function limited<T>(
  argument: unknown,
  options: unknown,
  call: (argument: unknown, limits: Limits) => Promise<T>,
): Promise<T> {
  const [given, wait] = takeLimits(argument, options);
  const { signal, timeout } = checkOptions(wait);
  signal?.throwIfAborted();
  const ending = new AbortController();
  // Not the error itself: a TimeoutError that comes out of the socket ends all reading.
  let failure: { readonly error: unknown } | undefined;
  const end = (error: unknown) => {
    failure ??= { error };
    ending.abort();
  };
  const abort = () => end(signal?.reason);
  if (signal) listen(signal, abort);
  const milliseconds = Math.min(Math.ceil((timeout ?? 0) * 1000), LONGEST_TIMER);
  const timer =
    typeof timeout === 'number'
      ? setTimeout(() => end(osError(TIMED_OUT, 'recv')), milliseconds)
      : undefined;
  const limits = { signal: ending.signal };
  try {
    return await call(given, wait.timeout === undefined ? limits : { ...limits, timeout: null });
  } catch (error) {
    throw failure === undefined ? error : failure.error;
  } finally {
    clearTimeout(timer);
    if (signal) unlisten(signal, abort);
  }
}

/** Waits until a promise is settled, or rejects with the signal's reason before. */
export function settledUnless(before: Promise<void>, signal?: AbortSignal): Promise<void> {
  if (signal === undefined) return before;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    const end = (settle: () => void) => {
      unlisten(signal, abort);
      settle();
    };
    listen(signal, abort);
    before.then(
      () => end(resolve),
      (error) => end(() => reject(error)),
    );
  });
}
