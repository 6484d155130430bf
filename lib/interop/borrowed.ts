// A socket object on a descriptor of Node's own: for options and names, never to read, write or
// close.

import { UnsupportedOperation } from '../errors.js';
import { native } from '../native.js';
import { Descriptor } from '../socket/descriptor.js';
import { Endpoint } from '../socket/endpoint.js';

/** What has the descriptor: a handle of libuv's, which tells a negative number once it is closed. */
export interface Lender {
  readonly fd: number;
}

/** A file that is no socket, such as a terminal, has no family and no kind. */
const NO_KIND = [0, 0, 0] as const;

/**
 * A descriptor that somebody else closes. It is asked for at each use, since its number may be
 * another file's as soon as it is closed.
 */
class BorrowedDescriptor extends Descriptor {
  constructor(lender: Lender) {
    const kind = native.identify(lender.fd);
    const [family, type, proto] = typeof kind === 'number' ? NO_KIND : kind;
    super(lender.fd, family, type, proto, false);
    this.timeout = 0;
    this.wait = 0;
    Object.defineProperty(this, 'fd', { get: () => (this.closed ? -1 : Math.max(lender.fd, -1)) });
  }

  /** Libuv needs the mode in which it put the descriptor. */
  override setTimeout(): never {
    throw new UnsupportedOperation('the blocking mode of a borrowed descriptor cannot be changed');
  }

  override close(): void {
    this.closed = true;
  }

  override detach(): never {
    throw new UnsupportedOperation('a borrowed descriptor cannot be given away');
  }
}

/**
 * A socket of Node's as `fromNode()` gives it: options, names, credentials, `shutdown` and
 * `listen`, but no call that reads, writes or changes how Node waits.
 */
export class BorrowedSocket<F extends number = number> extends Endpoint<F> {
  /** @internal */
  constructor(lender: Lender) {
    // TypeScript knows that only fromNode() makes one; JavaScript has to be told.
    if (typeof lender?.fd !== 'number') throw new TypeError('cannot create BorrowedSocket objects');
    super(new BorrowedDescriptor(lender));
  }
}
