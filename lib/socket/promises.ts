// `socket` of the promise flavour: calls that may wait return promises.

import type { AF_INET } from '../constants.js';
import { type FileMode, openFile } from '../io/open.js';
import { type AsyncFileOf, promiseFiles } from '../io/promises.js';
import type { TextOptions } from '../io/text.js';
import type { WaitOptions } from '../reactor.js';
import { withOptions } from '../types.js';
import { requireKnownFamily } from './address.js';
import type { socket as BlockingSocket } from './blocking.js';
import './blocking.js';
import type { CallerAddress, MaybeAddress } from './address-types.js';
import * as calls from './calls.js';
import { PENDING, type Pending } from './compose.js';
import { MAKEFILE, SENDFILE, type SendableFile } from './composed.js';
import {
  construct,
  duplicate,
  freshArgument,
  registerFlavour,
  type SocketOptions,
  viewOf,
} from './construct.js';
import type { Descriptor } from './descriptor.js';
import { DESCRIPTOR } from './endpoint.js';
import { SocketType } from './promise-base.js';
import { Call, rejecting, sendWholeFile, split, startCall } from './promise-calls.js';

/**
 * A socket whose waiting calls return promises. Like Python's `socket.socket`; socket(2).
 *
 * Each waiting call takes a trailing `{ signal, timeout }`: an AbortSignal that ends it, and its
 * own timeout in seconds instead of the socket's. Its promise rejects for everything, wrong
 * arguments included. Several reads at once are served in the order of the calls, and so are
 * several writes.
 */
export class socket<F extends number = typeof AF_INET> extends SocketType<F> {
  /**
   * @param family an `AF_` constant
   * @param type a `SOCK_` constant, perhaps with SOCK_NONBLOCK
   * @param proto the protocol number
   * @param fileno a descriptor that the object takes over
   * @throws OSError if there is no such kind of socket, or the descriptor is none
   */
  constructor(family?: F, type?: number, proto?: number, fileno?: number | null);
  constructor(family: F, options: Omit<SocketOptions<F>, 'family'>);
  constructor(family: F, type: number, options: Pick<SocketOptions<F>, 'proto' | 'fileno'>);
  constructor(options: SocketOptions<F>);
  constructor(...given: unknown[]) {
    super(construct(given));
  }

  /**
   * The same socket in the blocking flavour: one descriptor, one timeout, one closing, two ways to
   * call. Its own `promises` leads back here.
   */
  get blocking(): BlockingSocket<F> {
    return viewOf(this, 'promises', 'blocking') as BlockingSocket<F>;
  }

  /**
   * Takes the next connection. Like Python's `socket.accept`; accept(2).
   *
   * @returns the connection, whose timeout is the default timeout, and the peer's address
   */
  accept(options?: WaitOptions): Promise<[connection: socket<F>, address: CallerAddress<F>]>;
  accept(...given: unknown[]): Promise<[socket<F>, CallerAddress<F>]> {
    return rejecting(() => {
      const [values, options] = split(given);
      if (values.length > 0) {
        const count = values.length + 1;
        throw new TypeError(`socket.accept() takes 1 positional argument but ${count} were given`);
      }
      const descriptor = this[DESCRIPTOR];
      requireKnownFamily(descriptor);
      const call = new Call(acceptOn<F>, descriptor, this.family);
      return startCall(descriptor, 'read', options, call);
    });
  }

  /** A socket of the same class on a copy of the descriptor. Like Python's `socket.dup`. */
  dup(): this {
    return duplicate(this);
  }

  /**
   * A file object over the socket, whose waiting methods return promises. Like Python's
   * `socket.makefile`.
   */
  makefile<Mode extends FileMode = 'r', Buffering extends number | null | undefined = undefined>(
    mode?: Mode,
    buffering?: Buffering,
    options?: TextOptions,
  ): AsyncFileOf<Mode, Buffering>;
  makefile<Mode extends FileMode = 'r', Buffering extends number | null | undefined = undefined>(
    options: { mode?: Mode; buffering?: Buffering } & TextOptions,
  ): AsyncFileOf<Mode, Buffering>;
  makefile<Mode extends FileMode, Buffering extends number | null | undefined = undefined>(
    mode: Mode,
    options: { buffering?: Buffering } & TextOptions,
  ): AsyncFileOf<Mode, Buffering>;
  makefile(...given: unknown[]): unknown {
    const [mode, buffering, encoding, errors, newline] = withOptions(MAKEFILE, given);
    const options = { encoding, errors, newline } as TextOptions;
    return openFile(promiseFiles, this, mode, buffering, options);
  }

  /**
   * Sends a file with sendfile(2), or by reading and sending where that is not possible. Like
   * Python's `socket.sendfile`: the socket's timeout is for each time it waits, while a `timeout`
   * of its own is for the whole. Nothing that is sent later gets between its parts.
   *
   * @returns how many bytes went
   */
  sendfile(
    file: SendableFile,
    offset?: number | WaitOptions,
    count?: number | null | WaitOptions,
    options?: WaitOptions,
  ): Promise<number>;
  sendfile(
    file: SendableFile,
    options: { offset?: number; count?: number | null } & WaitOptions,
  ): Promise<number>;
  sendfile(...given: unknown[]): Promise<number> {
    return rejecting(() => {
      const [values, options] = given.length === 1 ? [given, {}] : split(given);
      const [file, offset = 0, count = null] =
        values.length === 1 ? values : withOptions(SENDFILE, values);
      return sendWholeFile(this[DESCRIPTOR], file, offset, count, options);
    });
  }

  /** The connections of a listener, as they come. */
  async *connections(
    options: WaitOptions = {},
  ): AsyncGenerator<[connection: socket<F>, address: CallerAddress<F>], void, undefined> {
    for (;;) yield await this.accept(options);
  }

  /**
   * The datagrams of a socket, as they come.
   *
   * @param bufsize the most bytes of one datagram; 65535 if left out
   */
  async *datagrams(
    bufsize = 0xffff,
    options: WaitOptions = {},
  ): AsyncGenerator<[data: Buffer, address: MaybeAddress<F>], void, undefined> {
    for (;;) yield await this.recvfrom(bufsize, options);
  }

  /** `await using` closes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
  }
}

/** Accepts a connection, and makes its socket. */
function acceptOn<F extends number>(
  descriptor: Descriptor,
  wait: number,
  family: F,
): [connection: socket<F>, address: CallerAddress<F>] | Pending {
  const accepted = calls.accept(descriptor, wait);
  if (accepted === PENDING) return PENDING;
  const [fd, address] = accepted;
  const connection = socketOn(fd, family, descriptor.type, descriptor.proto);
  return [connection, address as CallerAddress<F>];
}

/** A socket on a descriptor that a native call has just made. */
export function socketOn<F extends number>(
  fd: number,
  family: F,
  type: number,
  proto: number,
): socket<F> {
  return new socket<F>(freshArgument(fd, family, type, proto));
}

registerFlavour('promises', (fresh) => new socket(fresh));
