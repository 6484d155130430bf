// In which order the calls of the promise flavour's file objects are served: those that read one
// after another, those that write one after another, each failed call leaving the next unharmed.

import { runPromises } from '../promise-driver.js';
import type { Composed } from '../socket/compose.js';
import type { CallKind, Driver } from './files.js';
import { hasLimits, type Limits, limited, settledUnless } from './limits.js';
import type { TextCore } from './text.js';

/** Calls that must not overlap. */
export class Queue {
  #last: Promise<void> | undefined;

  /** Whether a call would be served at once. */
  get isIdle(): boolean {
    return this.#last === undefined;
  }

  /** Serves a call when those before it have been served, however they ended. */
  async serve<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last;
    let leave: () => void = () => {};
    const turn = new Promise<void>((resolve) => {
      leave = resolve;
    });
    this.#last = turn;
    const end = () => {
      if (this.#last === turn) this.#last = undefined;
      leave();
    };
    if (before !== undefined) {
      try {
        await settledUnless(before, signal);
      } catch (error) {
        // Who comes after this call still has to wait for those before it.
        void before.then(end);
        throw error;
      }
    }
    try {
      return await call();
    } finally {
      end();
    }
  }
}

/**
 * The two queues that all layers of a file share. Reading and writing have one each: who waits for
 * a line must not keep the question from being sent.
 */
export class Turns {
  constructor(
    readonly reading: Queue = new Queue(),
    readonly writing: Queue = new Queue(),
  ) {}

  #serve<T>(kind: CallKind, run: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (kind === 'read') return this.reading.serve(run, signal);
    if (kind === 'write') return this.writing.serve(run, signal);
    return this.reading.serve(() => this.writing.serve(run, signal), signal);
  }

  readonly drive: Driver<'promises'> = (kind, call, argument, options) =>
    hasLimits(argument, options)
      ? limited(argument, options, (given, limits) =>
          this.#serve(kind, () => runPromises(call(given), limits), limits.signal),
        )
      : this.#serve(kind, () => runPromises(call(argument)));

  /** The driver of a text file, where a read hands over what was written before it. */
  driverOf(core: TextCore): Driver<'promises'> {
    return (kind, call, argument, options) => {
      if (kind !== 'read' || !core.isPending) return this.drive(kind, call, argument, options);
      const serve = (given: unknown, limits?: Limits) => {
        const handedOver = this.writing.serve(() => runPromises(core.handOver()));
        // The read reports the failure when its turn comes, which may be long after.
        handedOver.catch(() => {});
        const run = () => runAfter(handedOver, call(given), limits);
        return this.reading.serve(run, limits?.signal);
      };
      return hasLimits(argument, options) ? limited(argument, options, serve) : serve(argument);
    };
  }
}

async function runAfter<T>(
  before: Promise<void>,
  composed: Composed<T>,
  limits: Limits | undefined,
): Promise<T> {
  await settledUnless(before, limits?.signal);
  return runPromises(composed, limits);
}
