// `epoll` objects.

import { OSError, osError, ValueError } from '../errors.js';
import { type FileDescriptorLike, toFileDescriptor } from '../file-descriptor.js';
import { native } from '../native.js';
import { INSPECT } from '../repr.js';
import { EPOLL_CLOEXEC, EPOLLIN, EPOLLOUT, EPOLLPRI } from '../select-constants.js';
import { PENDING, type Pending } from '../socket/compose.js';
import { checkCount, toInt, toUnsignedBits } from '../types.js';
import { type AsyncOptions, readArguments, takeSignal, toPollWait } from './arguments.js';
import { adoptSet, awaitSet, closeSet, EpollOperation, openSet } from './awaiting.js';

const DEFAULT_MASK = EPOLLIN | EPOLLPRI | EPOLLOUT;
/** How many events a call gives unless it is told: one less than FD_SETSIZE, as in Python. */
const DEFAULT_MOST = 1023;
const SECOND = 1;
/** The longest `struct epoll_event`. */
const EVENT_BYTES = 16;

// Where the events of a call are: pairs of descriptor and events, taken out before the next call.
let memory = new Uint8Array(EVENT_BYTES * (DEFAULT_MOST + 1));
let fds = new Int32Array(memory.buffer);
let masks = new Uint32Array(memory.buffer);

/** Room for that many events in the memory. */
function makeRoom(most: number): void {
  if (memory.length >= EVENT_BYTES * most) return;
  memory = new Uint8Array(EVENT_BYTES * most);
  fds = new Int32Array(memory.buffer);
  masks = new Uint32Array(memory.buffer);
}

/** The most events that are asked for at once; what is left then comes with the next call. */
const MOST_ROOM = 2 ** 16;

/**
 * Waits for a set: how many events there are. {@link descriptorAt} and {@link eventsAt} have them.
 *
 * @param wait milliseconds; -1 for ever, 0 not at all
 */
export function waitForSet(set: number, most: number, wait: number): number {
  const room = Math.min(most, MOST_ROOM);
  makeRoom(room);
  const count = native.epollWait(memory, set, room, wait);
  if (count < 0) throw osError(count, 'epoll_wait');
  return count;
}

/** The descriptor of an event of the last wait. */
export const descriptorAt = (index: number): number => fds[2 * index] as number;
/** What the descriptor tells. */
export const eventsAt = (index: number): number => masks[2 * index + 1] as number;

/** The events of the last wait, taken out. */
function takeEvents(count: number): [fd: number, events: number][] {
  const taken: [number, number][] = [];
  for (let index = 0; index < count; index += 1) {
    taken.push([descriptorAt(index), eventsAt(index)]);
  }
  return taken;
}

// An object that is dropped is closed when it is collected, silently as in Python.
const abandoned = new FinalizationRegistry<number>((fd) => void native.closeOwned(fd));

/** A set that there is already, on its way into an object. */
class Adopted {
  constructor(readonly fd: number) {}

  adopt(): number {
    if (this.fd >= 0) adoptSet(this.fd);
    return this.fd;
  }
}

/** A new set, for the arguments of {@link epoll}. */
function open(given: readonly unknown[]): number {
  const [sizehint = -1, flags = 0] = readArguments('epoll', ['sizehint', 'flags'], 0, given);
  const size = toInt(sizehint);
  const bits = toInt(flags);
  if (size < 1 && size !== -1) throw new ValueError('negative sizehint');
  if (bits !== 0 && bits !== EPOLL_CLOEXEC) throw new OSError('invalid flags');
  return openSet();
}

/**
 * A set of descriptors in the kernel, to wait for them. Like Python's `select.epoll`; epoll(7). It
 * is a descriptor itself, which other sets can watch. `using` closes it.
 */
export class epoll {
  #fd: number;

  /**
   * @param sizehint once told the kernel how many descriptors there would be; positive, or -1
   * @param flags 0 or EPOLL_CLOEXEC, which is always set
   * @throws ValueError for another sizehint, OSError for other flags or if there are no descriptors
   *   left
   */
  constructor(sizehint?: number, flags?: number);
  constructor(options?: { readonly sizehint?: number; readonly flags?: number });
  constructor(...given: unknown[]) {
    this.#fd = given[0] instanceof Adopted ? given[0].adopt() : open(given);
    abandoned.register(this, this.#fd, this);
  }

  /**
   * An object for a set that there is already, which it closes. Like Python's
   * `select.epoll.fromfd`. Whether the number is a set shows in the first call.
   *
   * @param fd the set's descriptor; -1 makes a new set
   */
  static fromfd(fd: number): epoll;
  static fromfd(...given: unknown[]): epoll {
    if (given.length !== 1) checkCount('epoll.fromfd', given, 1);
    const number = toInt(given[0]);
    return number === -1 ? new this() : new this(new Adopted(number) as never);
  }

  /** Whether the set is closed. */
  get closed(): boolean {
    return this.#fd < 0;
  }

  /**
   * The set's descriptor. Like Python's `epoll.fileno`.
   *
   * @throws ValueError if it is closed
   */
  fileno(): number {
    if (this.#fd < 0) throw new ValueError('I/O operation on closed epoll object');
    return this.#fd;
  }

  /**
   * Closes the set, not what is registered; who waits for it in {@link epoll.poll_async} gets an
   * OSError (EBADF). Like Python's `epoll.close`.
   */
  close(): void {
    const fd = this.#fd;
    if (fd < 0) return;
    // The object forgets the number first: never is one closed twice.
    this.#fd = -1;
    abandoned.unregister(this);
    closeSet(fd);
  }

  /**
   * Adds a descriptor. Like Python's `epoll.register`; epoll_ctl(2).
   *
   * @param fd a number, or anything with `fileno()`
   * @param eventmask `EPOLL` constants, one or more; what can be read, written, or is exceptional if
   *   left out
   * @throws FileExistsError (EEXIST) if it is there, PermissionError (EPERM) for a regular file
   */
  register(fd: FileDescriptorLike, eventmask?: number): void;
  register(options: { readonly fd: FileDescriptorLike; readonly eventmask?: number }): void;
  register(...given: unknown[]): void {
    this.#control(EpollOperation.add, 'register', 1, given);
  }

  /**
   * Gives a descriptor other events. Like Python's `epoll.modify`.
   *
   * @throws FileNotFoundError (ENOENT) if it is not registered
   */
  modify(fd: FileDescriptorLike, eventmask: number): void;
  modify(options: { readonly fd: FileDescriptorLike; readonly eventmask: number }): void;
  modify(...given: unknown[]): void {
    this.#control(EpollOperation.modify, 'modify', 2, given);
  }

  #control(operation: number, name: string, required: number, given: unknown[]): void {
    const [fd, eventmask = DEFAULT_MASK] = readArguments(
      name,
      ['fd', 'eventmask'],
      required,
      given,
    );
    const number = toFileDescriptor(fd);
    const events = toUnsignedBits(eventmask);
    const result = native.epollControl(this.fileno(), operation, number, events);
    if (result < 0) throw osError(result, 'epoll_ctl');
  }

  /**
   * Takes a descriptor out; closing it does so, too. Like Python's `epoll.unregister`.
   *
   * @throws FileNotFoundError (ENOENT) if it is not registered, OSError (EBADF) if it is not open
   */
  unregister(fd: FileDescriptorLike): void;
  unregister(options: { readonly fd: FileDescriptorLike }): void;
  unregister(...given: unknown[]): void {
    const [fd] = readArguments('unregister', ['fd'], 1, given);
    const number = toFileDescriptor(fd);
    const result = native.epollControl(this.fileno(), EpollOperation.remove, number, 0);
    if (result < 0) throw osError(result, 'epoll_ctl');
  }

  /**
   * Waits until a descriptor has something to tell. Blocks the thread. Like Python's `epoll.poll`;
   * epoll_wait(2).
   *
   * @param timeout seconds; null, left out or negative waits for ever, 0 only asks. Fractions of a
   *   millisecond are rounded up
   * @param maxevents how many are told of at most; -1 stands for 1023
   * @returns `[descriptor, events]` for each, in the kernel's order
   * @throws InterruptedError after a signal that JavaScript listens for; ValueError if the set is
   *   closed; OverflowError for a timeout of more than 2**31 milliseconds
   */
  poll(timeout?: number | null, maxevents?: number): [fd: number, events: number][];
  poll(options: PollOptions): [fd: number, events: number][];
  poll(...given: unknown[]): [fd: number, events: number][] {
    const [wait, most] = toPollArguments(given, this);
    return takeEvents(waitForSet(this.fileno(), most, wait));
  }

  /**
   * {@link epoll.poll} without blocking the thread: a promise, kept by the event loop. What is
   * registered meanwhile counts at once.
   *
   * @param options `signal` ends the waiting
   * @throws what {@link epoll.poll} throws but for InterruptedError; the signal's reason; OSError
   *   (EBADF) if the set is closed meanwhile
   */
  poll_async(
    timeout?: number | null,
    maxevents?: number,
    options?: AsyncOptions,
  ): Promise<[fd: number, events: number][]>;
  poll_async(
    timeout: number | null | undefined,
    options: AsyncOptions,
  ): Promise<[fd: number, events: number][]>;
  poll_async(options: PollOptions & AsyncOptions): Promise<[fd: number, events: number][]>;
  async poll_async(...given: unknown[]): Promise<[fd: number, events: number][]> {
    const [args, signal] = takeSignal(given);
    const [wait, most] = toPollArguments(args, this);
    // What waits keeps the object, which must not be collected and closed meanwhile.
    const ask = (): [number, number][] | Pending => {
      const count = waitForSet(this.fileno(), most, 0);
      return count > 0 ? takeEvents(count) : PENDING;
    };
    return awaitSet(this.fileno(), wait, ask, () => [], signal);
  }

  /** The object as Python's `repr()` shows it. */
  toString(): string {
    return '<select.epoll object>';
  }

  [INSPECT](): string {
    return this.toString();
  }

  /** `using` closes the set, as Python's `with` does. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** The arguments of {@link epoll.poll} by name. */
interface PollOptions {
  readonly timeout?: number | null;
  readonly maxevents?: number;
}

function toPollArguments(given: readonly unknown[], set: epoll): [wait: number, most: number] {
  const [timeout, maxevents = -1] = readArguments('poll', ['timeout', 'maxevents'], 0, given);
  const most = toInt(maxevents);
  // That the set is closed is said before the rest is looked at.
  set.fileno();
  const wait = toPollWait(timeout, SECOND);
  if (most === -1) return [wait, DEFAULT_MOST];
  if (most < 1) throw new ValueError(`maxevents must be greater than 0, got ${most}`);
  return [wait, most];
}
