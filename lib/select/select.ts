// `select()` and its awaited form.

import { osError, ValueError } from '../errors.js';
import { type FileDescriptorLike, toFileDescriptor } from '../file-descriptor.js';
import { native } from '../native.js';
import { POLLIN, POLLOUT, POLLPRI } from '../select-constants.js';
import { toBytes } from '../socket/bytes.js';
import { PENDING, type Pending } from '../socket/compose.js';
import { toSpan } from '../socket/descriptor.js';
import { type AsyncOptions, checkPositional, takeSignal } from './arguments.js';
import { awaitAny } from './awaiting.js';

const LIST_COUNT = 3;
/** What poll(2) calls the readiness of each list. */
const EVENTS = [POLLIN, POLLOUT, POLLPRI] as const;

// What is asked and answered, taken out before the next question.
let memory = new Int32Array(64);
let bytes = new Uint8Array(memory.buffer);

/** Room for that many descriptors in the memory. */
function makeRoom(count: number): void {
  if (memory.length >= count) return;
  memory = new Int32Array(2 * count);
  bytes = new Uint8Array(memory.buffer);
}

type Lists = readonly [read: number[], write: number[], exceptional: number[]];

/** Three lists of descriptors that select(2) is asked about, once or again and again. */
export class Question {
  readonly #lists: Lists;

  constructor(lists: Lists) {
    this.#lists = lists;
  }

  /**
   * Asks once: how many answers are "yes". {@link Question.ready} tells which, until somebody asks
   * again.
   *
   * @param wait milliseconds; -1 for ever, 0 not at all
   */
  ask(wait: number): number {
    const [read, write, exceptional] = this.#lists;
    makeRoom(read.length + write.length + exceptional.length);
    let at = 0;
    for (const list of this.#lists) for (const fd of list) memory[at++] = fd;
    const result = native.select(bytes, read.length, write.length, exceptional.length, wait);
    if (result < 0) throw osError(result, 'select');
    return result;
  }

  /** The items of a list, its descriptors unless others are given, whose answer was "yes". */
  ready<T = number>(
    list: number,
    items: readonly T[] = this.#lists[list] as readonly unknown[] as readonly T[],
  ): T[] {
    const [read, write] = this.#lists;
    const start = list === 0 ? 0 : list === 1 ? read.length : read.length + write.length;
    const found: T[] = [];
    for (let index = 0; index < items.length; index += 1) {
      if (memory[start + index] === 1) found.push(items[index] as T);
    }
    return found;
  }

  /** What an epoll set watches to know when to ask again. */
  *interests(): Generator<readonly [fd: number, events: number]> {
    for (const [list, fds] of this.#lists.entries()) {
      for (const fd of fds) yield [fd, EVENTS[list] as number];
    }
  }
}

/** The arguments of `select()`: the lists' items, the question about them, how long to wait. */
function read(given: readonly unknown[]): [items: unknown[][], question: Question, wait: number] {
  checkPositional('select.select', given, LIST_COUNT, LIST_COUNT + 1);
  const wait = toWait(given[LIST_COUNT]);
  const items = given.slice(0, LIST_COUNT).map(toItems);
  const fds = items.map((list) => list.map(toFileDescriptor)) as [number[], number[], number[]];
  return [items, new Question(fds), wait];
}

/** Seconds as the milliseconds of a native wait: -1 for ever, 0 not at all. */
export function toWait(timeout: unknown): number {
  if (timeout === null || timeout === undefined) return -1;
  const seconds = toSpan(timeout, 1, 'timeout must be a float or None');
  if (seconds < 0) throw new ValueError('timeout must be non-negative');
  return seconds * 1000;
}

/** The items of any iterable; those of a Map are its keys, as those of Python's dict are. */
function toItems(list: unknown): unknown[] {
  if (Array.isArray(list)) return list.slice();
  if (list instanceof Map) return [...list.keys()];
  const isIterable = typeof (list as Iterable<unknown> | null)?.[Symbol.iterator] === 'function';
  if (!isIterable) throw new TypeError('arguments 1-3 must be sequences');
  // Iterating over memory that was transferred away would throw an error of the engine's.
  if (ArrayBuffer.isView(list)) toBytes(list);
  return [...(list as Iterable<unknown>)];
}

function answer(
  question: Question,
  items: readonly unknown[][],
): [unknown[], unknown[], unknown[]] {
  const [read, write, exceptional] = items as [unknown[], unknown[], unknown[]];
  return [question.ready(0, read), question.ready(1, write), question.ready(2, exceptional)];
}

/**
 * Waits until some descriptors are ready, and gives those: a list for each of the three. Blocks the
 * thread. Like Python's `select.select`; select(2). Descriptors of any number can be asked about,
 * and any number of them.
 *
 * @param rlist those to wait for until they can be read: numbers, or anything with `fileno()`
 * @param wlist those to wait for until they can be written
 * @param xlist those to wait for until there is an exceptional condition, such as out-of-band data
 * @param timeout seconds; null or left out waits for ever, 0 only asks
 * @throws OSError (EBADF) if one is not open; ValueError for a negative number, as that of a closed
 *   socket is, or a negative timeout; InterruptedError after a signal that JavaScript listens for
 */
export function select<
  R extends FileDescriptorLike,
  W extends FileDescriptorLike,
  X extends FileDescriptorLike,
>(
  rlist: Iterable<R>,
  wlist: Iterable<W>,
  xlist: Iterable<X>,
  timeout?: number | null,
): [R[], W[], X[]];
export function select(...given: unknown[]): [unknown[], unknown[], unknown[]] {
  const [items, question, wait] = read(given);
  question.ask(wait);
  return answer(question, items);
}

/**
 * {@link select} without blocking the thread: a promise of the three lists, kept by the event loop.
 *
 * @param options `signal` ends the waiting
 * @throws what {@link select} throws but for InterruptedError; the signal's reason
 */
export function select_async<
  R extends FileDescriptorLike,
  W extends FileDescriptorLike,
  X extends FileDescriptorLike,
>(
  rlist: Iterable<R>,
  wlist: Iterable<W>,
  xlist: Iterable<X>,
  timeout?: number | null,
  options?: AsyncOptions,
): Promise<[R[], W[], X[]]>;
export async function select_async(
  ...given: unknown[]
): Promise<[unknown[], unknown[], unknown[]]> {
  const [args, signal] = takeSignal(given);
  const [items, question, wait] = read(args);
  const ask = (): [unknown[], unknown[], unknown[]] | Pending =>
    question.ask(0) > 0 ? answer(question, items) : PENDING;
  return awaitAny(question.interests(), wait, ask, () => [[], [], []], signal);
}
