// The two events of selectors, and how long selectors wait for them.

import { OverflowError, ValueError } from '../errors.js';
import { pythonRepr } from '../repr.js';
import { isInteger, typeName } from '../types.js';

/** There is something to read, or a connection to accept, or the end. Like Python's `EVENT_READ`. */
export const EVENT_READ = 1;
/** There is room to write. Like Python's `EVENT_WRITE`. */
export const EVENT_WRITE = 2;

const BOTH = EVENT_READ | EVENT_WRITE;

/** The events to register for: one or both. */
export function toEvents(value: unknown): number {
  // An int of Python's that is 0 is no event, and so are None and what is empty.
  const isNone = !value || (Array.isArray(value) && value.length === 0);
  if (!isNone && !isInteger(value)) {
    throw new TypeError(`unsupported operand type(s) for &: '${typeName(value)}' and 'int'`);
  }
  const events = Number(value);
  if (isNone || events < 0 || events > BOTH) {
    throw new ValueError(`Invalid events: ${pythonRepr(value)}`);
  }
  return events;
}

/**
 * The seconds of a selector's `select()` as Python's `poll` and `epoll` objects are given them: null
 * waits for ever, nothing that is negative or 0 waits at all, a part of a millisecond counts as one.
 */
export function toSeconds(value: unknown): number | null {
  const seconds = toNumber(
    value,
    (type) => `'<=' not supported between instances of '${type}' and 'int'`,
  );
  if (seconds === null || seconds <= 0) return seconds === null ? null : 0;
  if (Number.isNaN(seconds)) throw new ValueError('cannot convert float NaN to integer');
  if (seconds === Number.POSITIVE_INFINITY) {
    throw new OverflowError('cannot convert float infinity to integer');
  }
  return seconds;
}

/** The same for `select()` itself, which reads the rest of it. */
export function toSelectSeconds(value: unknown): unknown {
  const seconds = toNumber(
    value,
    (type) => `'>' not supported between instances of 'int' and '${type}'`,
  );
  return seconds !== null && seconds < 0 ? 0 : value;
}

function toNumber(value: unknown, refusal: (type: string) => string): number | null {
  if (typeof value === 'number') return value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  throw new TypeError(refusal(typeName(value)));
}
