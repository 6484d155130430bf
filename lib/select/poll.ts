// The function `poll()`.

import { checkCount } from '../types.js';
import { MAKING, poll as PollObject } from './poll-object.js';

/** What `poll()` makes. */
export type poll = PollObject;

/** A new object to wait for descriptors with. Like Python's `select.poll`; poll(2). */
// biome-ignore lint/suspicious/noRedeclare: a function and the type of what it makes
export function poll(): poll;
export function poll(...given: unknown[]): poll {
  checkCount('select.poll', given, 0);
  return new PollObject(MAKING);
}
