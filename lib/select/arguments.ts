// Reading the arguments of the select module, with Python's texts.

import { OverflowError } from '../errors.js';
import { toSpan } from '../socket/descriptor.js';
import { countArguments, isOptions, typeName } from '../types.js';

/** The options of the awaited calls. */
export interface AsyncOptions {
  /** Ends the waiting: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Whether a value is a plain object with keyword arguments, and not one that has a descriptor. */
function isKeywords(value: unknown): value is Record<string, unknown> {
  return isOptions(value) && typeof value.fileno !== 'function';
}

/**
 * Checks the number of arguments of a function that Python counts so: "select expected at least 3
 * arguments, got 2".
 *
 * @param qualified the name in "select.select() takes no keyword arguments"
 */
export function checkPositional(
  qualified: string,
  given: readonly unknown[],
  least: number,
  most: number,
): void {
  const count = countArguments(given);
  const last = given[count - 1];
  // The first arguments may be plain objects that are refused as what they are.
  if (count > least && isKeywords(last) && Object.keys(last).length > 0) {
    throw new TypeError(`${qualified}() takes no keyword arguments`);
  }
  if (count >= least && count <= most) return;
  const name = qualified.slice(qualified.lastIndexOf('.') + 1);
  const bound = count < least ? least : most;
  const how = least === most ? '' : count < least ? 'at least ' : 'at most ';
  throw new TypeError(
    `${name} expected ${how}${bound} argument${bound === 1 ? '' : 's'}, got ${count}`,
  );
}

/**
 * The arguments of a function whose arguments may be given by position or in a trailing object, in
 * their order; undefined where they were left out.
 *
 * @param required how many of them have no default
 */
export function readArguments(
  name: string,
  names: readonly string[],
  required: number,
  given: readonly unknown[],
): readonly unknown[] {
  let count = countArguments(given);
  const last = given[count - 1];
  const hasKeywords = isKeywords(last);
  // The usual case first.
  const isWhole = count >= required && count <= names.length && given[0] !== undefined;
  if (isWhole && !hasKeywords) return given;
  const keywords = hasKeywords ? last : {};
  if (hasKeywords) count -= 1;
  const keys = Object.keys(keywords).filter((key) => keywords[key] !== undefined);
  const total = count + keys.length;
  if (total > names.length) {
    const most = `${names.length} argument${names.length === 1 ? '' : 's'}`;
    throw new TypeError(`${name}() takes at most ${most} (${total} given)`);
  }
  const values = given.slice(0, count);
  for (const [index, parameter] of names.entries()) {
    if (!keys.includes(parameter)) {
      if (index >= required || values[index] !== undefined) continue;
      throw new TypeError(`${name}() missing required argument '${parameter}' (pos ${index + 1})`);
    }
    if (index < count) {
      throw new TypeError(
        `argument for ${name}() given by name ('${parameter}') and position (${index + 1})`,
      );
    }
    values[index] = keywords[parameter];
  }
  const unknown = keys.find((key) => !names.includes(key));
  if (unknown === undefined) return values;
  throw new TypeError(`${name}() got an unexpected keyword argument '${unknown}'`);
}

/** Takes the signal out of the trailing object of an awaited call. */
export function takeSignal(
  given: readonly unknown[],
): [args: readonly unknown[], signal: AbortSignal | undefined] {
  const count = countArguments(given);
  const last = given[count - 1];
  if (!isKeywords(last)) return [given, undefined];
  const { signal, ...keywords } = last;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`signal must be an AbortSignal, not ${typeName(signal)}`);
  }
  const args = given.slice(0, count - 1);
  return [Object.keys(keywords).length > 0 ? [...args, keywords] : args, signal];
}

const INT_MAX = 0x7fff_ffff;
const NO_NUMBER = 'timeout must be an integer or None';

/**
 * The timeout of `poll` and `epoll` objects as the milliseconds of a native wait; none, and any
 * that is negative, waits for ever.
 *
 * @param unit how many seconds one is
 */
export function toPollWait(value: unknown, unit: number): number {
  if (value === null || value === undefined) return -1;
  const span = toSpan(value, unit, NO_NUMBER);
  const milliseconds = Math.ceil(unit === 1 ? span * 1000 : span);
  // What is negative rounds away from zero.
  if (span < 0) return -1;
  if (milliseconds > INT_MAX) throw new OverflowError('timeout is too large');
  return milliseconds;
}
