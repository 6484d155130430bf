// Lets requests in one by one: waits until there is one, a time has passed, or somebody calls.

import { enqueue } from '../reactor.js';
import type { Waiter } from '../waiters.js';

/** The longest timer of Node.js in milliseconds; a longer one would end at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** Where a server's loop waits for its next request. */
export class Turnstile implements Waiter {
  next: Waiter | undefined;
  readonly holdsLoop = true;
  #settle: ((isReady: boolean) => void) | undefined;
  #leave: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #milliseconds = -1;

  /** @param look whether there is a request; it neither waits nor throws */
  constructor(readonly look: () => boolean) {}

  /**
   * Waits until {@link look} finds a request, which it has just not done.
   *
   * @param milliseconds how long; negative for ever
   * @returns false when the time has passed, the descriptor is closed, or {@link wake} was called
   */
  wait(fd: number, milliseconds: number): Promise<boolean> {
    this.#leave = enqueue(fd, 'read', this);
    return this.rest(milliseconds);
  }

  /** Waits without looking, until the time has passed or {@link wake} is called. */
  rest(milliseconds: number): Promise<boolean> {
    this.#arm(Math.min(milliseconds, LONGEST_TIMER));
    return new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Setting a timer anew costs more than letting one run on: it is kept from wait to wait. */
  #arm(milliseconds: number): void {
    if (this.#timer !== undefined && milliseconds === this.#milliseconds) {
      this.#timer.refresh();
      return;
    }
    clearTimeout(this.#timer);
    this.#milliseconds = milliseconds;
    this.#timer = milliseconds < 0 ? undefined : setTimeout(this.wake, milliseconds);
  }

  /** Ends a wait. */
  readonly wake = (): void => {
    this.#leave?.();
    this.#finish(false);
  };

  resume(): boolean {
    if (!this.look()) return false;
    this.#finish(true);
    return true;
  }

  /** The descriptor is closed. */
  fail(): void {
    this.#finish(false);
  }

  #finish(isReady: boolean): void {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#leave = undefined;
    settle?.(isReady);
  }

  /** Nobody waits here any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.wake();
  }
}
