// Reads an argument that is a descriptor, or an object that has one.

import { ValueError } from './errors.js';
import { isInteger, toInt, typeName } from './types.js';

/** A descriptor's number, or anything whose `fileno()` gives one, such as a socket. */
export type FileDescriptorLike = number | { fileno(): number };

/**
 * The number of a descriptor, with the texts of Python's functions that take "an int, or have a
 * fileno() method".
 *
 * @throws TypeError if it is neither
 * @throws ValueError if the number is negative, as that of a closed socket is
 * @throws OverflowError if the number does not fit into a C int
 */
export function toFileDescriptor(value: unknown): number {
  const fd = toInt(isInteger(value) ? value : numberOf(value));
  if (fd < 0) throw new ValueError(`file descriptor cannot be a negative integer (${fd})`);
  return fd;
}

function numberOf(value: unknown): unknown {
  const method = (value as { fileno?: unknown } | null | undefined)?.fileno;
  if (method === undefined) {
    throw new TypeError('argument must be an int, or have a fileno() method.');
  }
  if (typeof method !== 'function') {
    throw new TypeError(`'${typeName(method)}' object is not callable`);
  }
  const number: unknown = method.call(value);
  if (isInteger(number)) return number;
  throw new TypeError('fileno() returned a non-integer');
}
