// A request as one message of the channel: words, what is known of the socket, and a datagram.

import { socket } from '../socket/blocking.js';
import { freshArgument } from '../socket/construct.js';
import { DESCRIPTOR, Endpoint } from '../socket/endpoint.js';
import { typeName } from '../types.js';

// The words of a message; the first one is native/core/channel.h's.
const DESCRIPTOR_WORD = 0;
const KIND = 1;
const FAMILY = 2;
const TYPE = 3;
const PROTO = 4;
/** How long the rest is, up to the datagram; negative if it is no JSON. */
const REST = 5;
const HEAD_BYTES = 6 * Int32Array.BYTES_PER_ELEMENT;

/** What the first word of a message is that is about no descriptor. */
const NO_DESCRIPTOR = -1;
/** And of one that its descriptor comes along with. */
export const PASSED_DESCRIPTOR = -2;

// What a message is.
const CONNECTION = 1;
const DATAGRAM = 2;
const RETIREMENT = 3;

/** Bytes of a message besides a datagram: the words, and an address of any family. */
export const MOST_OVERHEAD = 4096;

/** A request on its way to a worker. */
export interface OutgoingRequest {
  /** The connection, which belongs to the worker once the message is sent. */
  readonly connection: Endpoint<number> | undefined;
  readonly datagram: Uint8Array | undefined;
  readonly clientAddress: unknown;
}

/** A request that has come to a worker. */
export interface IncomingRequest {
  readonly request: unknown;
  readonly clientAddress: unknown;
}

/** What a worker takes from the channel; a request is lost if its descriptor did not arrive. */
export type Taken = IncomingRequest | 'retirement' | 'lost';

/**
 * A request for a worker.
 *
 * @throws TypeError if it is neither a socket nor a datagram with the server's socket
 */
export function outgoing(request: unknown, clientAddress: unknown): OutgoingRequest {
  if (request instanceof Endpoint) {
    return { connection: request, datagram: undefined, clientAddress };
  }
  if (Array.isArray(request) && request[0] instanceof Uint8Array) {
    return { connection: undefined, datagram: request[0], clientAddress };
  }
  throw new TypeError(
    'only a socket, or data and a socket, can be handed to a worker, ' +
      `not ${typeName(request)}: override process_request() to serve it here`,
  );
}

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

// Most messages are short. They are written to the same memory, and sent with its whole length: the
// addon remembers the memory of the last transfer.
const short = Buffer.alloc(256);
const shortWords = new Int32Array(short.buffer, short.byteOffset, HEAD_BYTES / 4);

/**
 * A request as a message, which is good until the next one is made.
 *
 * @param descriptor a number that is the same in the worker, or {@link PASSED_DESCRIPTOR}
 */
export function compose(
  { connection, datagram, clientAddress }: OutgoingRequest,
  descriptor: number,
): Buffer {
  const rest = [clientAddress, connection?.[DESCRIPTOR].timeout ?? null];
  // JSON is fast; Node's cloning of values takes bytes, too.
  const text = isSimple(clientAddress) ? JSON.stringify(rest) : undefined;
  const most = HEAD_BYTES + 3 * (text?.length ?? 0);
  if (datagram === undefined && text !== undefined && most <= short.length) {
    const length = short.write(text, HEAD_BYTES);
    setWords(shortWords, descriptor, CONNECTION, connection, length);
    return short;
  }
  const bytes = text === undefined ? v8().serialize(rest) : Buffer.from(text);
  const words = new Int32Array(HEAD_BYTES / 4);
  const kind = datagram === undefined ? CONNECTION : DATAGRAM;
  setWords(words, descriptor, kind, connection, text === undefined ? -bytes.length : bytes.length);
  return Buffer.concat([new Uint8Array(words.buffer), bytes, datagram ?? Buffer.alloc(0)]);
}

function setWords(
  words: Int32Array,
  descriptor: number,
  kind: number,
  connection: Endpoint<number> | undefined,
  rest: number,
): void {
  words[DESCRIPTOR_WORD] = connection === undefined ? NO_DESCRIPTOR : descriptor;
  words[KIND] = kind;
  if (connection !== undefined) {
    const { family, type, proto } = connection[DESCRIPTOR];
    words[FAMILY] = family;
    words[TYPE] = type;
    words[PROTO] = proto;
  }
  words[REST] = rest;
}

/** The message that ends one worker. */
export function retirement(): Buffer {
  const words = new Int32Array(HEAD_BYTES / 4);
  setWords(words, NO_DESCRIPTOR, RETIREMENT, undefined, 0);
  return Buffer.from(words.buffer);
}

/** Reads the messages that come to a worker, always into the same memory. */
export class Inbox {
  readonly bytes: Buffer;
  readonly #words: Int32Array;

  constructor(size: number) {
    this.bytes = Buffer.from(new ArrayBuffer(size));
    this.#words = new Int32Array(this.bytes.buffer, 0, HEAD_BYTES / 4);
  }

  /** The descriptor that the message brought; below zero for none. */
  get descriptor(): number {
    return this.#words[DESCRIPTOR_WORD] as number;
  }

  /**
   * What the message says.
   *
   * @param length how many bytes of it there are
   * @param serverSocket the server's socket, which a datagram is answered with
   */
  read(length: number, serverSocket: unknown): Taken {
    const words = this.#words;
    const kind = words[KIND];
    if (kind === RETIREMENT) return 'retirement';
    const size = words[REST] as number;
    const end = HEAD_BYTES + Math.abs(size);
    const [clientAddress, timeout] =
      size < 0
        ? // Of a copy, since bytes in it would be a view, which the next message overwrites.
          v8().deserialize(Buffer.from(this.bytes.subarray(HEAD_BYTES, end)))
        : JSON.parse(this.bytes.toString('utf8', HEAD_BYTES, end));
    if (kind === DATAGRAM) {
      const data = Buffer.from(this.bytes.subarray(end, length));
      return { request: [data, serverSocket], clientAddress };
    }
    if (this.descriptor < 0) return 'lost';
    const [family, type, proto] = [words[FAMILY], words[TYPE], words[PROTO]] as number[];
    const fresh = freshArgument(this.descriptor, family as number, type as number, proto as number);
    const request = new socket<number>(fresh);
    if (timeout !== request[DESCRIPTOR].timeout) request.settimeout(timeout);
    return { request, clientAddress };
  }
}
