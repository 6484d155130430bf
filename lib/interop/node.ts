// `toNetSocket` and `fromNode`: a socket of ours for Node, and one of Node's for us.

import type { Socket as DatagramSocket } from 'node:dgram';
import { type Server, Socket, type SocketConstructorOpts } from 'node:net';
import { ReadStream, WriteStream } from 'node:tty';
import { AF_INET, AF_INET6, AF_UNIX } from '../constants.js';
import { UnsupportedOperation, ValueError } from '../errors.js';
import type { Endpoint } from '../socket/endpoint.js';
import { typeName } from '../types.js';
import { BorrowedSocket, type Lender } from './borrowed.js';
import { streamDescriptor } from './sockets.js';

/** What {@link fromNode} takes. */
export type NodeSocket = Socket | Server | DatagramSocket | ReadStream | WriteStream;

/** The families that libuv makes a stream of. */
const FAMILIES: readonly number[] = [AF_INET, AF_INET6, AF_UNIX];

/**
 * Gives a connected socket to Node: a `net.Socket` that owns the descriptor from now on. The socket
 * object is detached, and what waited on it ends with EBADF.
 *
 * @param sock a connected SOCK_STREAM socket of AF_INET, AF_INET6 or AF_UNIX, of either flavour
 * @param options those of `new net.Socket()`, such as `allowHalfOpen`
 * @throws ValueError for a socket that `net.Socket` cannot take: datagrams, listeners, other
 *   families; OSError (EBADF) for a closed one; UnsupportedOperation in a runtime whose
 *   `net.Socket` takes no descriptor. The socket stays as it was
 */
export function toNetSocket(
  sock: Endpoint<number>,
  options: Omit<SocketConstructorOpts, 'fd'> = {},
): Socket {
  const descriptor = streamDescriptor(sock, 'toNetSocket');
  if (!FAMILIES.includes(descriptor.family)) {
    throw new ValueError('net.Socket knows only AF_INET, AF_INET6 and AF_UNIX; use toStream()');
  }
  // Reading begins in the constructor, and its first answer comes when this has returned.
  const { fd } = descriptor;
  const result = new Socket({ readable: true, writable: true, ...options, fd });
  // Bun's constructor does not look at the descriptor, but its connect() does.
  if (result.pending && !result.destroyed) result.connect({ fd } as never);
  if (result.pending && !result.destroyed) {
    throw new UnsupportedOperation(
      'net.Socket of this runtime takes no descriptor; use toStream()',
    );
  }
  descriptor.detach();
  return result;
}

/** The handle of a dgram.Socket, without the warning that its `_handle` gives. */
function datagramHandle(value: object): unknown {
  const key = Object.getOwnPropertySymbols(value).find(
    ({ description }) => description === 'state symbol',
  );
  const state = key && (value as Record<symbol, { handle?: unknown } | undefined>)[key];
  return state?.handle;
}

/** A terminal without a handle, as Bun has it. */
function terminal(stream: ReadStream | WriteStream): Lender {
  const { fd } = stream as unknown as Lender;
  return {
    get fd() {
      return stream.destroyed ? -1 : fd;
    },
  };
}

/** The handle of libuv's behind an object of Node's. */
function handleOf(value: unknown): Lender | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const handle = datagramHandle(value) ?? (value as { _handle?: unknown })._handle;
  const hasNumber = typeof (handle as Partial<Lender> | null | undefined)?.fd === 'number';
  if (hasNumber) return handle as Lender;
  const isTerminal = value instanceof ReadStream || value instanceof WriteStream;
  return isTerminal ? terminal(value) : undefined;
}

/**
 * Borrows the descriptor of one of Node's own sockets: for options, names, credentials. Node goes
 * on reading, writing and, in the end, closing it; when it has, the calls of the borrowed socket
 * fail with EBADF.
 *
 * A terminal has a descriptor but no options.
 *
 * @param source a `net.Socket`, `net.Server`, `dgram.Socket` or stream of `tty` that is open
 * @throws TypeError if there is no descriptor to be had: anything else, or a runtime that keeps
 *   its own to itself; ValueError if it is not open yet, or closed
 */
export function fromNode<F extends number = number>(source: NodeSocket): BorrowedSocket<F> {
  const lender = handleOf(source);
  if (lender === undefined) {
    throw new TypeError(
      `fromNode() finds no descriptor in ${typeName(source)}: it is not open, is no socket of ` +
        "Node's, or the runtime does not show it",
    );
  }
  if (lender.fd < 0) throw new ValueError('the socket is not open yet, or closed already');
  return new BorrowedSocket<F>(lender);
}
