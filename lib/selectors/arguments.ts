// Reading the arguments of selectors, with Python's texts.

import { countArguments, isOptions, withOptions } from '../types.js';

const NAMES = ['fileobj', 'events', 'data'];
const REQUIRED = 2;

/** Whether a value is a plain object with keyword arguments, and not one that has a descriptor. */
function isKeywords(value: unknown): value is Record<string, unknown> {
  return isOptions(value) && typeof value.fileno !== 'function';
}

/**
 * The arguments of `register` and `modify`. What is attached may be any object, keyword arguments
 * are one, too: the third argument is taken for them only if it has the one key `data`.
 *
 * @param name the method as Python's texts call it
 */
export function readRegistration(
  name: string,
  given: readonly unknown[],
): [fileobj: unknown, events: unknown, data: unknown] {
  const count = countArguments(given);
  const last = given[count - 1];
  const isWhole = count === NAMES.length && !(isKeywords(last) && isData(last));
  const isShort = count === REQUIRED && !isKeywords(last);
  const [fileobj, events, data = null] =
    isWhole || isShort
      ? given
      : withOptions({ name, names: NAMES, required: REQUIRED, method: true }, given);
  return [fileobj, events, data];
}

function isData(options: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(options);
  return keys.length === 1 && keys[0] === 'data';
}

/** The one argument of `unregister` and `get_key`. */
export function readFileObject(name: string, given: readonly unknown[]): unknown {
  const [first] = given;
  if (given.length === 1 && first !== undefined && !isKeywords(first)) return first;
  return withOptions({ name, names: ['fileobj'], required: 1, method: true }, given)[0];
}

/** The timeout of `select`, in whatever form. */
export function readTimeout(name: string, given: readonly unknown[]): unknown {
  if (given.length === 0) return null;
  if (given.length === 1 && !isKeywords(given[0])) return given[0];
  return withOptions({ name, names: ['timeout'], method: true }, given)[0];
}
