// What a selector gives when a signal ends its wait: nothing, so that the program gets to its loop.

import { InterruptedError } from '../errors.js';

/** What `wait` gives, and nothing if a signal ends it. */
export function unlessInterrupted<T>(wait: () => T[]): T[] {
  try {
    return wait();
  } catch (error) {
    if (error instanceof InterruptedError) return [];
    throw error;
  }
}
