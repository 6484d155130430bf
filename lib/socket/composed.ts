// Calls that are made of others, written once for both flavours as generators of steps.

import { fs } from '../builtins.js';
import { SOCK_STREAM } from '../constants.js';
import {
  BlockingIOError,
  InterruptedError,
  OSError,
  osError,
  TIMED_OUT,
  TimeoutError,
  UnsupportedOperation,
  ValueError,
} from '../errors.js';
import { errnos, native, wasInterrupted } from '../native.js';
import { pythonRepr } from '../repr.js';
import { isInteger, notAnInteger } from '../types.js';
import { abandon, methodOf } from './arguments.js';
import { toBytes } from './bytes.js';
import * as calls from './calls.js';
import { ATTEMPT, type Composed, perform, type Step } from './compose.js';
import type { Descriptor } from './descriptor.js';
import { keeping } from './same-file.js';

/** A step that sends bytes. */
function sendStep(
  descriptor: Descriptor,
  view: Uint8Array,
  flags = 0,
  wait = descriptor.wait,
  check?: () => void,
): Step<number> {
  return {
    fd: descriptor.fd,
    direction: 'write',
    wait,
    attempt: (limit) => {
      check?.();
      return calls.send(descriptor, limit, view, flags);
    },
  };
}

/** Ends a call of several steps when a signal that JavaScript listens for came during one. */
function refuseInterrupted(): void {
  if (wasInterrupted()) throw osError(-(errnos.EINTR as number), 'send');
}

/**
 * Sends what `sendall` could not send at once. The timeout of the socket is one deadline for the
 * whole; `start` is when it began, by `performance.now()`.
 */
export function* sendRest(
  descriptor: Descriptor,
  view: Uint8Array,
  flags: number,
  start: number,
): Composed<void> {
  const checkSocket = keeping(() => descriptor.fd, 'send');
  let rest = view;
  while (rest.length > 0) {
    let { wait } = descriptor;
    if (wait > 0) {
      wait = Math.ceil(start + wait - performance.now());
      if (wait <= 0) throw osError(TIMED_OUT, 'send');
    }
    refuseInterrupted();
    rest = rest.subarray(yield* perform(sendStep(descriptor, rest, flags, wait, checkSocket)));
  }
}

/**
 * A file that `sendfile` takes: anything with `fileno()` or `read()` and perhaps `seek()`, as
 * Python's files have them; a `FileHandle` of `node:fs/promises`, or a number of `fs.openSync()`.
 */
export type SendableFile =
  | number
  | { readonly fd: number }
  | { fileno(): number; read?(size: number): Uint8Array; seek?(offset: number): unknown }
  | { read(size: number): Uint8Array; seek?(offset: number): unknown };

const LARGEST_PIECE = 2 ** 30;
const READ_PIECE = 8192;

/** Checks what both ways to send a file need. */
function checkSendfile(descriptor: Descriptor, file: unknown, count: unknown): void {
  const mode = typeof file === 'object' ? (file as { mode?: unknown } | null)?.mode : undefined;
  if (typeof mode === 'string' && !mode.includes('b')) {
    throw new ValueError('file should be opened in binary mode');
  }
  if ((descriptor.type & SOCK_STREAM) === 0) {
    throw new ValueError('only SOCK_STREAM type sockets are supported');
  }
  if (count === null || count === undefined) return;
  const text = `count must be a positive integer (got ${pythonRepr(count)})`;
  if (!isInteger(count)) throw new TypeError(text);
  if (Number(count) <= 0) throw new ValueError(text);
}

/** The descriptor of a file, or undefined where it has none. */
function filenoOf(file: unknown): number | undefined {
  if (typeof file === 'number' && Number.isInteger(file)) return file;
  if (typeof file !== 'object' || file === null) return undefined;
  const { fileno, fd } = file as { fileno?: unknown; fd?: unknown };
  if (typeof fileno === 'function') {
    try {
      const number: unknown = fileno.call(file);
      return typeof number === 'number' ? number : undefined;
    } catch (error) {
      if (error instanceof UnsupportedOperation) return undefined;
      throw error;
    }
  }
  return typeof fd === 'number' ? fd : undefined;
}

function seek(file: unknown, offset: number): void {
  const method = typeof file === 'object' ? (file as { seek?: unknown } | null)?.seek : undefined;
  if (typeof method === 'function') method.call(file, offset);
}

/** Whether a number can be a descriptor's. */
function isNumberOfOne(fd: number): boolean {
  return (fd | 0) === fd && fd >= 0;
}

/** Reads a piece of a file by its descriptor; Node's errors become Python's. */
function readAt(fd: number, size: number, offset: number): Uint8Array {
  if (!isNumberOfOne(fd)) throw osError(-(errnos.EBADF as number), 'read');
  const buffer = Buffer.alloc(size);
  try {
    return buffer.subarray(0, fs.readSync(fd, buffer, 0, size, offset));
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    throw errno === undefined ? error : osError(-Math.abs(errno), 'read');
  }
}

/** Reads a piece of a file: through its `read()`, or at a position where it is a mere descriptor. */
function readerOf(
  file: unknown,
  fd: number | undefined,
): (size: number, offset: number) => Uint8Array {
  const hasRead = typeof (file as { read?: unknown } | null)?.read === 'function';
  const isHandle = typeof file === 'object' && typeof (file as { fd?: unknown })?.fd === 'number';
  if ((!hasRead || isHandle) && fd !== undefined) {
    return (size, offset) => {
      // fs.readSync takes a negative position for the file's own.
      if (offset < 0) throw osError(-(errnos.EINVAL as number), 'lseek');
      return readAt(fd, size, offset);
    };
  }
  const read = methodOf(file, 'read');
  return (size) => {
    const data = read(size);
    abandon(data);
    return toBytes(data, "memoryview: a bytes-like object is required, not '{type}'");
  };
}

/** `sendfile`: how many bytes of the file were sent. */
export function* sendfile(
  descriptor: Descriptor,
  file: unknown,
  offsetArgument: unknown,
  countArgument: unknown,
): Composed<number> {
  checkSendfile(descriptor, file, countArgument);
  const count = isInteger(countArgument) ? Number(countArgument) : null;
  const fd = filenoOf(file);
  // Neither a stranger's socket may get the rest of the file, nor the peer the rest of another one.
  const checks = [keeping(() => descriptor.fd, 'sendfile')];
  if (fd !== undefined) checks.push(keeping(() => fd, 'sendfile'));
  const check = () => {
    for (const each of checks) each();
  };
  // Not from node:fs: Deno's knows only the descriptors that it opened itself.
  const size = fd === undefined || !isNumberOfOne(fd) ? -1 : native.fileSize(fd);
  if (size === 0) return 0;
  if (fd !== undefined && size > 0) {
    const sent = yield* sendByKernel(descriptor, file, fd, offsetArgument, count, size, check);
    if (sent !== undefined) return sent;
  }
  return yield* sendByReading(descriptor, file, fd, toOffset(offsetArgument), count, check);
}

function toOffset(value: unknown): number {
  if (!isInteger(value)) throw notAnInteger(value);
  return Number(value);
}

function refuseNonBlocking(descriptor: Descriptor): void {
  if (descriptor.timeout === 0) throw new ValueError('non-blocking sockets are not supported');
}

/** With sendfile(2); undefined where the system cannot do it for this file. */
function* sendByKernel(
  descriptor: Descriptor,
  file: unknown,
  fd: number,
  offsetArgument: unknown,
  count: number | null,
  size: number,
  check: () => void,
): Composed<number | undefined> {
  refuseNonBlocking(descriptor);
  if (descriptor.fd < 0) throw new ValueError('Invalid file descriptor: -1');
  const start = toOffset(offsetArgument);
  const piece = Math.min(count ?? size, LARGEST_PIECE);
  let total = 0;
  try {
    while (count === null || total < count) {
      const wanted = count === null ? piece : Math.min(count - total, piece);
      const offset = start + total;
      const sent = yield* perform<number>({
        fd: descriptor.fd,
        direction: 'write',
        wait: descriptor.wait,
        attempt: (wait) => sendPiece(descriptor, wait, fd, offset, wanted, check),
      });
      if (sent === 0) break;
      total += sent;
      if (count === null || total < count) refuseInterrupted();
    }
    return total;
  } catch (error) {
    const isFinal = error instanceof TimeoutError || error instanceof InterruptedError;
    if (total > 0 || isFinal || !(error instanceof OSError)) throw error;
    return undefined;
  } finally {
    if (total > 0) seek(file, start + total);
  }
}

function sendPiece(
  descriptor: Descriptor,
  wait: number,
  fd: number,
  offset: number,
  count: number,
  check: () => void,
) {
  for (;;) {
    check();
    try {
      return calls.sendfile(descriptor, wait, fd, offset, count);
    } catch (error) {
      // A descriptor may be O_NONBLOCK although the socket has no timeout; Python waits then.
      if (!(error instanceof BlockingIOError) || wait === ATTEMPT) throw error;
      calls.waitWritable(descriptor);
    }
  }
}

/** With reads and sends, for what is no regular file. */
function* sendByReading(
  descriptor: Descriptor,
  file: unknown,
  fd: number | undefined,
  start: number,
  count: number | null,
  check: () => void,
): Composed<number> {
  refuseNonBlocking(descriptor);
  if (typeof file !== 'object' && fd === undefined) methodOf(file, 'read');
  if (start !== 0) seek(file, start);
  const read = readerOf(file, fd);
  let total = 0;
  try {
    while (count === null || total < count) {
      const wanted = count === null ? READ_PIECE : Math.min(count - total, READ_PIECE);
      check();
      const data = read(wanted, start + total);
      if (data.length === 0) break;
      for (let rest = data; rest.length > 0; ) {
        const sent = yield* perform(sendStep(descriptor, rest, 0, descriptor.wait, check));
        total += sent;
        rest = rest.subarray(sent);
        if (total !== count) refuseInterrupted();
      }
    }
    return total;
  } finally {
    if (total > 0) seek(file, start + total);
  }
}

/** The arguments of `makefile`. */
export const MAKEFILE = {
  name: 'socket.makefile',
  names: ['mode', 'buffering', 'encoding', 'errors', 'newline'],
  positional: 2,
  method: true,
};

/** The arguments of `sendfile`. */
export const SENDFILE = {
  name: 'socket.sendfile',
  names: ['file', 'offset', 'count'],
  required: 1,
  method: true,
};
