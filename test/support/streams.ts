// Streams over connected sockets, and what came out of them.

import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import { type SocketStream, type StreamOptions, toStream } from 'berkeley-sockets/interop';
import { pair, tcpPair } from './sockets.js';

/** The kinds of connections that the tests run over. */
export const KINDS = ['TCP', 'AF_UNIX'] as const;
export type Kind = (typeof KINDS)[number];

/** Two connected sockets. */
export function connected(context: TestContext, kind: Kind) {
  if (kind === 'AF_UNIX') return pair(context);
  const { client, accepted } = tcpPair(context);
  return [client, accepted] as const;
}

/** A stream, the socket under it and the socket of its peer. */
export interface Streamed {
  stream: SocketStream;
  sock: socket.socket<number>;
  peer: socket.socket<number>;
}

/** A stream over one of two connected sockets; the other one is non-blocking. */
export function streamed(context: TestContext, kind: Kind, options?: StreamOptions): Streamed {
  const [sock, peer] = connected(context, kind);
  peer.setblocking(false);
  return { stream: toStream<socket.socket<number>>(sock, options), sock, peer };
}

// Iterating over a stream would destroy it at its end, and with it the other direction.

/** Everything that a stream gives. */
export async function contents(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  stream.on('data', (part: Buffer) => parts.push(part));
  await finished(stream, { writable: false });
  return Buffer.concat(parts);
}

/** The SHA-256 of everything that a stream gives, and how much that is. */
export async function digest(stream: Readable): Promise<{ hash: string; length: number }> {
  const hash = createHash('sha256');
  let length = 0;
  stream.on('data', (part: Buffer) => {
    hash.update(part);
    length += part.length;
  });
  await finished(stream, { writable: false });
  return { hash: hash.digest('hex'), length };
}

/** The SHA-256 of bytes. */
export function hashOf(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** Makes the peer's next read fail with ECONNRESET; TCP only. */
export function reset(sock: socket.socket<number>): void {
  const linger = new Int32Array([1, 0]);
  sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger);
  sock.close();
}
