// `socket`: the blocking socket object.

import { AF_INET, SOCK_STREAM } from '../constants.js';
import { osError, ValueError } from '../errors.js';
import { blockingFiles } from '../io/blocking.js';
import { type FileMode, type FileOf, openFile } from '../io/open.js';
import type { TextOptions } from '../io/text.js';
import { native } from '../native.js';
import { INSPECT, pythonRepr } from '../repr.js';
import { isOptions, toInt, withOptions } from '../types.js';
import { requireKnownFamily } from './address.js';
import type { MaybeAddress } from './address-types.js';
import { SocketType } from './base.js';
import * as calls from './calls.js';
import { runBlocking } from './compose.js';
import { type SendableFile, sendfile } from './composed.js';
import { Descriptor, TYPE_FLAGS } from './descriptor.js';
import { DESCRIPTOR } from './endpoint.js';

/** The keyword arguments of {@link socket}'s constructor. */
export interface SocketOptions<F extends number = number> {
  family?: F;
  type?: number;
  proto?: number;
  fileno?: number | null;
}

const SIGNATURE = {
  name: 'socket.__init__',
  names: ['family', 'type', 'proto', 'fileno'],
  method: true,
};

/** Marks the constructor call that adopts a descriptor which this library has just made. */
const FRESH: unique symbol = Symbol('fresh');

/** A fresh descriptor: close-on-exec, in blocking mode, and already owned. */
interface Fresh {
  readonly [FRESH]: Descriptor;
}

function isFresh(value: unknown): value is Fresh {
  return typeof value === 'object' && value !== null && FRESH in value;
}

function open(family: number, type: number, proto: number): Descriptor {
  const kind = family === -1 ? AF_INET : family;
  const style = type === -1 ? SOCK_STREAM : type;
  const protocol = proto === -1 ? 0 : proto;
  const fd = native.socket(kind, style, protocol);
  if (fd < 0) throw osError(fd, 'socket');
  return begin(new Descriptor(fd, kind, style & ~TYPE_FLAGS, protocol), style);
}

/** Applies the default timeout; a descriptor that refuses it is closed again. */
function begin(descriptor: Descriptor, type: number): Descriptor {
  try {
    descriptor.setFirstTimeout(type);
  } catch (error) {
    descriptor.close();
    throw error;
  }
  return descriptor;
}

/** The copy that `dup()` is about to give to the constructor of its socket's class. */
let copied: Descriptor | undefined;

function adopt(family: number, type: number, proto: number, fileno: unknown): Descriptor {
  const fd = toInt(fileno);
  if (fd < 0) throw new ValueError('negative file descriptor');
  if (copied?.fd === fd) return copied;
  const kind = native.identify(fd);
  if (typeof kind === 'number') throw osError(kind, 'getsockname');
  native.own(fd);
  const style = type === -1 ? kind[1] : type;
  const descriptor = new Descriptor(
    fd,
    family === -1 ? kind[0] : family,
    style & ~TYPE_FLAGS,
    proto === -1 ? kind[2] : proto,
  );
  try {
    descriptor.setFirstTimeout(style);
  } catch (error) {
    // The caller keeps the descriptor that could not be taken over.
    descriptor.detach();
    throw error;
  }
  return descriptor;
}

function construct(given: readonly unknown[]): Descriptor {
  const values =
    isOptions(given.at(-1)) || given.length > 4 ? withOptions(SIGNATURE, given) : given;
  const [family = -1, type = -1, proto = -1, fileno = null] = values;
  const kind = toInt(family);
  const style = toInt(type);
  const protocol = toInt(proto);
  return fileno === null ? open(kind, style, protocol) : adopt(kind, style, protocol, fileno);
}

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
  constructor(options: SocketOptions<F>);
  constructor(...given: unknown[]) {
    const first = given[0];
    super(isFresh(first) ? first[FRESH] : construct(given));
  }

  /**
   * Takes the next connection. Like Python's `socket.accept`; accept(2).
   *
   * @returns the connection, whose timeout is the default timeout, and the peer's address
   * @throws BlockingIOError, TimeoutError and other kinds of OSError
   */
  accept(): [connection: socket<F>, address: MaybeAddress<F>] {
    if (arguments.length > 0) {
      throw new TypeError(
        `socket.accept() takes 1 positional argument but ${arguments.length + 1} were given`,
      );
    }
    const descriptor = this[DESCRIPTOR];
    requireKnownFamily(descriptor);
    const [fd, address] = calls.accept(descriptor, descriptor.wait) as [number, MaybeAddress<F>];
    return [socketOn(fd, this.family, descriptor.type, descriptor.proto), address];
  }

  /**
   * A socket of the same class on a copy of the descriptor, with the same timeout. Like Python's
   * `socket.dup`; dup(2). The class is constructed with family, type, proto and the descriptor.
   *
   * @throws TypeError if the class has a constructor that does not hand these on
   */
  dup(): this {
    const { fd, family, type, proto, timeout } = this[DESCRIPTOR];
    const copy = native.dup(fd);
    if (copy < 0) throw osError(copy, 'dup');
    native.own(copy);
    const constructor = this.constructor as new (...given: number[]) => this;
    const descriptor = begin(new Descriptor(copy, family, type, proto), type);
    try {
      const twin = constructTwin(constructor, descriptor);
      twin.settimeout(timeout);
      return twin;
    } catch (error) {
      // Whatever the constructor did with the copy, it is closed just once.
      descriptor.close();
      throw error;
    }
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
  makefile<Mode extends FileMode = 'r'>(mode: Mode, options: TextOptions): FileOf<Mode, undefined>;
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

  /** Whether child processes inherit the descriptor. Like Python's `socket.get_inheritable`. */
  get_inheritable(): boolean {
    const descriptor = this[DESCRIPTOR];
    const result = native.getInheritable(descriptor.fd);
    return result < 0 ? descriptor.refuse(result, 'fcntl') : result !== 0;
  }

  /** Sets whether child processes inherit the descriptor. Like Python's `socket.set_inheritable`. */
  set_inheritable(inheritable: boolean): void;
  set_inheritable(options: { inheritable: boolean }): void;
  set_inheritable(...given: unknown[]): void {
    const [inheritable] = withOptions(SET_INHERITABLE, given);
    const descriptor = this[DESCRIPTOR];
    const result = native.setInheritable(descriptor.fd, toInt(inheritable) !== 0);
    if (result < 0) descriptor.refuse(result, 'fcntl');
  }

  /** How many file objects are open. @internal */
  get _io_refs(): number {
    return this[DESCRIPTOR].fileReferences;
  }

  set _io_refs(count: number) {
    this[DESCRIPTOR].fileReferences = count;
  }

  /** A file object was closed. @internal */
  _decref_socketios(): void {
    this[DESCRIPTOR].dropFile();
  }

  /** Whether {@link socket.close} or {@link socket.detach} was called. @internal */
  get _closed(): boolean {
    return this[DESCRIPTOR].closed;
  }

  /** What Python's `repr()` shows: the descriptor, the kind and the addresses. */
  override toString(): string {
    const { fd, family, type, proto, closed } = this[DESCRIPTOR];
    const { name } = this.constructor;
    const parts = [`fd=${fd}`, `family=${family}`, `type=${type}`, `proto=${proto}`];
    if (!closed) {
      const local = attempt(() => this.getsockname());
      if (isShown(local)) parts.push(`laddr=${pythonRepr(local)}`);
      const peer = attempt(() => this.getpeername());
      if (isShown(peer)) parts.push(`raddr=${pythonRepr(peer)}`);
    }
    const title = name === 'socket' ? 'socket.socket' : name;
    return `<${title}${closed ? ' [closed]' : ''} ${parts.join(', ')}>`;
  }

  /** @internal */
  [INSPECT](): string {
    return this.toString();
  }

  /** `using` closes the socket, as Python's `with` does. */
  [Symbol.dispose](): void {
    if (!this._closed) this.close();
  }
}

const MAKEFILE = {
  name: 'socket.makefile',
  names: ['mode', 'buffering', 'encoding', 'errors', 'newline'],
  positional: 2,
  method: true,
};

const SET_INHERITABLE = {
  name: 'socket.set_inheritable',
  names: ['inheritable'],
  required: 1,
  method: true,
};

const SENDFILE = {
  name: 'socket.sendfile',
  names: ['file', 'offset', 'count'],
  required: 1,
  method: true,
};

/** A socket on a descriptor that a native call has just made: close-on-exec, and already owned. */
export function socketOn<F extends number>(
  fd: number,
  family: F,
  type: number,
  proto: number,
): socket<F> {
  const descriptor = begin(new Descriptor(fd, family, type & ~TYPE_FLAGS, proto), type);
  const fresh: Fresh = { [FRESH]: descriptor };
  return new socket<F>(fresh as unknown as F);
}

/** A socket of a class on a copied descriptor, made as Python makes it. */
function constructTwin<S extends socket<number>>(
  constructor: new (...given: number[]) => S,
  descriptor: Descriptor,
): S {
  const { fd, family, type, proto } = descriptor;
  copied = descriptor;
  try {
    const twin = new constructor(family, type, proto, fd);
    if (twin[DESCRIPTOR] === descriptor) return twin;
    twin.close();
  } finally {
    copied = undefined;
  }
  const { name } = constructor;
  throw new TypeError(`${name}() must take family, type, proto and fileno for dup()`);
}

function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** As in Python an empty address is not shown. */
function isShown(address: unknown): boolean {
  return address !== undefined && address !== null && address !== '';
}
