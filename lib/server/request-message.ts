// A request as one message of the channel: words, what is known of the socket, and a datagram.

import { socket } from '../socket/blocking.js';
import { freshArgument } from '../socket/construct.js';
import { DESCRIPTOR, Endpoint } from '../socket/endpoint.js';
import { typeName } from '../types.js';

// The words of a message. The first one is native/core/channel.h's: a descriptor, or one of these.
const NO_DESCRIPTOR = -1;
const PASSED_DESCRIPTOR = -2;
const WORDS = 6;
const HEAD_BYTES = WORDS * Int32Array.BYTES_PER_ELEMENT;

// What a message is.
const CONNECTION = 1;
const DATAGRAM = 2;
const RETIREMENT = 3;

/** Bytes of a message besides a datagram: the words, and an address of any family. */
export const MOST_OVERHEAD = 4096;

/** A request on its way to a worker. */
export interface OutgoingRequest {
  readonly bytes: Buffer;
  /** The connection, which belongs to the worker once the message is sent; none for a datagram. */
  readonly connection: Endpoint<number> | undefined;
}

/** A request that has come to a worker. */
export interface IncomingRequest {
  readonly request: unknown;
  readonly clientAddress: unknown;
}

/** What a worker takes from the channel. */
export type Taken = IncomingRequest | 'retirement' | 'lost';

function v8(): typeof import('node:v8') {
  return process.getBuiltinModule('node:v8');
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || value === null;
}

/** Whether JSON keeps an address as it is; most are a host and a port. */
function isSimple(address: unknown): boolean {
  return Array.isArray(address) ? address.every(isPlain) : isPlain(address);
}

/** Address and timeout: as JSON, which is fast, or as Node clones values, which takes bytes, too. */
function encodeRest(address: unknown, timeout: number | null): [bytes: Buffer, isCloned: boolean] {
  const rest = [address, timeout];
  if (isSimple(address)) return [Buffer.from(JSON.stringify(rest)), false];
  return [v8().serialize(rest), true];
}

function compose(
  kind: number,
  endpoint: Endpoint<number> | undefined,
  address: unknown,
  data: Uint8Array | undefined,
): Buffer {
  const [rest, isCloned] = encodeRest(address, endpoint?.timeout ?? null);
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + rest.length + (data?.length ?? 0));
  const { family = 0, type = 0, proto = 0 } = endpoint ?? {};
  const words = [NO_DESCRIPTOR, kind, family, type, proto, isCloned ? -rest.length : rest.length];
  for (const [index, word] of words.entries()) bytes.writeInt32LE(word, 4 * index);
  rest.copy(bytes, HEAD_BYTES);
  if (data) bytes.set(data, HEAD_BYTES + rest.length);
  return bytes;
}

/** The message that ends one worker. */
export function retirement(): Buffer {
  return compose(RETIREMENT, undefined, null, undefined);
}

/**
 * A request as a message.
 *
 * @throws TypeError if it is neither a socket nor a datagram with the server's socket
 */
export function outgoing(request: unknown, clientAddress: unknown): OutgoingRequest {
  if (request instanceof Endpoint) {
    return { bytes: compose(CONNECTION, request, clientAddress, undefined), connection: request };
  }
  if (Array.isArray(request) && request[0] instanceof Uint8Array) {
    const bytes = compose(DATAGRAM, undefined, clientAddress, request[0]);
    return { bytes, connection: undefined };
  }
  throw new TypeError(
    'only a socket, or data and a socket, can be handed to a worker, ' +
      `not ${typeName(request)}: override process_request() to serve it here`,
  );
}

/** Writes into a message which descriptor it is about, for a thread: the number is the same there. */
export function nameDescriptor(bytes: Buffer, fd: number): void {
  bytes.writeInt32LE(fd, 0);
}

/** Writes into a message that its descriptor comes along. */
export function announceDescriptor(bytes: Buffer): void {
  bytes.writeInt32LE(PASSED_DESCRIPTOR, 0);
}

/** Which descriptor a message brought, -1 for none. */
export function descriptorIn(bytes: Buffer): number {
  return Math.max(bytes.readInt32LE(0), -1);
}

/**
 * What is in the first `length` bytes.
 *
 * @param serverSocket the server's socket, which a datagram is answered with
 */
export function incoming(bytes: Buffer, length: number, serverSocket: unknown): Taken {
  const word = (index: number) => bytes.readInt32LE(4 * index);
  const kind = word(1);
  if (kind === RETIREMENT) return 'retirement';
  const end = HEAD_BYTES + Math.abs(word(5));
  const rest = bytes.subarray(HEAD_BYTES, end);
  const [clientAddress, timeout] =
    word(5) < 0 ? v8().deserialize(rest) : JSON.parse(rest.toString());
  if (kind === DATAGRAM) {
    return { request: [Buffer.from(bytes.subarray(end, length)), serverSocket], clientAddress };
  }
  const fd = word(0);
  if (fd < 0) return 'lost';
  const request = new socket<number>(freshArgument(fd, word(2), word(3), word(4)));
  if (timeout !== request[DESCRIPTOR].timeout) request.settimeout(timeout);
  return { request, clientAddress };
}
