// What Python calls the types of JavaScript's values, and Python's rules for reading arguments.

import { AttributeError, OverflowError } from './errors.js';

/**
 * The name of a value's type in Python's texts: `'str'`, `'int'`, `'NoneType'`, …
 * A `Buffer` is Python's `bytes`, a plain `Uint8Array` its `bytearray`, a `DataView` its
 * `memoryview`, an array its `tuple`; an object is called after its class.
 */
export function typeName(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'bigint':
      return 'int';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    case 'boolean':
      return 'bool';
    case 'undefined':
      return 'NoneType';
    case 'function':
      return 'function';
    case 'symbol':
      return 'symbol';
    default:
      return value === null ? 'NoneType' : objectName(value as object);
  }
}

function objectName(value: object): string {
  if (Array.isArray(value)) return 'tuple';
  if (Buffer.isBuffer(value)) return 'bytes';
  if (value instanceof Uint8Array) return 'bytearray';
  if (value instanceof DataView) return 'memoryview';
  if (ArrayBuffer.isView(value)) return 'array.array';
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== '' ? name : 'object';
}

/** Like {@link typeName}, for the texts of "argument 1 must be str, not None". */
export function argumentName(value: unknown): string {
  return value === null || value === undefined ? 'None' : typeName(value);
}

/** Python's exception for an attribute that a value does not have. */
export function lacks(value: unknown, name: string): AttributeError {
  return new AttributeError(`'${typeName(value)}' object has no attribute '${name}'`);
}

/** True for what Python accepts as an `int`: an integer, a bigint, a boolean. */
export function isInteger(value: unknown): value is number | bigint | boolean {
  return typeof value === 'bigint' || typeof value === 'boolean' || Number.isInteger(value);
}

/** The number in what {@link isInteger} accepts, where a boolean is 0 or 1; else undefined. */
export function integerOf(value: unknown): number | bigint | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return isInteger(value) ? (value as number | bigint) : undefined;
}

/** `TypeError: 'str' object cannot be interpreted as an integer`. */
export function notAnInteger(value: unknown): TypeError {
  return new TypeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
}

const INT_MAX = 0x7fff_ffff;
const INT_MIN = -0x8000_0000;
const LONG_MAX = 0x7fff_ffff_ffff_ffffn;

/**
 * An argument as a C int.
 *
 * Python has two sets of texts for a number that is too large, by how a function reads its
 * arguments: `'int'` is "Python int too large to convert to C int" (`socket()`, `htons`, …) and
 * `'signed'` is "signed integer is greater than maximum" (`recv`, `getaddrinfo`, …).
 *
 * @throws TypeError if the value is no integer
 * @throws OverflowError if it does not fit
 */
export function toInt(value: unknown, texts: 'int' | 'signed' = 'int'): number {
  if (typeof value === 'number' && (value | 0) === value) return value;
  return toIntSlowly(value, texts);
}

function toIntSlowly(value: unknown, texts: 'int' | 'signed'): number {
  const integer = integerOf(value);
  if (integer === undefined) throw notAnInteger(value);
  if (integer >= INT_MIN && integer <= INT_MAX) return Number(integer);
  if (texts === 'int') throw new OverflowError('Python int too large to convert to C int');
  if (integer > LONG_MAX || integer < -LONG_MAX - 1n) {
    throw new OverflowError('Python int too large to convert to C long');
  }
  throw new OverflowError(
    integer > 0 ? 'signed integer is greater than maximum' : 'signed integer is less than minimum',
  );
}

/**
 * An argument as a C unsigned int, of which Python takes the lowest 32 bits without a check.
 *
 * @throws TypeError if the value is no integer
 */
export function toUnsignedBits(value: unknown): number {
  const integer = integerOf(value);
  if (integer === undefined) throw notAnInteger(value);
  return Number(BigInt.asUintN(32, BigInt(integer)));
}

/**
 * True for a plain object, which as a last argument holds keyword arguments. One that can be
 * iterated is an argument itself.
 */
export function isOptions(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === Object.prototype || prototype === null;
  return isPlain && !(Symbol.iterator in value);
}

/** How {@link withOptions} counts the arguments of a function. */
export interface Signature {
  /** The function as Python's texts call it: `'getaddrinfo'`, `'socket.__init__'`. */
  readonly name: string;
  /** All parameters in Python's order. */
  readonly names: readonly string[];
  /** How many of them have no default; 0 if left out. */
  readonly required?: number;
  /** How many of them may be passed by position; all if left out. */
  readonly positional?: number;
  /** True for a method, where Python's counts include `self`. */
  readonly method?: boolean;
}

/**
 * The arguments of a call in the order of the signature, whether they were passed by position or
 * in a trailing plain object; undefined where they were left out.
 *
 * @throws TypeError with Python's texts for unknown, doubled, missing and superfluous arguments
 */
export function withOptions(signature: Signature, args: readonly unknown[]): unknown[] {
  const { name, names, required = 0, positional = names.length } = signature;
  let count = countArguments(args);
  const last = args[count - 1];
  const options = isOptions(last) ? last : undefined;
  if (options) count -= 1;
  const values = args.slice(0, Math.min(count, positional));
  for (const key of options ? Object.keys(options) : []) {
    const index = names.indexOf(key);
    if (index < 0) throw new TypeError(`${name}() got an unexpected keyword argument '${key}'`);
    const value = options?.[key];
    if (value === undefined) continue;
    if (values[index] !== undefined) {
      throw new TypeError(`${name}() got multiple values for argument '${key}'`);
    }
    values[index] = value;
  }
  if (count > positional) throw tooManyArguments(signature, count);
  const missing = names.slice(0, required).filter((_, index) => values[index] === undefined);
  if (missing.length > 0) throw missingArguments(name, missing);
  return values;
}

function tooManyArguments(signature: Signature, count: number): TypeError {
  const { name, names, required = 0, positional = names.length, method } = signature;
  const self = method ? 1 : 0;
  const least = Math.min(required, positional) + self;
  const most = positional + self;
  const takes = least === most ? `${most}` : `from ${least} to ${most}`;
  const given = count + self;
  return new TypeError(
    `${name}() takes ${takes} positional argument${takes === '1' ? '' : 's'} ` +
      `but ${given} ${given === 1 ? 'was' : 'were'} given`,
  );
}

function missingArguments(name: string, missing: readonly string[]): TypeError {
  const quoted = missing.map((parameter) => `'${parameter}'`);
  const last = quoted.pop();
  const comma = quoted.length > 1 ? ',' : '';
  const list = quoted.length > 0 ? `${quoted.join(', ')}${comma} and ${last}` : last;
  return new TypeError(
    `${name}() missing ${missing.length} required positional ` +
      `argument${missing.length === 1 ? '' : 's'}: ${list}`,
  );
}

/** How many arguments a call has, not counting trailing undefined ones. */
export function countArguments(args: readonly unknown[]): number {
  let count = args.length;
  while (count > 0 && args[count - 1] === undefined) count -= 1;
  return count;
}

/**
 * Checks the number of arguments of a function without keywords, with the texts of Python's
 * built-in functions: "f() takes exactly 2 arguments (1 given)".
 *
 * @param name the function as Python's texts call it
 * @throws TypeError if there are too few, too many, or keyword arguments
 */
export function checkCount(
  name: string,
  args: readonly unknown[],
  least: number,
  most: number = least,
): void {
  let count = countArguments(args);
  const last = args[count - 1];
  if (isOptions(last)) {
    if (Object.keys(last).length > 0) throw new TypeError(`${name}() takes no keyword arguments`);
    count -= 1;
  }
  if (count >= least && count <= most) return;
  throw new TypeError(
    `${name}() takes ${expectedCount(name, count, least, most)} (${count} given)`,
  );
}

function expectedCount(name: string, count: number, least: number, most: number): string {
  // Functions with a dotted name get a single argument without a tuple around it, and CPython
  // words those refusals differently.
  if (most === 0) return 'no arguments';
  if (name.includes('.') && most === 1) return 'exactly one argument';
  const bound = count < least ? least : most;
  const how = least === most ? 'exactly' : count < least ? 'at least' : 'at most';
  return `${how} ${bound} argument${bound === 1 ? '' : 's'}`;
}
