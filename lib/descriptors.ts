// The module's functions on descriptors, timeouts and control messages, which both flavours share.

import { AF_INET6 } from './constants.js';
import { OverflowError, osError } from './errors.js';
import { native } from './native.js';
import { defaults, toTimeout, watchers } from './socket/descriptor.js';
import { checkCount, isInteger, notAnInteger, toInt } from './types.js';

/**
 * Closes a descriptor that is a mere number. Like Python's `socket.close`; close(2).
 *
 * @throws OSError (EBADF) if it is not open
 */
export function close(fd: number): void {
  if (arguments.length !== 1) checkCount('_socket.close', [...arguments], 1);
  const number = toInt(fd);
  watchers.forget(number);
  const result = native.close(number);
  if (result < 0) throw osError(result, 'close');
}

/**
 * A copy of a descriptor, close-on-exec, as a mere number. Like Python's `socket.dup`.
 *
 * @throws OSError (EBADF) if it is not open
 */
export function dup(fd: number): number {
  if (arguments.length !== 1) checkCount('_socket.dup', [...arguments], 1);
  const result = native.dup(toInt(fd));
  if (result < 0) throw osError(result, 'dup');
  // A mere number is the caller's, also when this thread ends.
  native.disown(result);
  return result;
}

/** The timeout of new sockets in seconds, null for none. Like Python's `getdefaulttimeout`. */
export function getdefaulttimeout(): number | null {
  return defaults.timeout;
}

/**
 * Sets the timeout of new sockets. Like Python's `socket.setdefaulttimeout`.
 *
 * @param timeout seconds; null waits for ever, 0 not at all
 */
export function setdefaulttimeout(timeout: number | null): void {
  if (arguments.length !== 1) checkCount('_socket.setdefaulttimeout', [...arguments], 1);
  defaults.timeout = toTimeout(timeout);
}

const SSIZE_LIMIT = 2n ** 63n;

function toLength(value: unknown, name: string): number {
  if (!isInteger(value)) throw notAnInteger(value);
  const exact = BigInt(value);
  if (exact >= SSIZE_LIMIT || exact < -SSIZE_LIMIT) {
    throw new OverflowError('Python int too large to convert to C ssize_t');
  }
  if (exact < 0n || exact > 0x7fff_ffffn) throw outOfRange(name);
  return Number(exact);
}

function outOfRange(name: string): OverflowError {
  return new OverflowError(`${name}() argument out of range`);
}

/**
 * The length of a control message with that many bytes of data, without padding behind it. Like
 * Python's `socket.CMSG_LEN`; cmsg(3).
 */
export function CMSG_LEN(length: number): number {
  if (arguments.length !== 1) checkCount('CMSG_LEN', [...arguments], 1);
  const result = native.ancillaryLength(toLength(length, 'CMSG_LEN'));
  if (result < 0) throw outOfRange('CMSG_LEN');
  return result;
}

/**
 * The room that a control message with that many bytes of data takes, with its padding. Like
 * Python's `socket.CMSG_SPACE`; cmsg(3).
 */
export function CMSG_SPACE(length: number): number {
  if (arguments.length !== 1) checkCount('CMSG_SPACE', [...arguments], 1);
  const result = native.ancillarySpace(toLength(length, 'CMSG_SPACE'));
  if (result < 0) throw outOfRange('CMSG_SPACE');
  return result;
}

/** Whether the system knows IPv6. Like Python's `socket.has_ipv6`. */
export const has_ipv6: boolean = AF_INET6 !== undefined;
