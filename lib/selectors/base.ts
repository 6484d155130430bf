// `BaseSelector`, and what all selectors of this package have in common.

import { KeyError, RuntimeError } from '../errors.js';
import type { FileDescriptorLike } from '../file-descriptor.js';
import { INSPECT, pythonRepr } from '../repr.js';
import type { AsyncOptions } from '../select/arguments.js';
import { readFileObject, readRegistration } from './arguments.js';
import { toEvents } from './events.js';
import { fileRepr, SelectorKey } from './key.js';
import { KeyMapping, lookUp, type SelectorMapping } from './mapping.js';

const ABSTRACT = ['get_map', 'register', 'select', 'unregister'] as const;

/** KeyError: the text, as Python shows the key that it is there. */
function keyError(text: string): KeyError {
  return new KeyError(pythonRepr(text));
}

function notRegistered(fileobj: unknown): KeyError {
  return keyError(`${fileRepr(fileobj)} is not registered`);
}

/**
 * The base of selectors, for those of the program's own: they have to have `register`, `unregister`,
 * `select` and `get_map`. Like Python's `selectors.BaseSelector`.
 */
export abstract class BaseSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> {
  constructor() {
    const missing = ABSTRACT.filter((name) => typeof this[name] !== 'function');
    if (missing.length === 0) return;
    const names = missing.map((name) => `'${name}'`).join(', ');
    throw new TypeError(
      `Can't instantiate abstract class ${new.target.name} without an implementation for ` +
        `abstract method${missing.length === 1 ? '' : 's'} ${names}`,
    );
  }

  /**
   * Registers an object.
   *
   * @param fileobj a number, or anything with `fileno()`
   * @param events what to wait for: EVENT_READ, EVENT_WRITE or both
   * @param data anything, to be found in the key; null if left out. (An object whose only key is
   *   `data` is a keyword argument.)
   * @throws ValueError for other events, or an object without descriptor; KeyError if the descriptor
   *   is registered already
   */
  abstract register(fileobj: File, events: number, data?: Data): SelectorKey<Data, File>;

  /**
   * Takes an object out and gives its key. An object that is closed is found, too.
   *
   * @throws KeyError if it is not registered
   */
  abstract unregister(fileobj: File): SelectorKey<Data, File>;

  /**
   * Changes what is waited for, and what is attached.
   *
   * @param data anything; left out it becomes null
   * @throws KeyError if the object is not registered
   */
  modify(fileobj: File, events: number, data?: Data): SelectorKey<Data, File>;
  modify(...given: unknown[]): SelectorKey<Data, File> {
    const [fileobj, events, data] = readRegistration('BaseSelector.modify', given);
    this.unregister(fileobj as File);
    return this.register(fileobj as File, events as number, data as Data);
  }

  /**
   * Waits until something registered is ready. Blocks the thread.
   *
   * @param timeout seconds; null or left out waits for ever, 0 and less only asks
   * @returns `[key, events]` for each that is; nothing when the time has passed, or after a signal
   *   that JavaScript listens for
   */
  abstract select(timeout?: number | null): [key: SelectorKey<Data, File>, events: number][];

  /** Closes the selector, not what is registered. `using` does so. */
  close(): void {}

  /**
   * The key of a registered object.
   *
   * @throws KeyError if it is not registered, RuntimeError if the selector is closed
   */
  get_key(fileobj: File): SelectorKey<Data, File>;
  get_key(...given: unknown[]): SelectorKey<Data, File> {
    const fileobj = readFileObject('BaseSelector.get_key', given);
    const mapping = this.get_map();
    if (mapping === null) throw new RuntimeError('Selector is closed');
    const key = mapping.get(fileobj);
    if (key === undefined) throw notRegistered(fileobj);
    return key;
  }

  /** What is registered; null if the selector is closed. */
  abstract get_map(): SelectorMapping<Data, File> | null;

  /** The object as Python's `repr()` shows it. */
  toString(): string {
    return `<selectors.${this.constructor.name} object>`;
  }

  [INSPECT](): string {
    return this.toString();
  }

  /** `using` closes the selector, as Python's `with` does. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** Selectors that keep what is registered in a map. */
export abstract class MappedSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> extends BaseSelector<Data, File> {
  /** @internal The keys by descriptor. */
  protected readonly keys = new Map<number, SelectorKey<Data, File>>();
  readonly #mapping = new KeyMapping(this.keys);
  #isClosed = false;

  /** The class that has a method, as Python's texts call it. */
  protected abstract titleOf(method: string): string;

  register(fileobj: File, events: number, data?: Data): SelectorKey<Data, File>;
  register(...given: unknown[]): SelectorKey<Data, File> {
    const [fileobj, events, data] = readRegistration(`${this.titleOf('register')}.register`, given);
    const mask = toEvents(events);
    const fd = lookUp(this.keys, fileobj);
    if (this.keys.has(fd)) {
      throw keyError(`${fileRepr(fileobj)} (FD ${fd}) is already registered`);
    }
    const key = new SelectorKey(fileobj as File, fd, mask, data as Data);
    this.keys.set(fd, key);
    try {
      this.begin(fd, mask);
    } catch (error) {
      this.keys.delete(fd);
      throw error;
    }
    return key;
  }

  unregister(fileobj: File): SelectorKey<Data, File>;
  unregister(...given: unknown[]): SelectorKey<Data, File> {
    const fileobj = readFileObject(`${this.titleOf('unregister')}.unregister`, given);
    const key = this.#find(fileobj);
    this.keys.delete(key.fd);
    this.end(key.fd);
    return key;
  }

  override modify(fileobj: File, events: number, data?: Data): SelectorKey<Data, File>;
  override modify(...given: unknown[]): SelectorKey<Data, File> {
    const [fileobj, events, data] = readRegistration(`${this.titleOf('modify')}.modify`, given);
    const key = this.#find(fileobj);
    if (events !== key.events) return this.change(key, fileobj as File, events, data as Data);
    if (data === key.data) return key;
    return this.keep(key._replace({ data: data as Data }));
  }

  #find(fileobj: unknown): SelectorKey<Data, File> {
    const key = this.keys.get(lookUp(this.keys, fileobj));
    if (key === undefined) throw notRegistered(fileobj);
    return key;
  }

  /** Puts a key in the place of another one. */
  protected keep(key: SelectorKey<Data, File>): SelectorKey<Data, File> {
    this.keys.set(key.fd, key);
    return key;
  }

  /** Starts to wait for a descriptor. */
  protected abstract begin(fd: number, events: number): void;
  /** Ends it. */
  protected abstract end(fd: number): void;
  /** What `modify` does for other events than before. */
  protected abstract change(
    key: SelectorKey<Data, File>,
    fileobj: File,
    events: unknown,
    data: Data,
  ): SelectorKey<Data, File>;

  /**
   * `select()` without blocking the thread: a promise, kept by the event loop.
   *
   * @param timeout seconds; null or left out waits for ever, 0 and less only asks
   * @param options `signal` ends the waiting
   * @throws the signal's reason
   */
  abstract select_async(
    timeout?: number | null,
    options?: AsyncOptions,
  ): Promise<[key: SelectorKey<Data, File>, events: number][]>;

  override close(): void {
    this.keys.clear();
    this.#isClosed = true;
  }

  get_map(): SelectorMapping<Data, File> | null {
    return this.#isClosed ? null : this.#mapping;
  }
}
