// Reading the arguments of file objects, with Python's texts.

import { OverflowError } from '../errors.js';
import { toBytes } from '../socket/bytes.js';
import { integerOf, notAnInteger, typeName } from '../types.js';

const SSIZE_LIMIT = 2n ** 63n;

function toNumber(integer: number | bigint): number {
  const exact = BigInt(integer);
  if (exact >= SSIZE_LIMIT || exact < -SSIZE_LIMIT) {
    throw new OverflowError('Python int too large to convert to C ssize_t');
  }
  return Number(exact);
}

/** A size of a method that does not take null; `missing` stands for an omitted one. */
export function toIndex(value: unknown, missing: number): number {
  if (value === undefined) return missing;
  if (typeof value === 'number' && (value | 0) === value) return value;
  const integer = integerOf(value);
  if (integer === undefined) throw notAnInteger(value);
  return toNumber(integer);
}

/** A size of a method that takes null for "no limit"; -1 stands for it. */
export function toOptionalSize(value: unknown): number {
  if (value === undefined || value === null) return -1;
  if (typeof value === 'number' && (value | 0) === value) return value;
  const integer = integerOf(value);
  if (integer === undefined) {
    throw new TypeError(`argument should be integer or None, not '${typeName(value)}'`);
  }
  return toNumber(integer);
}

/** The items of something that can be iterated. */
export function toIterable(value: unknown): Iterable<unknown> {
  const iterable = value as Iterable<unknown> | null | undefined;
  // Iterating over memory that was transferred away would throw an error of the engine's.
  if (ArrayBuffer.isView(value)) toBytes(value);
  if (typeof iterable?.[Symbol.iterator] === 'function') return iterable;
  throw new TypeError(`'${typeName(value)}' object is not iterable`);
}
