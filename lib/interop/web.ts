// Sockets as web streams, by Node's own adapter.

import { Duplex } from 'node:stream';
import type { ReadableStream, WritableStream } from 'node:stream/web';
import type { Descriptor } from '../socket/descriptor.js';
import type { Endpoint } from '../socket/endpoint.js';
import { streamDescriptor } from './sockets.js';
import { toStream } from './stream.js';

/** The two directions of a socket. */
interface Pair {
  readonly readable: ReadableStream;
  readonly writable: WritableStream;
}

const pairs = new WeakMap<Descriptor, Pair>();

function pairOf(sock: Endpoint<number>, caller: string): Pair {
  const descriptor = streamDescriptor(sock, caller);
  let pair = pairs.get(descriptor);
  if (!pair) {
    // The ends of the two directions have nothing to do with each other.
    pair = Duplex.toWeb(toStream(sock, { allowHalfOpen: true })) as Pair;
    pairs.set(descriptor, pair);
  }
  return pair;
}

/**
 * What a connected stream socket receives, as a web stream. The socket closes itself when both its
 * web streams have ended, or one of them has failed or was cancelled; who uses only one of them
 * closes the socket.
 *
 * @param sock a connected SOCK_STREAM socket of either flavour
 * @throws as {@link toStream}
 */
export function toReadableStream(sock: Endpoint<number>): ReadableStream<Uint8Array> {
  return pairOf(sock, 'toReadableStream').readable;
}

/**
 * What a connected stream socket sends, as a web stream; closing it ends this direction
 * (SHUT_WR). For the rest see {@link toReadableStream}.
 *
 * @param sock a connected SOCK_STREAM socket of either flavour
 * @throws as {@link toStream}
 */
export function toWritableStream(sock: Endpoint<number>): WritableStream<Uint8Array> {
  return pairOf(sock, 'toWritableStream').writable;
}
