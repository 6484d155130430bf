// The objects of `poll()`.

import {
  FileNotFoundError,
  KeyError,
  OverflowError,
  osError,
  RuntimeError,
  ValueError,
} from '../errors.js';
import { type FileDescriptorLike, toFileDescriptor } from '../file-descriptor.js';
import { errnos, native, strerror } from '../native.js';
import { INSPECT } from '../repr.js';
import { POLLIN, POLLOUT, POLLPRI } from '../select-constants.js';
import { PENDING, type Pending } from '../socket/compose.js';
import { checkCount, integerOf } from '../types.js';
import {
  type AsyncOptions,
  checkPositional,
  readArguments,
  takeSignal,
  toPollWait,
} from './arguments.js';
import { awaitAny } from './awaiting.js';

const DEFAULT_MASK = POLLIN | POLLPRI | POLLOUT;
const MOST_MASK = 0xffff;
const UNSIGNED_LONG_MAX = 2n ** 64n - 1n;
const MILLISECOND = 0.001;
/** The key to the constructor, which only the function `poll()` has. */
export const MAKING: unique symbol = Symbol('making');

/** An array of `struct pollfd`: a descriptor, the events asked for, the events that came. */
class Entries {
  readonly count: number;
  readonly #bytes: Uint8Array;
  readonly #fds: Int32Array;
  readonly #masks: Uint16Array;

  constructor(masks: ReadonlyMap<number, number>) {
    this.count = masks.size;
    const memory = new ArrayBuffer(8 * (masks.size + 1));
    this.#bytes = new Uint8Array(memory);
    this.#fds = new Int32Array(memory);
    this.#masks = new Uint16Array(memory);
    let index = 0;
    for (const [fd, mask] of masks) {
      this.#fds[2 * index] = fd;
      this.#masks[4 * index + 2] = mask;
      index += 1;
    }
  }

  /** Asks once: how many entries have an answer. `wait` is milliseconds, -1 for ever. */
  ask(wait: number): number {
    const result = native.poll(this.#bytes, this.count, wait);
    if (result < 0) throw osError(result, 'poll');
    return result;
  }

  /** The descriptors that have an answer, with the events that came. */
  answers(count: number): [fd: number, events: number][] {
    const answers: [number, number][] = [];
    for (let index = 0; answers.length < count && index < this.count; index += 1) {
      const events = this.#masks[4 * index + 3] as number;
      if (events !== 0) answers.push([this.#fds[2 * index] as number, events]);
    }
    return answers;
  }

  /** The descriptors and what they are asked for. */
  *interests(): Generator<readonly [fd: number, events: number]> {
    for (let index = 0; index < this.count; index += 1) {
      yield [this.#fds[2 * index] as number, this.#masks[4 * index + 2] as number];
    }
  }
}

/** The events of an argument, which fit into a C unsigned short. */
function toMask(value: unknown): number {
  const mask = integerOf(value);
  if (mask === undefined) throw new TypeError('an integer is required');
  if (mask < 0) throw new ValueError('value must be positive');
  if (mask > UNSIGNED_LONG_MAX) {
    throw new OverflowError('Python int too large to convert to C unsigned long');
  }
  if (mask > MOST_MASK) throw new OverflowError('Python int too large for C unsigned short');
  return Number(mask);
}

/** A set of descriptors to wait for. Like the objects of Python's `select.poll()`. */
export class poll {
  readonly #masks = new Map<number, number>();
  #entries: Entries | undefined;
  #isWaiting = false;

  constructor(key: unknown) {
    if (key !== MAKING) throw new TypeError("cannot create 'select.poll' instances");
  }

  /**
   * Adds a descriptor, or gives it other events if it is there. Whether it is open shows in
   * {@link poll.poll} only.
   *
   * @param fd a number, or anything with `fileno()`
   * @param eventmask `POLL` constants, one or more; what can be read, written, or is exceptional if
   *   left out
   * @throws ValueError or OverflowError for a number that is no descriptor, or no mask
   */
  register(fd: FileDescriptorLike, eventmask?: number): void;
  register(...given: unknown[]): void {
    checkPositional('poll.register', given, 1, 2);
    const [fd, eventmask = DEFAULT_MASK] = given;
    const number = toFileDescriptor(fd);
    this.#masks.set(number, toMask(eventmask));
    this.#entries = undefined;
  }

  /**
   * Gives a descriptor other events.
   *
   * @throws FileNotFoundError (ENOENT) if it is not registered
   */
  modify(fd: FileDescriptorLike, eventmask: number): void;
  modify(...given: unknown[]): void {
    checkPositional('poll.modify', given, 2, 2);
    const number = toFileDescriptor(given[0]);
    const mask = toMask(given[1]);
    if (!this.#masks.has(number)) {
      const errno = errnos.ENOENT as number;
      throw new FileNotFoundError(errno, strerror(errno));
    }
    this.#masks.set(number, mask);
    this.#entries = undefined;
  }

  /**
   * Takes a descriptor out.
   *
   * @throws KeyError if it is not registered
   */
  unregister(fd: FileDescriptorLike): void;
  unregister(...given: unknown[]): void {
    if (given.length !== 1) checkCount('poll.unregister', given, 1);
    const number = toFileDescriptor(given[0]);
    if (!this.#masks.delete(number)) throw new KeyError(String(number));
    this.#entries = undefined;
  }

  /**
   * Waits until a descriptor has something to tell. Blocks the thread. poll(2).
   *
   * @param timeout **milliseconds**; null, left out or negative waits for ever, 0 only asks.
   *   Fractions are rounded up
   * @returns `[descriptor, events]` for each that has, in the order of registration. A descriptor
   *   that is not open tells POLLNVAL
   * @throws RuntimeError while {@link poll.poll_async} waits; InterruptedError after a signal
   *   that JavaScript listens for; OverflowError for a timeout of more than 2**31 milliseconds
   */
  poll(timeout?: number | null): [fd: number, events: number][];
  poll(...given: unknown[]): [fd: number, events: number][] {
    if (given.length > 0) checkPositional('poll.poll', given, 0, 1);
    const wait = toPollWait(given[0], MILLISECOND);
    const entries = this.#current();
    return entries.answers(entries.ask(wait));
  }

  /**
   * {@link poll.poll} without blocking the thread: a promise, kept by the event loop. What is
   * registered meanwhile counts from the next call on.
   *
   * @param timeout **milliseconds**
   * @param options `signal` ends the waiting
   * @throws what {@link poll.poll} throws but for InterruptedError; the signal's reason
   */
  poll_async(
    timeout?: number | null,
    options?: AsyncOptions,
  ): Promise<[fd: number, events: number][]>;
  async poll_async(...given: unknown[]): Promise<[fd: number, events: number][]> {
    const [args, signal] = takeSignal(given);
    const [timeout] = readArguments('poll_async', ['timeout'], 0, args);
    const wait = toPollWait(timeout, MILLISECOND);
    const entries = this.#current();
    const ask = (): [number, number][] | Pending => {
      const count = entries.ask(0);
      return count > 0 ? entries.answers(count) : PENDING;
    };
    this.#isWaiting = true;
    try {
      return await awaitAny(entries.interests(), wait, ask, () => [], signal);
    } finally {
      this.#isWaiting = false;
    }
  }

  /** What is registered, for the call that is made now. */
  #current(): Entries {
    if (this.#isWaiting) throw new RuntimeError('concurrent poll() invocation');
    this.#entries ??= new Entries(this.#masks);
    return this.#entries;
  }

  /** The object as Python's `repr()` shows it. */
  toString(): string {
    return '<select.poll object>';
  }

  [INSPECT](): string {
    return this.toString();
  }
}

// The function that makes one has the same name, and one of them would be called poll2.
Object.defineProperty(poll, 'name', { value: 'poll' });
