// The module's functions that make sockets, promise flavour.

import { AF_INET, type AF_UNIX, SOCK_STREAM } from './constants.js';
import { OSError } from './errors.js';
import { resolveTarget } from './host-address.js';
import { checkOptions } from './lookup-promises.js';
import {
  openCopy,
  openPair,
  receiveDescriptors,
  sendDescriptors,
  withDescriptors,
} from './preparation.js';
import { runPromises } from './promise-driver.js';
import type { WaitOptions } from './reactor.js';
import { getaddrinfo } from './resolve-promises.js';
import type { AddressInput, MaybeAddress } from './socket/address-types.js';
import type { BytesLike } from './socket/bytes.js';
import { type Composed, PENDING, perform, type Step } from './socket/compose.js';
import {
  type ConnectionOptions,
  type Connector,
  createConnection,
  isFailedAttempt,
} from './socket/connection.js';
import { toTimeout, toWait } from './socket/descriptor.js';
import { interleave, race } from './socket/happy-eyeballs.js';
import { socket, socketOn } from './socket/promises.js';
import { bindError, createServer, type ServerOptions, supportsDualStack } from './socket/server.js';
import { isOptions, toInt } from './types.js';

/** Two connected sockets. Like Python's `socket.socketpair`; socketpair(2). */
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

/** A socket on a copy of a descriptor. Like Python's `socket.fromfd`. */
export function fromfd<F extends number>(
  fd: number,
  family: F,
  type: number,
  proto?: number | { proto?: number },
): socket<F>;
export function fromfd(...given: unknown[]): socket<number> {
  return openCopy((family, type, proto, fd) => new socket<number>(family, type, proto, fd), given);
}

/** Sends descriptors over an AF_UNIX socket. Like Python's `socket.send_fds`; unix(7). */
export function send_fds<F extends number>(
  sock: Pick<socket<F>, 'sendmsg'> & { readonly family?: F },
  buffers: Iterable<BytesLike>,
  fds: Iterable<number>,
  flags?: number,
  address?: AddressInput<F> | null,
): Promise<number>;
export async function send_fds(...given: unknown[]): Promise<number> {
  return (await sendDescriptors(given)) as number;
}

/**
 * Receives descriptors over an AF_UNIX socket; they are close-on-exec and the caller's to close.
 * Like Python's `socket.recv_fds`; unix(7).
 */
export function recv_fds<F extends number>(
  sock: Pick<socket<F>, 'recvmsg'> & { readonly family?: F },
  bufsize: number,
  maxfds: number,
  flags?: number,
): Promise<[data: Buffer, fds: number[], msg_flags: number, address: MaybeAddress<F>]>;
export async function recv_fds(...given: unknown[]): Promise<[Buffer, number[], number, unknown]> {
  return withDescriptors(await receiveDescriptors(given));
}

/** The look-up of a server's host; its error names the address, as that of a bind does. */
async function namingErrors(lookUp: () => unknown, address: unknown): Promise<unknown> {
  try {
    return await lookUp();
  } catch (error) {
    throw error instanceof OSError ? bindError(error, address) : error;
  }
}

/** A step that is a promise. */
function* wait<T>(promise: (options: WaitOptions) => T | Promise<T>): Composed<T> {
  const step: Step<T> = {
    fd: -1,
    direction: 'read',
    wait: -1,
    attempt: () => PENDING,
    promise: async (options = {}) => promise(options),
  };
  return yield* perform(step);
}

/** What `create_connection` takes by name in this flavour. */
export interface AsyncConnectionOptions extends ConnectionOptions, Pick<WaitOptions, 'signal'> {
  /**
   * Seconds that an attempt has before the next address is tried beside it (RFC 8305); 0.25 is
   * what the RFC recommends. Left out or null the addresses are tried one after the other.
   */
  happy_eyeballs_delay?: number | null;
  /**
   * How many addresses of the first family are tried before the first one of another, whereupon
   * the families take turns; 0 leaves the resolver's order. 1 if left out with
   * `happy_eyeballs_delay`, else 0.
   */
  interleave?: number | null;
}

/** What `create_connection` needs of this flavour. */
function connectorOf(delay: number | null, count: number): Connector<socket<number>> {
  const connector: Connector<socket<number>> = {
    open: (family, type, proto) => new socket(family, type, proto),
    bind: (sock, address) => wait(() => sock.bind(address as AddressInput<number>)),
    connect: (sock, address) =>
      wait((options) => sock.connect(address as AddressInput<number>, options)),
    *lookUp(host, port) {
      const found = yield* wait((options) =>
        getaddrinfo(host as string, port as number, 0, SOCK_STREAM, 0, 0, options),
      );
      return count === 0 ? found : interleave(found, count);
    },
  };
  if (delay === null) return connector;
  const isFinal = (error: unknown) => !isFailedAttempt(error);
  connector.race = (attempts) =>
    wait(async ({ signal }) => {
      const begun = attempts.map(
        (attempt) => (ending: AbortSignal) => runPromises(attempt(), { signal: ending }),
      );
      return (await race(begun, toWait(delay), isFinal, signal)) as socket<number> | Error[];
    });
  return connector;
}

/**
 * Connects to a TCP server: the addresses of its host are tried one after the other, or beside each
 * other with `happy_eyeballs_delay`. Like Python's `socket.create_connection`; the two options of
 * RFC 8305 are those of asyncio's `loop.create_connection`.
 *
 * @param address `[host, port]`
 * @param timeout seconds for each attempt; null waits for ever, left out it is the default timeout
 * @param source_address `[host, port]` to bind to before connecting
 * @param options the same by name, `all_errors`, `signal`, `happy_eyeballs_delay`, `interleave`
 * @throws the error of the last address, or with `all_errors` an ExceptionGroup of all, in the order
 *   of the addresses; the signal's reason, after which nothing is left open
 */
export function create_connection(
  address: readonly [host: string | null, port: number | string],
  timeout?: number | null | AsyncConnectionOptions,
  source_address?: readonly [host: string, port: number] | null | AsyncConnectionOptions,
  options?: AsyncConnectionOptions,
): Promise<socket<number>>;
export async function create_connection(...given: unknown[]): Promise<socket<number>> {
  const last = given.at(-1);
  const hasOptions = isOptions(last);
  const {
    signal,
    happy_eyeballs_delay,
    interleave: count,
    ...named
  } = hasOptions ? (last as AsyncConnectionOptions) : {};
  checkOptions({ signal });
  const values = hasOptions ? [...given.slice(0, -1), named] : given;
  const delay = toTimeout(happy_eyeballs_delay ?? null);
  const connector = connectorOf(delay, toInt(count ?? (delay === null ? 0 : 1)));
  return await runPromises(createConnection(connector, values), { signal });
}

/**
 * A TCP server's socket, bound and listening. Like Python's `socket.create_server`; a promise,
 * because the host may be a name, which is looked up off the event loop.
 *
 * @param address `[host, port]`; `['', 0]` is every address and a free port
 * @param options `family` (AF_INET), `backlog`, `reuse_port`, `dualstack_ipv6`
 */
export function create_server<F extends number = typeof AF_INET>(
  address: AddressInput<F>,
  options?: ServerOptions<F>,
): Promise<socket<F>>;
export async function create_server(...given: unknown[]): Promise<socket<number>> {
  const last = given.at(-1);
  const family = (isOptions(last) ? (last as ServerOptions<number>).family : undefined) ?? AF_INET;
  const address = await namingErrors(() => resolveTarget(family, given[0]), given[0]);
  return createServer((kind, type) => new socket<number>(kind, type), [address, ...given.slice(1)]);
}

/** Whether a socket can serve IPv4 and IPv6 at once. Like Python's `has_dualstack_ipv6`. */
export function has_dualstack_ipv6(): boolean {
  return supportsDualStack((family, type) => new socket<number>(family, type));
}
