// Sockets as web streams. Each half ends by itself: those of Node's `Duplex.toWeb()` end only when
// both directions have, so that a peer that waits for our end before its own would wait for ever.

import { ReadableStream, WritableStream } from 'node:stream/web';
import { osError } from '../errors.js';
import { errnos } from '../native.js';
import { type BytesLike, toBytes } from '../socket/bytes.js';
import type { Descriptor } from '../socket/descriptor.js';
import type { Endpoint } from '../socket/endpoint.js';
import { streamDescriptor } from './sockets.js';
import { type SocketStream, toStream } from './stream.js';

/** The web streams of a socket, as far as they were asked for, and the stream under both. */
interface Halves {
  readonly stream: SocketStream;
  readable?: ReadableStream<Uint8Array>;
  writable?: WritableStream<BytesLike>;
}

const known = new WeakMap<Descriptor, Halves>();

function halvesOf(sock: Endpoint<number>, caller: string): Halves {
  const descriptor = streamDescriptor(sock, caller);
  let halves = known.get(descriptor);
  if (!halves) {
    const stream = toStream(sock, { allowHalfOpen: true });
    // Whoever uses the web streams learns of errors from them.
    stream.on('error', () => {});
    halves = { stream };
    known.set(descriptor, halves);
  }
  return halves;
}

/**
 * What a connected stream socket receives, as a web stream of bytes. Nothing is read ahead of the
 * socket's `highWaterMark`.
 *
 * The socket closes itself when both its web streams have ended, or one of them has failed, or was
 * cancelled or aborted; who uses only one of them closes the socket.
 *
 * @param sock a connected SOCK_STREAM socket of either flavour
 * @returns the same one each time
 * @throws as {@link toStream}
 */
export function toReadableStream(sock: Endpoint<number>): ReadableStream<Uint8Array> {
  const halves = halvesOf(sock, 'toReadableStream');
  halves.readable ??= readableOf(halves.stream);
  return halves.readable;
}

function readableOf(stream: SocketStream): ReadableStream<Uint8Array> {
  const parts = stream.iterator({ destroyOnReturn: false });
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel() {
        stream.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}

/** How much a chunk counts for back-pressure; what is no bytes is refused when its turn comes. */
function sizeOf(chunk: unknown): number {
  const { byteLength } = Object(chunk);
  return typeof byteLength === 'number' ? byteLength : 1;
}

/** The bytes of a chunk; what is none fails the stream, as it does the web stream. */
function bytesOf(stream: SocketStream, chunk: unknown): Uint8Array {
  try {
    return toBytes(chunk);
  } catch (error) {
    stream.destroy(error as Error);
    throw error;
  }
}

/**
 * What a connected stream socket sends, as a web stream that takes bytes; closing it ends this
 * direction (SHUT_WR). A write is done when the kernel has taken all of it. For the rest see
 * {@link toReadableStream}.
 *
 * @param sock a connected SOCK_STREAM socket of either flavour
 * @throws as {@link toStream}
 */
export function toWritableStream(sock: Endpoint<number>): WritableStream<BytesLike> {
  const halves = halvesOf(sock, 'toWritableStream');
  halves.writable ??= writableOf(halves.stream);
  return halves.writable;
}

/** Why a stream that was destroyed cannot be written to. */
function failureOf(stream: SocketStream): Error {
  return stream.errored ?? osError(-(errnos.EBADF as number), 'close');
}

function writableOf(stream: SocketStream): WritableStream<BytesLike> {
  return new WritableStream<BytesLike>(
    {
      start(controller) {
        // abort() comes only when the write under way has ended, which the peer may put off.
        const { signal } = controller as { readonly signal?: AbortSignal };
        signal?.addEventListener('abort', () => void stream.destroy(), { once: true });
        stream.once('close', () => {
          if (stream.writableFinished) return;
          controller.error(failureOf(stream));
        });
      },
      write(chunk) {
        return new Promise((resolve, reject) => {
          stream.write(bytesOf(stream, chunk), (error) => (error ? reject(error) : resolve()));
        });
      },
      close() {
        // Node forgets the callback of an end() that comes after destroy(), before 'close'.
        if (stream.destroyed) throw failureOf(stream);
        return new Promise((resolve) => void stream.end(resolve));
      },
      abort() {
        stream.destroy();
      },
    },
    { highWaterMark: stream.writableHighWaterMark, size: sizeOf },
  );
}
