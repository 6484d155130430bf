// What both views of a socket have in common: its kind, names, options and timeout.

import { SOMAXCONN } from '../constants.js';
import { native } from '../native.js';
import { INSPECT, pythonRepr } from '../repr.js';
import { checkCount, toInt, withOptions } from '../types.js';
import { readSource, requireKnownFamily } from './address.js';
import type { Address } from './address-types.js';
import { checkMethod } from './arguments.js';
import type { BytesLike } from './bytes.js';
import { type Descriptor, toTimeout } from './descriptor.js';
import { getOption, setOption } from './options.js';

/** Where a socket object keeps its {@link Descriptor}. */
export const DESCRIPTOR: unique symbol = Symbol('descriptor');

const DEFAULT_BACKLOG = Math.min(SOMAXCONN, 128);

/** The methods of a socket that never wait. `F` is the address family. */
export class Endpoint<F extends number = number> {
  /** @internal */
  readonly [DESCRIPTOR]: Descriptor;

  protected constructor(descriptor: Descriptor) {
    // TypeScript knows that this class is no use by itself; JavaScript has to be told.
    if (typeof descriptor?.fd !== 'number') throw new TypeError('cannot create SocketType objects');
    this[DESCRIPTOR] = descriptor;
  }

  /** The address family, an `AF_` constant. */
  get family(): F {
    return this[DESCRIPTOR].family as F;
  }

  /** The kind of socket, a `SOCK_` constant, without SOCK_NONBLOCK and SOCK_CLOEXEC. */
  get type(): number {
    return this[DESCRIPTOR].type;
  }

  /** The protocol number. */
  get proto(): number {
    return this[DESCRIPTOR].proto;
  }

  /** The timeout in seconds; null waits for ever. */
  get timeout(): number | null {
    return this[DESCRIPTOR].timeout;
  }

  /** The descriptor, -1 when the socket is closed. Like Python's `socket.fileno`. */
  fileno(): number {
    return this[DESCRIPTOR].fd;
  }

  /**
   * Begins to listen for connections. Like Python's `socket.listen`; listen(2).
   *
   * @param backlog how many connections may wait to be accepted; 128 if left out
   */
  listen(backlog: number = DEFAULT_BACKLOG): void {
    if (arguments.length > 1 || typeof backlog !== 'number') checkMethod('listen', arguments, 0, 1);
    const descriptor = this[DESCRIPTOR];
    const result = native.listen(descriptor.fd, Math.max(toInt(backlog, 'signed'), 0));
    if (result < 0) descriptor.refuse(result, 'listen');
  }

  /**
   * Ends one or both directions. Like Python's `socket.shutdown`; shutdown(2).
   *
   * @param how SHUT_RD, SHUT_WR or SHUT_RDWR
   */
  shutdown(how: number): void {
    if (arguments.length !== 1) checkCount('socket.shutdown', [...arguments], 1);
    const descriptor = this[DESCRIPTOR];
    const result = native.shutdown(descriptor.fd, toInt(how));
    if (result < 0) descriptor.refuse(result, 'shutdown');
  }

  /** The local address. Like Python's `socket.getsockname`; getsockname(2). */
  getsockname(): Address<F> {
    const descriptor = this[DESCRIPTOR];
    requireKnownFamily(descriptor);
    const result = native.getsockname(descriptor.fd);
    if (result < 0) descriptor.refuse(result, 'getsockname');
    return readSource(descriptor) as Address<F>;
  }

  /**
   * The peer's address. Like Python's `socket.getpeername`; getpeername(2).
   *
   * @throws OSError (ENOTCONN) if there is no peer
   */
  getpeername(): Address<F> {
    const descriptor = this[DESCRIPTOR];
    requireKnownFamily(descriptor);
    const result = native.getpeername(descriptor.fd);
    if (result < 0) descriptor.refuse(result, 'getpeername');
    return readSource(descriptor) as Address<F>;
  }

  /**
   * Reads an option. Like Python's `socket.getsockopt`; getsockopt(2), socket(7), tcp(7), ip(7).
   *
   * @param level SOL_SOCKET, IPPROTO_TCP, …
   * @param optname `SO_`, `TCP_`, … constant
   * @param buflen 1 to 1024 to get the option's bytes; left out or 0 for a number
   */
  getsockopt(level: number, optname: number, buflen?: 0): number;
  getsockopt(level: number, optname: number, buflen: number): Buffer;
  getsockopt(level: number, optname: number, buflen?: number): number | Buffer {
    if (arguments.length !== 2) checkMethod('getsockopt', arguments, 2, 3);
    return getOption(this[DESCRIPTOR], level, optname, buflen);
  }

  /**
   * Sets an option. Like Python's `socket.setsockopt`; setsockopt(2).
   *
   * @param level SOL_SOCKET, IPPROTO_TCP, …
   * @param optname `SO_`, `TCP_`, … constant
   * @param value a number, the option's bytes, or null with `optlen`
   * @param optlen the length that goes with null
   */
  setsockopt(level: number, optname: number, value: number | boolean | BytesLike): void;
  setsockopt(level: number, optname: number, value: null, optlen: number): void;
  setsockopt(level: number, optname: number, value: unknown, optlen?: number): void {
    if (arguments.length < 3 || arguments.length > 4) {
      checkMethod('setsockopt', arguments, 3);
    }
    setOption(this[DESCRIPTOR], level, optname, value, optlen);
  }

  /**
   * Sets how long calls wait. Like Python's `socket.settimeout`.
   *
   * @param value seconds; null waits for ever, 0 not at all
   * @throws ValueError if it is negative or not a number
   */
  settimeout(value: number | null): void {
    if (arguments.length !== 1) checkCount('socket.settimeout', [...arguments], 1);
    this[DESCRIPTOR].setTimeout(toTimeout(value));
  }

  /** The timeout in seconds, null where calls wait for ever. Like Python's `socket.gettimeout`. */
  gettimeout(): number | null {
    return this[DESCRIPTOR].timeout;
  }

  /** `setblocking(true)` is `settimeout(null)`, `setblocking(false)` is `settimeout(0)`. */
  setblocking(flag: boolean): void {
    if (arguments.length !== 1) checkCount('socket.setblocking', [...arguments], 1);
    this[DESCRIPTOR].setTimeout(flag ? null : 0);
  }

  /** Whether calls wait at all. Like Python's `socket.getblocking`. */
  getblocking(): boolean {
    return this[DESCRIPTOR].timeout !== 0;
  }

  /**
   * Closes the socket; the descriptor goes when its last file object is closed. Again is fine. Like
   * Python's `socket.close`.
   */
  close(): void {
    this[DESCRIPTOR].close();
  }

  /** Gives the descriptor to the caller and forgets it. Like Python's `socket.detach`. */
  detach(): number {
    return this[DESCRIPTOR].detach();
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
  toString(): string {
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

const SET_INHERITABLE = {
  name: 'socket.set_inheritable',
  names: ['inheritable'],
  required: 1,
  method: true,
};

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
