// `wait_readable` and `wait_writable`: the readiness of a descriptor of any kind, as a promise.

import { osError, TIMED_OUT } from './errors.js';
import { type FileDescriptorLike, toFileDescriptor } from './file-descriptor.js';
import { splitOptions } from './lookup-promises.js';
import { errnos, native } from './native.js';
import { doubt, perform, unwatchIdle, type WaitOptions } from './reactor.js';
import { PENDING, type Pending } from './socket/compose.js';
import { toWait } from './socket/descriptor.js';
import { Endpoint } from './socket/endpoint.js';
import { checkCount } from './types.js';

// Of poll(2); an error and a hang-up are reported without being asked for.
const POLLIN = 1;
const POLLOUT = 4;
const INTERRUPTED = -(errnos.EINTR as number);

/** What poll(2) says at the moment. */
function poll(fd: number, events: number): number {
  for (;;) {
    const result = native.wait(fd, events, 0);
    if (result !== INTERRUPTED) return result;
  }
}

async function waitReady(
  name: string,
  direction: 'readable' | 'writable',
  events: number,
  given: readonly unknown[],
): Promise<void> {
  const [target] = given;
  // An object with fileno() may be a plain one, which as a last argument would be options.
  const [rest, { signal, timeout = null }] = splitOptions(given.slice(1));
  checkCount(name, given.length === 0 ? [] : [null, ...rest], 1);
  const fd = toFileDescriptor(target);
  const wait = toWait(timeout);
  const attempt = (): undefined | Pending => {
    const result = poll(fd, events);
    if (result >= 0) return undefined;
    if (result === TIMED_OUT && wait !== 0) return PENDING;
    throw osError(result, 'poll');
  };
  const special = { keeps: target };
  if (target instanceof Endpoint) return perform(fd, direction, wait, attempt, signal, special);
  // Nobody tells when others close a number that is no socket's of ours, and use it again.
  doubt(fd);
  try {
    return await perform(fd, direction, wait, attempt, signal, special);
  } finally {
    unwatchIdle(fd);
  }
}

/**
 * Waits until a descriptor of any kind can be read from without blocking: data are there, or the
 * end, an error, a connection to accept. Nothing is read. Python has select(2) for it, and asyncio
 * `loop.add_reader`; poll(2).
 *
 * Calls that wait for the same descriptor come first: it is ready for what they leave. Regular
 * files are always ready.
 *
 * @param fd a descriptor's number, or anything with `fileno()`: a socket, a pipe, a terminal, an
 *   eventfd, a descriptor of another library
 * @param options `signal` ends the waiting; `timeout` in seconds, without which it waits for ever.
 *   The timeout of a socket has no say here. 0 only asks
 * @throws TimeoutError; the signal's reason; OSError (EBADF) if the descriptor is not open, or is
 *   closed by this package meanwhile; ValueError for a negative number
 */
export function wait_readable(fd: FileDescriptorLike, options?: WaitOptions): Promise<void>;
export function wait_readable(...given: unknown[]): Promise<void> {
  return waitReady('wait_readable', 'readable', POLLIN, given);
}

/**
 * Waits until a descriptor of any kind can be written to without blocking: there is room, or an
 * error, or the attempt to connect has ended. Nothing is written. Otherwise like
 * {@link wait_readable}.
 *
 * @param fd a descriptor's number, or anything with `fileno()`
 * @param options `signal` ends the waiting; `timeout` in seconds, without which it waits for ever
 * @throws as {@link wait_readable}
 */
export function wait_writable(fd: FileDescriptorLike, options?: WaitOptions): Promise<void>;
export function wait_writable(...given: unknown[]): Promise<void> {
  return waitReady('wait_writable', 'writable', POLLOUT, given);
}
