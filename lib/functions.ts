// The module's functions that make sockets or work on descriptors, blocking flavour.

import { type AF_INET, type AF_UNIX, SOCK_STREAM } from './constants.js';
import {
  openCopy,
  openPair,
  receiveDescriptors,
  sendDescriptors,
  withDescriptors,
} from './preparation.js';
import { getaddrinfo } from './resolve.js';
import type { AddressInput, MaybeAddress } from './socket/address-types.js';
import { socket, socketOn } from './socket/blocking.js';
import type { BytesLike } from './socket/bytes.js';
import { perform, runBlocking } from './socket/compose.js';
import { type ConnectionOptions, connectStep, createConnection } from './socket/connection.js';
import { createServer, type ServerOptions, supportsDualStack } from './socket/server.js';

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
  return openPair(socketOn<number>, given);
}

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
  proto?: number | { proto?: number },
): socket<F>;
export function fromfd(...given: unknown[]): socket<number> {
  return openCopy((family, type, proto, fd) => new socket<number>(family, type, proto, fd), given);
}

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
  return sendDescriptors(given) as number;
}

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
  return withDescriptors(receiveDescriptors(given));
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
  *bind(sock: socket<number>, address: readonly [string, number]) {
    sock.bind(address as AddressInput<number>);
  },
  connect: (sock: socket<number>, address: unknown) => perform<void>(connectStep(sock, address)),
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
