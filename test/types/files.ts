// Type test: the file object of makefile follows from its mode and its buffering.

import type * as socket from 'berkeley-sockets';
import type * as promises from 'berkeley-sockets/promises';
import { expectTrue, type Same, some } from './expect.js';

declare const sock: socket.socket;

export function theModeDecides(): void {
  const text = sock.makefile();
  expectTrue<Same<typeof text, socket.TextIOWrapper>>();
  const both = sock.makefile('rw', null, { encoding: 'latin-1', newline: '' });
  expectTrue<Same<typeof both, socket.TextIOWrapper>>();
  const named = sock.makefile({ mode: 'w', encoding: 'utf-8', errors: 'replace' });
  expectTrue<Same<typeof named, socket.TextIOWrapper>>();
  const reader = sock.makefile('rb');
  expectTrue<Same<typeof reader, socket.BufferedReader>>();
  const writer = sock.makefile('wb', 1024);
  expectTrue<Same<typeof writer, socket.BufferedWriter>>();
  const pair = sock.makefile('rwb');
  expectTrue<Same<typeof pair, socket.BufferedRWPair>>();
  const raw = sock.makefile('rb', 0);
  expectTrue<Same<typeof raw, socket.SocketIO>>();
  // Whether there is a buffer is not known before the program runs.
  const either = sock.makefile('rb', some<number>());
  either.readline();
  // @ts-expect-error: a socket's file is not appended to
  sock.makefile('a');
  // @ts-expect-error: the name of an encoding
  sock.makefile('r', null, { encoding: 8 });
}

export function bufferingByNameBehindTheMode(): void {
  const raw = sock.makefile('rb', { buffering: 0 });
  expectTrue<Same<typeof raw, socket.SocketIO>>();
  const pair = sock.makefile('rwb', { buffering: 64 });
  expectTrue<Same<typeof pair, socket.BufferedRWPair>>();
  const text = sock.makefile('r', { encoding: 'ascii' });
  expectTrue<Same<typeof text, socket.TextIOWrapper>>();
  const awaited = sock.promises.makefile('r', { newline: '' });
  expectTrue<Same<typeof awaited, promises.TextIOWrapper>>();
  const reader = sock.promises.makefile('rb', { buffering: 1 });
  expectTrue<Same<typeof reader, promises.BufferedReader>>();
}

export function textFilesHaveStringsAndBinaryOnesBytes(): void {
  const text = sock.makefile('rw');
  expectTrue<Same<ReturnType<typeof text.readline>, string>>();
  expectTrue<Same<ReturnType<typeof text.readlines>, string[]>>();
  for (const line of text) expectTrue<Same<typeof line, string>>();
  text.write('a line\n');
  // @ts-expect-error: bytes are for a binary file
  text.write(Buffer.from('a line\n'));

  const binary = sock.makefile('rwb');
  expectTrue<Same<ReturnType<typeof binary.read>, Buffer | null>>();
  for (const line of binary) expectTrue<Same<typeof line, Buffer>>();
  binary.write(new Uint8Array(1));
  // @ts-expect-error: a text is for a text file
  binary.write('a line\n');
  binary.close();
}

export async function filesOfPromisesTakeLimits(
  asock: promises.socket,
  signal: AbortSignal,
): Promise<void> {
  const text = asock.makefile('rw');
  expectTrue<Same<typeof text, promises.TextIOWrapper>>();
  const line = await text.readline({ signal, timeout: 2.5 });
  expectTrue<Same<typeof line, string>>();
  await text.read(5, { timeout: null });
  await text.write('a line\n', { signal });
  await text.flush({ timeout: 1 });
  const raw = asock.makefile('rwb', 0);
  await raw.readinto(Buffer.alloc(1), { signal });
  await raw.readall({ signal });
  // @ts-expect-error: seconds
  await text.readline({ timeout: '1' });
  // @ts-expect-error: what blocks has the timeout of the socket
  sock.makefile('r').readline({ timeout: 1 });
  // @ts-expect-error: what blocks has the timeout of the socket
  sock.makefile('r').flush({ timeout: 1 });
  await text.close({ timeout: 1 });
}

export function sendfileByName(): void {
  const sent = sock.sendfile(3, { offset: 5, count: null });
  expectTrue<Same<typeof sent, number>>();
  const awaited = sock.promises.sendfile(3, { offset: 5, timeout: 1 });
  expectTrue<Same<typeof awaited, Promise<number>>>();
  // @ts-expect-error: only waiting calls have a timeout of their own
  sock.sendfile(3, { timeout: 1 });
}
