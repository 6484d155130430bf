// `socket`: the blocking socket object.

import type { AF_INET } from '../constants.js';
import { blockingFiles } from '../io/blocking.js';
import { type FileMode, type FileOf, openFile } from '../io/open.js';
import type { TextOptions } from '../io/text.js';
import { followSignalListeners } from '../signals.js';
import { withOptions } from '../types.js';
import { requireKnownFamily } from './address.js';
import type { CallerAddress } from './address-types.js';
import { SocketType } from './base.js';
import * as calls from './calls.js';
import { runBlocking } from './compose.js';
import { MAKEFILE, SENDFILE, type SendableFile, sendfile } from './composed.js';
import {
  construct,
  duplicate,
  freshArgument,
  registerFlavour,
  type SocketOptions,
  viewOf,
} from './construct.js';
import { DESCRIPTOR } from './endpoint.js';
import type { socket as PromiseSocket } from './promises.js';

/**
 * A socket whose calls block the thread. Like Python's `socket.socket`; socket(2).
 *
 * `new socket(family, type, proto, fileno)`, or with names in one object:
 * `new socket({ type: SOCK_DGRAM })`. What is left out is AF_INET, SOCK_STREAM and protocol 0, or
 * what the descriptor `fileno` is. The descriptor is close-on-exec.
 */
export class socket<F extends number = typeof AF_INET> extends SocketType<F> {
  /**
   * @param family an `AF_` constant
   * @param type a `SOCK_` constant, perhaps with SOCK_NONBLOCK
   * @param proto the protocol number
   * @param fileno a descriptor that the object takes over; its family is only known at run time,
   *   so write `new socket<typeof AF_UNIX>({ fileno })` to have addresses typed
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
   * The same socket in the promise flavour: one descriptor, one timeout, one closing, two ways to
   * call. Its own `blocking` leads back here.
   */
  get promises(): PromiseSocket<F> {
    return viewOf(this, 'blocking', 'promises') as PromiseSocket<F>;
  }

  /**
   * Takes the next connection. Like Python's `socket.accept`; accept(2).
   *
   * @returns the connection, whose timeout is the default timeout, and the peer's address
   * @throws BlockingIOError, TimeoutError and other kinds of OSError
   */
  accept(): [connection: socket<F>, address: CallerAddress<F>] {
    if (arguments.length > 0) {
      throw new TypeError(
        `socket.accept() takes 1 positional argument but ${arguments.length + 1} were given`,
      );
    }
    const descriptor = this[DESCRIPTOR];
    requireKnownFamily(descriptor);
    const [fd, address] = calls.accept(descriptor, descriptor.wait) as [number, CallerAddress<F>];
    return [socketOn(fd, this.family, descriptor.type, descriptor.proto), address];
  }

  /**
   * A socket of the same class on a copy of the descriptor, with the same timeout. Like Python's
   * `socket.dup`; dup(2). The class is constructed with family, type, proto and the descriptor.
   *
   * @throws TypeError if the class has a constructor that does not hand these on
   */
  dup(): this {
    return duplicate(this);
  }

  /**
   * A file object over the socket, whose closing it puts off. Like Python's `socket.makefile`.
   *
   * @param mode `'r'`, `'w'` or `'rw'`, with `'b'` for a binary file; `'r'` if left out
   * @param buffering the buffer's size in bytes; 8192 if null, negative or left out, 0 for an
   *   unbuffered binary file
   * @param options of a text file: `encoding` (`'utf-8'`), `errors` (`'strict'`) and `newline`
   * @throws ValueError for an invalid mode, LookupError for an unknown encoding
   */
  makefile<Mode extends FileMode = 'r', Buffering extends number | null | undefined = undefined>(
    mode?: Mode,
    buffering?: Buffering,
    options?: TextOptions,
  ): FileOf<Mode, Buffering>;
  makefile<Mode extends FileMode = 'r', Buffering extends number | null | undefined = undefined>(
    options: { mode?: Mode; buffering?: Buffering } & TextOptions,
  ): FileOf<Mode, Buffering>;
  makefile<Mode extends FileMode, Buffering extends number | null | undefined = undefined>(
    mode: Mode,
    options: { buffering?: Buffering } & TextOptions,
  ): FileOf<Mode, Buffering>;
  makefile(...given: unknown[]): unknown {
    const [mode, buffering, encoding, errors, newline] = withOptions(MAKEFILE, given);
    const options = { encoding, errors, newline } as TextOptions;
    return openFile(blockingFiles, this, mode, buffering, options);
  }

  /**
   * Sends a file with sendfile(2), or by reading and sending where that is not possible. Like
   * Python's `socket.sendfile`.
   *
   * @param file an object with `fileno()` or `read()`, a `FileHandle`, or a descriptor; it is sent
   *   from `offset` on, whatever its own position is, which ends behind what was sent
   * @param offset where to begin, in bytes
   * @param count how many bytes to send; null for all
   * @returns how many bytes went
   */
  sendfile(file: SendableFile, offset?: number, count?: number | null): number;
  sendfile(file: SendableFile, options: { offset?: number; count?: number | null }): number;
  sendfile(...given: unknown[]): number {
    // A file may be a plain object, so the only argument is never one of keywords.
    const values = given.length === 1 ? given : withOptions(SENDFILE, given);
    const [file, offset = 0, count = null] = values;
    return runBlocking(sendfile(this[DESCRIPTOR], file, offset, count));
  }
}

/** A socket on a descriptor that a native call has just made: close-on-exec, and already owned. */
export function socketOn<F extends number>(
  fd: number,
  family: F,
  type: number,
  proto: number,
): socket<F> {
  return new socket<F>(freshArgument(fd, family, type, proto));
}

registerFlavour('blocking', (fresh) => new socket(fresh));
followSignalListeners();
