// What both views of a socket share: the descriptor, its kind, its timeout and its closing.

import { OverflowError, osError, ValueError } from '../errors.js';
import { constants, native } from '../native.js';
import { typeName } from '../types.js';

const SOCK_NONBLOCK = constants.SOCK_NONBLOCK as number;
const SOCK_CLOEXEC = constants.SOCK_CLOEXEC as number;
/** The flags that socket(2) takes within the type. */
export const TYPE_FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC;

const NANOSECONDS = 1e9;
const MOST_SECONDS = 9_223_372_036;
const TIME_T_LIMIT = 2 ** 63;

/** What an object that is dropped without `close()` leaves to be closed. */
interface Abandoned {
  readonly fd: number;
  readonly family: number;
  readonly type: number;
  readonly proto: number;
}

const abandoned = new FinalizationRegistry<Abandoned>(({ fd, family, type, proto }) => {
  // Bun also calls this at the end of a worker, for a number that may be somebody else's by then.
  if (native.closeOwned(fd) < 0) return;
  const text = `<socket.socket fd=${fd}, family=${family}, type=${type}, proto=${proto}>`;
  process.emitWarning(`unclosed ${text}`, 'ResourceWarning');
});

/**
 * A span of time of any sign that Python could count in nanoseconds.
 *
 * @param unit how many seconds one is: 1, or 0.001 for milliseconds
 * @param refusal the TypeError's text for what is no number
 */
export function toSpan(value: unknown, unit: number, refusal: string): number {
  let span: number;
  if (typeof value === 'number') span = value;
  else if (typeof value === 'bigint' || typeof value === 'boolean') span = Number(value);
  else throw new TypeError(refusal);
  if (Number.isNaN(span)) throw new ValueError('Invalid value NaN (not a number)');
  const size = Math.abs(span);
  if (size >= TIME_T_LIMIT && typeof value === 'number') {
    throw new OverflowError('timestamp out of range for platform time_t');
  }
  if (size * unit > MOST_SECONDS) {
    throw new OverflowError('timestamp too large to convert to C PyTime_t');
  }
  return span;
}

/** Seconds for `settimeout()`: null, or a number of whole nanoseconds, rounded up. */
export function toTimeout(value: unknown): number | null {
  if (value === null) return null;
  const refusal = `'${typeName(value)}' object cannot be interpreted as an integer`;
  const seconds = toSpan(value, 1, refusal);
  if (seconds < 0) throw new ValueError('Timeout value out of range');
  return Math.ceil(seconds * NANOSECONDS) / NANOSECONDS;
}

/** Seconds as the milliseconds of a native wait: -1 waits for ever, 0 not at all. */
export function toWait(timeout: number | null): number {
  return timeout === null ? -1 : Math.ceil(timeout * 1000);
}

/** The timeout of new sockets, in seconds; see `setdefaulttimeout()`. */
export const defaults: { timeout: number | null } = { timeout: null };

export class Descriptor {
  /** Seconds; null waits for ever. */
  timeout: number | null = null;
  /** The same in milliseconds for the native calls: -1 waits for ever, 0 not at all. */
  wait = -1;
  /** Open file objects of `makefile()`, which put the closing off. */
  fileReferences = 0;
  /** Whether a short read tells that there is no more; undefined until a short read asks. */
  isPlainTcp: boolean | undefined;
  /** Whether `close()` was called. */
  closed = false;

  constructor(
    public fd: number,
    readonly family: number,
    readonly type: number,
    readonly proto: number,
    /** Whether it is closed when the object is collected. */
    isOwned = true,
  ) {
    watchers.doubt(fd);
    if (!isOwned) return;
    abandoned.register(this, { fd, family, type, proto }, this);
  }

  /** Throws what the call's negative result stands for. */
  refuse(result: number, syscall: string): never {
    throw osError(result, syscall);
  }

  setTimeout(timeout: number | null): void {
    this.timeout = timeout;
    this.wait = toWait(timeout);
    const result = native.setBlocking(this.fd, timeout === null);
    if (result < 0) this.refuse(result, 'ioctl');
  }

  /** The timeout of a new socket: none where its type says SOCK_NONBLOCK, else the default. */
  setFirstTimeout(type: number): void {
    if ((type & SOCK_NONBLOCK) !== 0) {
      this.timeout = 0;
      this.wait = 0;
    } else if (defaults.timeout !== null) {
      this.setTimeout(defaults.timeout);
    }
  }

  /** Closes the descriptor unless file objects still use it. */
  close(): void {
    this.closed = true;
    if (this.fileReferences <= 0) this.release();
  }

  /** A file object is closed. */
  dropFile(): void {
    if (this.fileReferences > 0) this.fileReferences -= 1;
    if (this.closed) this.close();
  }

  private release(): void {
    const fd = this.forget();
    if (fd < 0) return;
    const result = native.close(fd);
    if (result < 0) this.refuse(result, 'close');
  }

  /** Gives up the descriptor without closing it; -1 if there is none. */
  detach(): number {
    this.closed = true;
    const fd = this.forget();
    if (fd >= 0) native.disown(fd);
    return fd;
  }

  /**
   * Leaves the descriptor to another thread, which closes it. Should this thread end before that
   * one has taken it, it is closed all the same.
   */
  pass(): void {
    this.closed = true;
    this.forget();
  }

  /** The object forgets its descriptor before the call that closes it: never is one closed twice. */
  private forget(): number {
    const fd = this.fd;
    this.fd = -1;
    if (fd >= 0) {
      abandoned.unregister(this);
      watchers.forget(fd);
    }
    return fd;
  }
}

/** What the reactor of the promise flavour, once it is loaded, wants to know of descriptors. */
export const watchers = {
  /** A descriptor is about to be closed or given away. */
  forget(_fd: number): void {},
  /** A socket object is made on a number that may be watched. */
  doubt(_fd: number): void {},
};
