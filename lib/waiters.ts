// The queues in which operations wait, first come first served.

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
  #last: Waiter | undefined;

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

/** One watched descriptor. */
export class Watch {
  read: Queue | undefined;
  write: Queue | undefined;
  // Who only wants to know has queues of his own: he must not keep a call from being made, nor a
  // call that waits for something else keep the news from him.
  readable: Queue | undefined;
  writable: Queue | undefined;

  /** Whether a read has just taken all there was: only the next event can bring more. */
  isDrained = false;
  /** Whether an event told of more than data, whose end no further event will tell. */
  isUnusual = false;

  constructor(
    readonly fd: number,
    readonly token: number,
  ) {}
}
