// Which short reads tell that a stream has nothing more for now.

import { AF_INET, AF_INET6, IPPROTO_TCP, SOCK_STREAM, TCP_ULP } from '../constants.js';
import { native } from '../native.js';
import type { Special } from '../operation.js';
import { drained } from '../reactor.js';
import { urgent } from './arguments.js';
import { PENDING, type Pending } from './compose.js';
import type { Descriptor } from './descriptor.js';
import { Call, type Make } from './promise-calls.js';

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

/** Notices where a read was short. */
function noticeShort(descriptor: Descriptor, asked: number, got: number): void {
  // A read ends where an urgent byte was, and no event tells of one that was taken before it came.
  if (got === 0 || got >= asked || urgent.isUsed) return;
  if (isPlainTcp(descriptor)) drained(descriptor.fd);
}

const NEEDS_NEWS: Special = { needsNews: true };

/** A read of up to `asked` bytes, which after a short one waits without being tried. */
export class Read<T extends number | Buffer, A, B, C> extends Call<T, A, B, C> {
  constructor(
    readonly asked: number,
    flags: number,
    make: Make<T, A, B, C>,
    descriptor: Descriptor,
    first: A,
    second?: B,
    third?: C,
  ) {
    super(make, descriptor, first, second, third);
    // Without room, or with flags, it may have its answer at once, be it an error.
    if (asked > 0 && flags === 0) this.special = NEEDS_NEWS;
  }

  override attempt(wait: number): T | Pending {
    const result = super.attempt(wait);
    if (result !== PENDING && this.special.needsNews) {
      const got = typeof result === 'number' ? result : (result as Buffer).length;
      noticeShort(this.descriptor, this.asked, got);
    }
    return result;
  }
}
