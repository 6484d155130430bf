// What `get_map()` of selectors gives: what is registered, by object or by number.

import { OverflowError, ValueError } from '../errors.js';
import type { FileDescriptorLike } from '../file-descriptor.js';
import { isInteger, typeName } from '../types.js';
import { fileRepr, type SelectorKey } from './key.js';

/** The number in what Python's `int()` takes. */
function toInteger(value: unknown): number | undefined {
  if (isInteger(value)) return Number(value);
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
    throw new OverflowError('cannot convert float infinity to integer');
  }
  if (typeof value === 'number' && !Number.isNaN(value)) return Math.trunc(value);
  return typeof value === 'string' && /^\s*[-+]?\d+\s*$/.test(value) ? Number(value) : undefined;
}

/** What `fileno()` says; undefined where it fails in one of the ways that say: no file object. */
function askFileno(fileobj: unknown): number | undefined {
  const method = (fileobj as { fileno?: unknown } | null | undefined)?.fileno;
  if (typeof method !== 'function') return undefined;
  let number: unknown;
  try {
    number = method.call(fileobj);
  } catch (error) {
    if (error instanceof TypeError || error instanceof ValueError) return undefined;
    throw error;
  }
  return toInteger(number);
}

function toDescriptor(fileobj: unknown): number {
  const fd = isInteger(fileobj) ? Number(fileobj) : askFileno(fileobj);
  if (fd === undefined) throw new ValueError(`Invalid file object: ${fileRepr(fileobj)}`);
  if (fd < 0) throw new ValueError(`Invalid file descriptor: ${fd}`);
  return fd;
}

/**
 * What is registered with a selector, a view that follows it: keys by descriptor, in the order of
 * registration. What is asked for may be a number or an object. Like what Python's `get_map()`
 * gives, with the methods of a `Map` that is only read.
 */
export interface SelectorMapping<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> extends Iterable<[fd: number, key: SelectorKey<Data, File>]> {
  /** How many objects are registered. */
  readonly size: number;
  /**
   * The key of an object or a number; if it is not registered `otherwise`, or undefined.
   *
   * @throws ValueError if it is no file object
   */
  get(fileobj: unknown): SelectorKey<Data, File> | undefined;
  get<T>(fileobj: unknown, otherwise: T): SelectorKey<Data, File> | T;
  /**
   * Whether an object or a number is registered.
   *
   * @throws ValueError if it is no file object
   */
  has(fileobj: unknown): boolean;
  /** The descriptors. */
  keys(): IterableIterator<number>;
  /** The keys. */
  values(): IterableIterator<SelectorKey<Data, File>>;
  /** Pairs of descriptor and key. */
  entries(): IterableIterator<[fd: number, key: SelectorKey<Data, File>]>;
  /** Calls a function with each key and its descriptor. */
  forEach(visit: (key: SelectorKey<Data, File>, fd: number) => void): void;
}

/** The mapping of this package's selectors. */
export class KeyMapping<Data, File extends FileDescriptorLike>
  implements SelectorMapping<Data, File>
{
  readonly #keys: ReadonlyMap<number, SelectorKey<Data, File>>;

  constructor(keys: ReadonlyMap<number, SelectorKey<Data, File>>) {
    this.#keys = keys;
  }

  get size(): number {
    return this.#keys.size;
  }

  get(fileobj: unknown): SelectorKey<Data, File> | undefined;
  get<T>(fileobj: unknown, otherwise: T): SelectorKey<Data, File> | T;
  get(fileobj: unknown, otherwise?: unknown): unknown {
    return this.#keys.get(lookUp(this.#keys, fileobj)) ?? otherwise;
  }

  has(fileobj: unknown): boolean {
    return this.#keys.has(lookUp(this.#keys, fileobj));
  }

  keys(): IterableIterator<number> {
    return this.#keys.keys();
  }

  values(): IterableIterator<SelectorKey<Data, File>> {
    return this.#keys.values();
  }

  entries(): IterableIterator<[fd: number, key: SelectorKey<Data, File>]> {
    return this.#keys.entries();
  }

  [Symbol.iterator](): IterableIterator<[fd: number, key: SelectorKey<Data, File>]> {
    return this.#keys.entries();
  }

  forEach(visit: (key: SelectorKey<Data, File>, fd: number) => void): void {
    if (typeof visit !== 'function') {
      throw new TypeError(`'${typeName(visit)}' object is not callable`);
    }
    for (const [fd, key] of this.#keys) visit(key, fd);
  }
}

/**
 * The descriptor of an object. One that is closed is known by itself.
 *
 * @throws ValueError if it is no file object
 */
export function lookUp(
  keys: ReadonlyMap<number, { readonly fileobj: unknown; readonly fd: number }>,
  fileobj: unknown,
): number {
  try {
    return toDescriptor(fileobj);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    for (const key of keys.values()) if (key.fileobj === fileobj) return key.fd;
    throw error;
  }
}
