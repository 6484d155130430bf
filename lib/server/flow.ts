// Runs what may be plain or async: a flow yields each result, and waits only for promises.

/** A value, or a promise of it. */
export type Awaitable<T> = T | PromiseLike<T>;

/** Steps whose yielded results are awaited if they are promises; `yield` gives what became of one. */
// biome-ignore lint/suspicious/noExplicitAny: what a step gives is known where it is yielded
export type Flow<T> = Generator<unknown, T, any>;

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  return typeof (value as { then?: unknown }).then === 'function';
}

/**
 * Runs a flow: at once as far as its results are plain, which costs no turn of the microtasks, and
 * from the first promise on asynchronously.
 */
export function run<T>(flow: Flow<T>): T | Promise<T> {
  let next = flow.next();
  while (!next.done) {
    if (isThenable(next.value)) return goOn(flow, next.value);
    next = flow.next(next.value);
  }
  return next.value;
}

async function goOn<T>(flow: Flow<T>, first: PromiseLike<unknown>): Promise<T> {
  let pending: unknown = first;
  for (;;) {
    let next: IteratorResult<unknown, T>;
    try {
      const value = await pending;
      next = flow.next(value);
    } catch (error) {
      next = flow.throw(error);
    }
    if (next.done) return next.value;
    pending = next.value;
  }
}
