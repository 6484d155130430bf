// Reading the fields of objects that a caller fills in, for structures that go to the kernel or wire.

import { OverflowError } from './errors.js';
import { integerOf, typeName } from './types.js';

/** The largest numbers of unsigned fields. */
export const UINT8_MAX = 0xff;
export const UINT16_MAX = 0xffff;
export const UINT32_MAX = 0xffff_ffff;

/**
 * A number that has to fit into a field.
 *
 * @param what the field, as the exception's text names it
 * @throws TypeError if it is no integer
 * @throws OverflowError if it does not fit
 */
export function toField(value: unknown, what: string, most: number, least = 0): number {
  const integer = integerOf(value);
  if (integer === undefined) throw new TypeError(`${what} must be int, not ${typeName(value)}`);
  if (integer >= least && integer <= most) return Number(integer);
  throw new OverflowError(`${what} must be ${least}-${most}, not ${integer}`);
}

/**
 * The object whose fields are read.
 *
 * @param what the object, as the exception's text names it
 * @throws TypeError if it is no object
 */
export function toRecord(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new TypeError(`${what} must be an object, not ${typeName(value)}`);
}
