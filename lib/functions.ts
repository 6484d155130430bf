// The module's functions that make sockets or work on descriptors, blocking flavour.

import { isLittleEndian } from './builtins.js';
import {
  type AF_INET,
  AF_INET6,
  AF_UNIX,
  SCM_RIGHTS,
  SOCK_STREAM,
  SOL_SOCKET,
} from './constants.js';
import { OverflowError, osError } from './errors.js';
import { toIterable } from './io/arguments.js';
import { native } from './native.js';
import { getaddrinfo } from './resolve.js';
import type { AddressInput, MaybeAddress } from './socket/address-types.js';
import { methodOf } from './socket/arguments.js';
import { socket, socketOn } from './socket/blocking.js';
import type { BytesLike } from './socket/bytes.js';
import { runBlocking } from './socket/compose.js';
import { type ConnectionOptions, createConnection } from './socket/connection.js';
import { defaults, toTimeout } from './socket/descriptor.js';
import { createServer, type ServerOptions, supportsDualStack } from './socket/server.js';
import { checkCount, isInteger, notAnInteger, toInt, withOptions } from './types.js';

/**
 * Two connected sockets. Like Python's `socket.socketpair`; socketpair(2).
 *
 * @param family an `AF_` constant; AF_UNIX if left out
 * @param type a `SOCK_` constant; SOCK_STREAM if left out
 * @param proto the protocol number
 */
export function socketpair<F extends number = typeof AF_UNIX>(
  family?: F | null,
  type?: number,
  proto?: number,
): [socket<F>, socket<F>];
export function socketpair<F extends number = typeof AF_UNIX>(options: {
  family?: F | null;
  type?: number;
  proto?: number;
}): [socket<F>, socket<F>];
export function socketpair(...given: unknown[]): [socket<number>, socket<number>] {
  const [family, type, proto] = withOptions(SOCKETPAIR, given);
  const kind = family === null || family === undefined ? AF_UNIX : toInt(family, 'signed');
  const style = type === undefined ? SOCK_STREAM : toInt(type, 'signed');
  const protocol = proto === undefined ? 0 : toInt(proto, 'signed');
  const fds = native.socketpair(kind, style, protocol);
  if (typeof fds === 'number') throw osError(fds, 'socketpair');
  const first = socketOn<number>(fds[0], kind, style, protocol);
  return [first, socketOn<number>(fds[1], kind, style, protocol)];
}

const SOCKETPAIR = { name: 'socketpair', names: ['family', 'type', 'proto'] };

/**
 * A socket on a copy of a descriptor. Like Python's `socket.fromfd`.
 *
 * @param fd the descriptor, which stays the caller's
 * @param family what the descriptor is: an `AF_` constant
 * @param type a `SOCK_` constant
 * @param proto the protocol number
 */
export function fromfd<F extends number>(
  fd: number,
  family: F,
  type: number,
  proto?: number,
): socket<F>;
export function fromfd(...given: unknown[]): socket<number> {
  const [fd, family, type, proto = 0] = withOptions(FROMFD, given);
  const copy = native.dup(toInt(fd));
  if (copy < 0) throw osError(copy, 'dup');
  try {
    return new socket(family as number, type as number, proto as number, copy);
  } catch (error) {
    native.close(copy);
    throw error;
  }
}

const FROMFD = { name: 'fromfd', names: ['fd', 'family', 'type', 'proto'], required: 3 };

/**
 * Closes a descriptor that is a mere number. Like Python's `socket.close`; close(2).
 *
 * @throws OSError (EBADF) if it is not open
 */
export function close(fd: number): void {
  if (arguments.length !== 1) checkCount('_socket.close', [...arguments], 1);
  const result = native.close(toInt(fd));
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
  const result = native.ancillaryLength(toLength(length, 'CMSG_LEN'));
  if (result < 0) throw outOfRange('CMSG_LEN');
  return result;
}

/**
 * The room that a control message with that many bytes of data takes, with its padding. Like
 * Python's `socket.CMSG_SPACE`; cmsg(3).
 */
export function CMSG_SPACE(length: number): number {
  const result = native.ancillarySpace(toLength(length, 'CMSG_SPACE'));
  if (result < 0) throw outOfRange('CMSG_SPACE');
  return result;
}

const INT_BYTES = Int32Array.BYTES_PER_ELEMENT;

/**
 * Sends descriptors over an AF_UNIX socket. Like Python's `socket.send_fds`; unix(7).
 *
 * @param sock an AF_UNIX socket, or an object with its `sendmsg`
 * @param buffers data to go along; a stream needs at least one byte
 * @param fds the descriptors, which stay open here
 * @param flags `MSG_` flags
 * @param address the receiver's address, null for a connected socket
 * @returns how many bytes of data went
 */
export function send_fds<F extends number>(
  sock: Pick<socket<F>, 'sendmsg'> & { readonly family?: F },
  buffers: Iterable<BytesLike>,
  fds: Iterable<number>,
  flags?: number,
  address?: AddressInput<F> | null,
): number;
export function send_fds<F extends number>(
  sock: Pick<socket<F>, 'sendmsg'> & { readonly family?: F },
  buffers: Iterable<BytesLike>,
  fds: Iterable<number>,
  options: { flags?: number; address?: AddressInput<F> | null },
): number;
export function send_fds(...given: unknown[]): number {
  const [sock, buffers, fds, flags = 0, address = null] = withOptions(SEND_FDS, given);
  const numbers = Int32Array.from(Array.from(toIterable(fds), (fd) => toInt(fd, 'signed')));
  const sendmsg = methodOf(sock, 'sendmsg');
  return sendmsg(buffers, [[SOL_SOCKET, SCM_RIGHTS, numbers]], flags, address) as number;
}

const SEND_FDS = {
  name: 'send_fds',
  names: ['sock', 'buffers', 'fds', 'flags', 'address'],
  required: 3,
};

/**
 * Receives descriptors over an AF_UNIX socket; they are close-on-exec and the caller's to close.
 * Like Python's `socket.recv_fds`; unix(7).
 *
 * @param sock an AF_UNIX socket
 * @param bufsize the most bytes of data to take
 * @param maxfds the most descriptors to take; more of them are closed, and MSG_CTRUNC is set
 * @param flags `MSG_` flags
 * @returns the data, the descriptors, the message's flags and the sender's address
 */
export function recv_fds<F extends number>(
  sock: Pick<socket<F>, 'recvmsg'> & { readonly family?: F },
  bufsize: number,
  maxfds: number,
  flags?: number,
): [data: Buffer, fds: number[], msg_flags: number, address: MaybeAddress<F>];
export function recv_fds<F extends number>(
  sock: Pick<socket<F>, 'recvmsg'> & { readonly family?: F },
  bufsize: number,
  maxfds: number,
  options: { flags?: number },
): [data: Buffer, fds: number[], msg_flags: number, address: MaybeAddress<F>];
export function recv_fds(...given: unknown[]): [Buffer, number[], number, unknown] {
  const [sock, bufsize, maxfds, flags = 0] = withOptions(RECV_FDS, given);
  const room = CMSG_LEN(toInt(maxfds, 'signed') * INT_BYTES);
  const recvmsg = methodOf(sock, 'recvmsg') as socket<number>['recvmsg'];
  const [data, ancdata, messageFlags, address] = recvmsg(bufsize as number, room, flags as number);
  return [data, descriptorsIn(ancdata), messageFlags, address];
}

const RECV_FDS = { name: 'recv_fds', names: ['sock', 'bufsize', 'maxfds', 'flags'], required: 3 };

/** The descriptors of the SCM_RIGHTS messages among control messages. */
function descriptorsIn(ancdata: readonly (readonly [number, number, Buffer])[]): number[] {
  const fds: number[] = [];
  for (const [level, type, data] of ancdata) {
    if (level !== SOL_SOCKET || type !== SCM_RIGHTS) continue;
    const whole = data.length - (data.length % INT_BYTES);
    const view = new DataView(data.buffer, data.byteOffset, whole);
    for (let at = 0; at < whole; at += INT_BYTES) fds.push(view.getInt32(at, isLittleEndian));
  }
  return fds;
}

/**
 * Connects to a TCP server: the addresses of its host are tried one after the other. Like Python's
 * `socket.create_connection`.
 *
 * @param address `[host, port]`
 * @param timeout seconds for each attempt; null waits for ever, left out it is the default timeout
 * @param source_address `[host, port]` to bind to before connecting
 * @param options the same by name, and `all_errors`: throw every attempt's error as an
 *   {@link ExceptionGroup} instead of the last one
 * @throws gaierror if the host has no address; the last attempt's OSError
 */
export function create_connection(
  address: readonly [host: string | null, port: number | string],
  timeout?: number | null,
  source_address?: readonly [host: string, port: number] | null,
  options?: ConnectionOptions,
): socket<number>;
export function create_connection(
  address: readonly [host: string | null, port: number | string],
  options?: ConnectionOptions,
): socket<number>;
export function create_connection(
  address: readonly [host: string | null, port: number | string],
  timeout: number | null | undefined,
  options?: ConnectionOptions,
): socket<number>;
export function create_connection(...given: unknown[]): socket<number> {
  return runBlocking(createConnection(BLOCKING, given));
}

/** What a composed call needs of this flavour. */
const BLOCKING = {
  open: (family: number, type: number, proto: number) => new socket(family, type, proto),
  // biome-ignore lint/correctness/useYield: a look-up is a step of the promise flavour only
  *lookUp(host: unknown, port: unknown) {
    return getaddrinfo(host as string, port as number, 0, SOCK_STREAM);
  },
};

/**
 * A TCP server's socket, bound and listening. Like Python's `socket.create_server`.
 *
 * @param address `[host, port]`; `['', 0]` is every address and a free port
 * @param options `family` (AF_INET), `backlog`, `reuse_port`, `dualstack_ipv6`
 * @throws OSError that names the address if it cannot be bound
 */
export function create_server<F extends number = typeof AF_INET>(
  address: AddressInput<F>,
  options?: ServerOptions<F>,
): socket<F>;
export function create_server(...given: unknown[]): socket<number> {
  return createServer((family, type) => new socket<number>(family, type), given);
}

/** Whether a socket can serve IPv4 and IPv6 at once. Like Python's `has_dualstack_ipv6`. */
export function has_dualstack_ipv6(): boolean {
  return supportsDualStack((family, type) => new socket<number>(family, type));
}

/** Whether the system knows IPv6. Like Python's `socket.has_ipv6`. */
export const has_ipv6: boolean = AF_INET6 !== undefined;
