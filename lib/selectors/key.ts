// `SelectorKey`: what is registered with a selector.

import type { FileDescriptorLike } from '../file-descriptor.js';
import { toIterable } from '../io/arguments.js';
import { INSPECT, pythonRepr } from '../repr.js';
import { argumentName, isOptions, withOptions } from '../types.js';

const FIELDS = ['fileobj', 'fd', 'events', 'data'] as const;
const NEW = {
  name: 'SelectorKey.__new__',
  names: FIELDS,
  required: FIELDS.length,
  method: true,
};

/** An object as Python would show it: by its own text if it has one. */
export function fileRepr(fileobj: unknown): string {
  const isPlain = typeof fileobj !== 'object' || fileobj === null || ArrayBuffer.isView(fileobj);
  if (isPlain || Array.isArray(fileobj)) return pythonRepr(fileobj);
  const text: unknown = fileobj.toString;
  const isOwn = typeof text === 'function' && text !== Object.prototype.toString;
  if (!isOwn) return pythonRepr(fileobj);
  const shown: unknown = text.call(fileobj);
  return typeof shown === 'string' ? shown : pythonRepr(fileobj);
}

/**
 * What is registered with a selector. Like Python's `selectors.SelectorKey`, a named tuple: its
 * fields cannot be changed, and it can be taken apart, `const [fileobj, fd, events, data] = key`.
 *
 * `Data` is the type of what the program attaches, `File` that of the objects it registers.
 */
export class SelectorKey<Data = unknown, File extends FileDescriptorLike = FileDescriptorLike> {
  /** The names of the fields, in their order. */
  static readonly _fields: readonly string[] = FIELDS;

  /** The registered object, or its number if that was registered. */
  readonly fileobj: File;
  /** The descriptor. */
  readonly fd: number;
  /** What is waited for: EVENT_READ, EVENT_WRITE or both. */
  readonly events: number;
  /** What the program attached; null if nothing. */
  readonly data: Data;

  constructor(fileobj: File, fd: number, events: number, data: Data);
  constructor(...given: [File, number, number, Data]) {
    // The last one may be any object: it is no keyword argument.
    if (given.length !== FIELDS.length) withOptions(NEW, given);
    [this.fileobj, this.fd, this.events, this.data] = given;
    Object.freeze(this);
  }

  /** A key of four items. Like the `_make` of Python's named tuples. */
  static _make<Data, File extends FileDescriptorLike>(
    items: Iterable<unknown>,
  ): SelectorKey<Data, File> {
    const fields = [...toIterable(items)];
    if (fields.length !== FIELDS.length) {
      throw new TypeError(`Expected ${FIELDS.length} arguments, got ${fields.length}`);
    }
    return new this(...(fields as [never, number, number, never]));
  }

  /** A key that has other values in some fields. Like the `_replace` of Python's named tuples. */
  _replace(
    fields: Partial<Pick<SelectorKey<Data, File>, 'fileobj' | 'fd' | 'events' | 'data'>>,
  ): SelectorKey<Data, File> {
    if (!isOptions(fields)) {
      throw new TypeError(`_replace() argument 1 must be dict, not ${argumentName(fields)}`);
    }
    const unknown = Object.keys(fields).filter((name) => !FIELDS.includes(name as never));
    if (unknown.length > 0) {
      throw new TypeError(`Got unexpected field names: [${unknown.map(pythonRepr).join(', ')}]`);
    }
    const Key = this.constructor as typeof SelectorKey;
    const { fileobj, fd, events, data } = { ...this._asdict(), ...fields };
    return new Key(fileobj, fd, events, data);
  }

  /** The fields as a plain object. Like the `_asdict` of Python's named tuples. */
  _asdict(): { fileobj: File; fd: number; events: number; data: Data } {
    return { fileobj: this.fileobj, fd: this.fd, events: this.events, data: this.data };
  }

  /** The fields in their order. */
  *[Symbol.iterator](): Generator<File | number | Data, undefined, undefined> {
    yield this.fileobj;
    yield this.fd;
    yield this.events;
    yield this.data;
    return undefined;
  }

  /** The key as Python's `repr()` shows it. */
  toString(): string {
    const shown = FIELDS.map((name) => `${name}=${fileRepr(this[name])}`);
    return `SelectorKey(${shown.join(', ')})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}
