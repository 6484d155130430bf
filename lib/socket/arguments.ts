// Reading the arguments of socket methods, with Python's texts.

import { MSG_OOB } from '../constants.js';
import { OverflowError, ValueError } from '../errors.js';
import {
  argumentName,
  checkCount,
  isInteger,
  isOptions,
  lacks,
  notAnInteger,
  toInt,
  withOptions,
} from '../types.js';
import { type BytesLike, isPlainBytes, toBytes } from './bytes.js';

/** Checks the number of arguments of a method without keywords. */
export function checkMethod(
  name: string,
  given: ArrayLike<unknown>,
  least: number,
  most: number = least,
): void {
  const values = Array.from(given);
  const last = values.at(-1);
  if (isOptions(last) && Object.keys(last).length > 0) {
    throw new TypeError(`socket.${name}() takes no keyword arguments`);
  }
  checkCount(name, values, least, most);
}

const SSIZE_MAX = 2n ** 63n - 1n;

/** A size in bytes; `text` is the ValueError of a negative one. */
export function toSize(value: unknown, text: string): number {
  if (typeof value === 'number' && (value | 0) === value && value >= 0) return value;
  if (!isInteger(value)) throw notAnInteger(value);
  const exact = BigInt(value);
  if (exact > SSIZE_MAX || exact < -SSIZE_MAX - 1n) {
    throw new OverflowError('Python int too large to convert to C ssize_t');
  }
  if (exact < 0n) throw new ValueError(text);
  return Number(exact);
}

/** Whether a call was ever made with MSG_OOB: where a read ends tells less then. */
export const urgent = { isUsed: false };

/** `flags` of a call; an omitted one is none. */
export function toFlags(value: unknown): number {
  const flags = toInt(value, 'signed');
  if ((flags & MSG_OOB) !== 0) urgent.isUsed = true;
  return flags;
}

const INT_MAX = 0x7fff_ffff;
const ANCILLARY_TEXT = 'invalid ancillary data buffer length';

/** The length of a buffer for control messages. */
export function toAncillaryLength(value: unknown): number {
  const length = toSize(value, ANCILLARY_TEXT);
  if (length > INT_MAX) throw new ValueError(ANCILLARY_TEXT);
  return length;
}

/** A caller's memory that a call writes to. */
export function toWritable(value: unknown, method: string): Uint8Array {
  // The usual case first: no text is made for an error that does not come.
  if (isPlainBytes(value)) return value;
  if (value === undefined) {
    throw new TypeError(`${method}() missing required argument 'buffer' (pos 1)`);
  }
  return toBytes(
    value,
    `${method}() argument 1 must be read-write bytes-like object, not {argument}`,
  );
}

const INTO_NAMES = ['buffer', 'nbytes', 'flags'];

/** The arguments of `recv_into` and `recvfrom_into`, some of which may be given by name. */
export function toIntoArguments(name: string, given: readonly unknown[]): readonly unknown[] {
  if (given.length > INTO_NAMES.length) {
    throw new TypeError(`${name}() takes at most 3 arguments (${given.length} given)`);
  }
  return withOptions({ name, names: INTO_NAMES }, given);
}

/** How much of the memory is used: all of it for an `nbytes` of 0. */
export function toIntoLength(
  view: Uint8Array,
  nbytes: unknown,
  method: string,
  tooSmall: string,
): number {
  if (nbytes === undefined || nbytes === 0) return view.length;
  const length = toSize(nbytes, `negative buffersize in ${method}`);
  if (length > view.length) throw new ValueError(tooSmall);
  return length === 0 ? view.length : length;
}

function iterate(value: unknown, method: string, position: number): Iterable<unknown> {
  const isIterable =
    (typeof value === 'object' || typeof value === 'string') &&
    value !== null &&
    typeof (value as Iterable<unknown>)[Symbol.iterator] === 'function';
  // Iterating over memory that was transferred away would throw an error of the engine's.
  if (ArrayBuffer.isView(value)) toBytes(value);
  if (isIterable) return value as Iterable<unknown>;
  throw new TypeError(`${method}() argument ${position} must be an iterable`);
}

/** The buffers of `sendmsg`. */
export function toBuffers(value: unknown, method: string): Uint8Array[] {
  return Array.from(iterate(value, method, 1), (item) => toBytes(item));
}

/** The buffers of `recvmsg_into`. */
export function toWritables(value: unknown, method: string): Uint8Array[] {
  const text = `${method}() argument 1 must be an iterable of single-segment read-write buffers`;
  return Array.from(iterate(value, method, 1), (item) => toBytes(item, text));
}

/** A control message to send: level, type and bytes. */
export type AncillaryInput = readonly [level: number, type: number, data: BytesLike];

const ITEM = '[sendmsg() ancillary data items]() argument must be';

/** The control messages of `sendmsg`. */
export function toAncillary(value: unknown): [number, number, Uint8Array][] {
  return Array.from(iterate(value, 'sendmsg', 2), (item) => {
    if (!Array.isArray(item)) {
      throw new TypeError(`${ITEM} 3-item sequence, not ${argumentName(item)}`);
    }
    if (item.length !== 3) {
      throw new TypeError(`${ITEM} sequence of length 3, not ${item.length}`);
    }
    const [level, type, data] = item as unknown[];
    return [toInt(level, 'signed'), toInt(type, 'signed'), toBytes(data)];
  });
}

/** A method of a caller's object, or Python's AttributeError. */
export function methodOf(value: unknown, name: string): (...args: unknown[]) => unknown {
  const method = (value as Record<string, unknown> | null | undefined)?.[name];
  if (typeof method === 'function') return method.bind(value);
  throw lacks(value, name);
}

/**
 * Takes notice of a promise that a method of the caller's object has given where a value is needed,
 * before it is refused: nobody else would hear of its failure, which would end the program.
 */
export function abandon(value: unknown): void {
  if (value instanceof Promise) value.catch(() => {});
}
