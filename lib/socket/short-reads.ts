// Which short reads tell that a stream has nothing more for now.

import { AF_INET, AF_INET6, IPPROTO_TCP, SOCK_STREAM, TCP_ULP } from '../constants.js';
import { native } from '../native.js';
import { drained } from '../reactor.js';
import { PENDING, type Pending } from './compose.js';
import type { Descriptor } from './descriptor.js';

const LONGEST_NAME = 16;

/**
 * TCP gives all it has, in one piece. Others end a read before the data end: AF_UNIX where control
 * messages come along, TLS in the kernel (TCP_ULP) where a record ends, SCTP where a message ends.
 */
function isPlainTcp(descriptor: Descriptor): boolean {
  if (descriptor.isPlainTcp !== undefined) return descriptor.isPlainTcp;
  const { family, type, proto, fd } = descriptor;
  const isTcp =
    (family === AF_INET || family === AF_INET6) &&
    type === SOCK_STREAM &&
    (proto === 0 || proto === IPPROTO_TCP);
  const upper = isTcp ? native.getsockopt(fd, IPPROTO_TCP, TCP_ULP, LONGEST_NAME) : 0;
  descriptor.isPlainTcp = typeof upper === 'object' && upper.length === 0;
  return descriptor.isPlainTcp;
}

/** Passes on what a read gave, and notices where it was short. */
export function noticeShort<T extends number | Buffer>(
  descriptor: Descriptor,
  asked: number,
  flags: number,
  result: T | Pending,
): T | Pending {
  if (result === PENDING || flags !== 0) return result;
  const length = typeof result === 'number' ? result : (result as Buffer).length;
  if (length > 0 && length < asked && isPlainTcp(descriptor)) drained(descriptor.fd);
  return result;
}
