// The queues in which operations wait, first come first served, and the loop that they keep alive.

import { type OSError, osError } from './errors.js';
import { errnos, native } from './native.js';

const BAD_DESCRIPTOR = -(errnos.EBADF as number);
const NOT_WATCHED = -(errnos.ENOENT as number);

/** Something that waits. */
export interface Waiter {
  /** Who came after it in its queue. */
  next: Waiter | undefined;
  /** Whether the event loop stays alive for it. */
  readonly holdsLoop: boolean;
  /** Tries again; whether it is done. */
  resume(): boolean;
  /** Ends it without success. */
  fail(error: unknown): void;
}

/** Who waits for one thing: a list, because an array would keep room for more who seldom come. */
export class Queue {
  first: Waiter | undefined;
  /** Whether a timer has them try. */
  isRetried = false;
  #last: Waiter | undefined;

  constructor(
    /** The descriptor that is waited for. */
    readonly watch?: Watch,
  ) {}

  enter(waiter: Waiter): void {
    if (this.#last) this.#last.next = waiter;
    else this.first = waiter;
    this.#last = waiter;
  }

  /** Takes the waiter out; whether it was in the queue. */
  leave(waiter: Waiter): boolean {
    let before: Waiter | undefined;
    let found = this.first;
    while (found && found !== waiter) {
      before = found;
      found = found.next;
    }
    if (!found) return false;
    if (before) before.next = found.next;
    else this.first = found.next;
    if (this.#last === found) this.#last = before;
    found.next = undefined;
    return true;
  }

  has(waiter: Waiter): boolean {
    let found = this.first;
    while (found && found !== waiter) found = found.next;
    return found !== undefined;
  }
}

/**
 * What is waited for: to make a call, be it to read what is no part of the ordinary data, or merely to
 * know that one could be made.
 */
export type Direction = 'read' | 'write' | 'unusual' | 'readable' | 'writable';

/** One watched descriptor. */
export class Watch {
  read: Queue | undefined;
  write: Queue | undefined;
  // Urgent data and the error queue come when they like: who reads them waits for nobody who waits
  // for data, and keeps nobody from them.
  unusual: Queue | undefined;
  // Who only wants to know has queues of his own: he must not keep a call from being made, nor a
  // call that waits for something else keep the news from him.
  readable: Queue | undefined;
  writable: Queue | undefined;

  /** Whether a read has just taken all there was: only the next event can bring more. */
  isDrained = false;
  /** Whether an event told of more than data, whose end no further event will tell. */
  isUnusual = false;
  /** Whether the descriptor may be another one by now than the one that was watched. */
  isDoubtful = false;

  constructor(
    readonly fd: number,
    readonly token: number,
  ) {}

  // A property whose name varies is looked up in a table of V8's, which costs more than to ask.
  /** Who waits in a direction, if anybody ever did. */
  queue(direction: Direction): Queue | undefined {
    if (direction === 'read') return this.read;
    if (direction === 'write') return this.write;
    if (direction === 'unusual') return this.unusual;
    return direction === 'readable' ? this.readable : this.writable;
  }

  /** All of them. */
  queues(): (Queue | undefined)[] {
    return [this.read, this.write, this.unusual, this.readable, this.writable];
  }

  /** The queue of a direction, to wait in. */
  open(direction: Direction): Queue {
    const queue = this.queue(direction) ?? new Queue(this);
    this[direction] = queue;
    return queue;
  }
}

/** How many wait for whom the loop stays alive. */
let waiting = 0;

/** So many more, or fewer, wait for whom the loop stays alive. */
export function hold(change: number): void {
  waiting += change;
  // The first one, or none any more.
  if (waiting === (change > 0 ? change : 0)) native.holdLoop(waiting > 0);
}

export function enter(queue: Queue, waiter: Waiter): void {
  queue.enter(waiter);
  if (waiter.holdsLoop) hold(1);
}

export function leave(queue: Queue, waiter: Waiter): void {
  if (queue.leave(waiter) && waiter.holdsLoop) hold(-1);
}

/** Serves a queue in order, until somebody has to go on waiting. */
export function resume(queue: Queue): void {
  for (let waiter = queue.first; waiter?.resume(); waiter = queue.first) {
    // The file that is sent may have ended its own sending, so that another one is the first now.
    leave(queue, waiter);
  }
}

/**
 * The same without news from the kernel, which knows whether the number still is the file that is
 * watched: somebody may have closed it who told nobody.
 */
export function resumeUnasked(queue: Queue): void {
  const { first, watch } = queue;
  if (first === undefined || watch === undefined) return;
  const result = native.renewWatch(watch.fd, watch.token);
  if (result === 0) {
    resume(queue);
    return;
  }
  watch.isDoubtful = true;
  endAll(watch, result === NOT_WATCHED ? BAD_DESCRIPTOR : result);
}

/** Ends whatever waits for a descriptor, with an error that is made for those who wait. */
export function endAll(watch: Watch, result = BAD_DESCRIPTOR): void {
  let error: OSError | undefined;
  for (const queue of watch.queues()) {
    while (queue?.first) {
      const waiter = queue.first;
      leave(queue, waiter);
      error ??= osError(result, result === BAD_DESCRIPTOR ? 'close' : 'epoll_ctl');
      waiter.fail(error);
    }
  }
}
