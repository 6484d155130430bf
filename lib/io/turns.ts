// In which order the calls of the promise flavour's file objects are served: those that read one
// after another, those that write one after another, each failed call leaving the next unharmed.

import { runPromises } from '../promise-driver.js';
import type { Composed } from '../socket/compose.js';
import type { Driver } from './files.js';
import type { TextCore } from './text.js';

/** Calls that must not overlap. */
export class Queue {
  #last: Promise<void> | undefined;

  /** Whether a call would be served at once. */
  get isIdle(): boolean {
    return this.#last === undefined;
  }

  /** Serves a call when those before it have been served, however they ended. */
  async serve<T>(call: () => Promise<T>): Promise<T> {
    const before = this.#last;
    let leave: () => void = () => {};
    const turn = new Promise<void>((resolve) => {
      leave = resolve;
    });
    this.#last = turn;
    if (before !== undefined) await before;
    try {
      return await call();
    } finally {
      if (this.#last === turn) this.#last = undefined;
      leave();
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

  readonly drive: Driver<'promises'> = (composed, kind) => {
    const run = () => runPromises(composed);
    if (kind === 'read') return this.reading.serve(run);
    if (kind === 'write') return this.writing.serve(run);
    return this.reading.serve(() => this.writing.serve(run));
  };

  /** The driver of a text file, where a read hands over what was written before it. */
  driverOf(core: TextCore): Driver<'promises'> {
    return (composed, kind) => {
      if (kind !== 'read' || !core.isPending) return this.drive(composed, kind);
      const handedOver = this.writing.serve(() => runPromises(core.handOver()));
      // The read reports the failure when its turn comes, which may be long after.
      handedOver.catch(() => {});
      return this.reading.serve(() => runAfter(handedOver, composed));
    };
  }
}

async function runAfter<T>(before: Promise<void>, composed: Composed<T>): Promise<T> {
  await before;
  return runPromises(composed);
}
