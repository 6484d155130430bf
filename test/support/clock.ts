// A clock that stands still unless a test moves it, for timers that are set anew while they run.

import type { TestContext } from 'node:test';

/** A timer as far as the library uses one. */
interface Timer {
  end: number;
  readonly ring: () => void;
  readonly refresh: () => void;
}

/**
 * Stands for the clock of all timers of one length until the test ends; choose one that nobody else
 * uses. node:test's own mock timers overlook `refresh()`.
 */
export class StandingClock {
  #now = 0;
  readonly #timers = new Set<unknown>();

  /** @param length milliseconds of the timers */
  constructor(
    context: TestContext,
    readonly length: number,
  ) {
    const { setTimeout, clearTimeout } = globalThis;
    const set = (ring: () => void, delay?: number) =>
      delay === length ? this.#add(ring) : setTimeout(ring, delay);
    const clear = (timer: NodeJS.Timeout) => {
      if (!this.#timers.delete(timer)) clearTimeout(timer);
    };
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
    context.after(() => void Object.assign(globalThis, { setTimeout, clearTimeout }));
  }

  #add(ring: () => void): Timer {
    const end = () => this.#now + this.length;
    const refresh = () => {
      timer.end = end();
    };
    const timer: Timer = { end: end(), ring, refresh };
    this.#timers.add(timer);
    return timer;
  }

  /** Lets so many milliseconds pass at once. */
  pass(milliseconds: number): void {
    this.#now += milliseconds;
    for (const timer of [...this.#timers] as Timer[]) {
      if (timer.end > this.#now) continue;
      this.#timers.delete(timer);
      timer.ring();
    }
  }
}
