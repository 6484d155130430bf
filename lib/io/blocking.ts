// The file objects whose calls block, with a direct way past the steps where none is needed.

import { abandon, methodOf } from '../socket/arguments.js';
import type { BytesLike } from '../socket/bytes.js';
import { runBlocking, type Step } from '../socket/compose.js';
import { notAnInteger } from '../types.js';
import { BufferedFile, BufferedIOBase, RawIOBase } from './binary.js';
import { BufferedCore } from './buffered.js';
import { DEFAULT_BUFFER_SIZE } from './core.js';
import { CORE, coreOf, type Driver } from './files.js';
import { PairCore } from './pair.js';
import { RawCore, type RawMode, type RawSocket } from './raw.js';
import { ReaderCore } from './reader.js';
import { TextCore, type TextOptions } from './text.js';
import { TextIOBase } from './textual.js';
import { WriterCore } from './writer.js';

const drive: Driver<'blocking'> = (_kind, call, argument) => runBlocking(call(argument));

/** The lines of a file, one by one; leaving the loop early loses none. */
function linesOf<Line extends Buffer | string>(file: {
  readonly closed: boolean;
  readable(): boolean;
  readline(): Line;
  readonly [CORE]: { checkClosed(): void };
}): IterableIterator<Line> {
  file[CORE].checkClosed();
  return {
    next() {
      const line = file.readline();
      return line.length === 0 ? { done: true, value: undefined } : { done: false, value: line };
    },
    [Symbol.iterator]() {
      return this;
    },
  };
}

/** What {@link SocketIO} calls: a {@link socket} has it, and so may an object of the caller's. */
export interface FileSocket {
  fileno(): number;
  recv_into(buffer: Uint8Array): number;
  send(data: Uint8Array): number;
  /** Called once, when the file is closed. */
  _decref_socketios(): void;
}

/** A step of the blocking flavour, which nobody but the call itself waits for. */
function blockingStep<T>(direction: 'read' | 'write', call: () => T): Step<T> {
  return { fd: -1, direction, wait: -1, attempt: call };
}

/** How many bytes a socket's method has transferred; a promise is no number of them. */
function toCount(count: number): number {
  if (!((count as unknown) instanceof Promise)) return count;
  abandon(count);
  throw notAnInteger(count);
}

/** The methods are looked up at each call, as in Python: a subclass may have its own. */
function rawSocket(sock: FileSocket): RawSocket {
  const call = (name: keyof FileSocket, ...given: unknown[]) =>
    methodOf(sock, name)(...given) as number;
  return {
    fileno: () => call('fileno'),
    recvIntoStep: (view) => blockingStep('read', () => toCount(call('recv_into', view))),
    sendStep: (view) => blockingStep('write', () => toCount(call('send', view))),
    release: () => {
      call('_decref_socketios');
    },
  };
}

/**
 * A socket as an unbuffered binary file. Like Python's `socket.SocketIO`; `makefile()` with a
 * `buffering` of 0 gives one.
 *
 * @param sock the socket; made by hand, the file does not put the socket's closing off
 * @param mode `'r'`, `'w'`, `'rw'`, `'rb'`, `'wb'` or `'rwb'`
 * @throws ValueError for another mode
 */
export class SocketIO extends RawIOBase<'blocking'> {
  constructor(sock: FileSocket, mode: RawMode) {
    super(rawSocket(sock), mode, drive);
  }

  /** The lines until the end, each with its line ending. */
  [Symbol.iterator](): IterableIterator<Buffer> {
    return linesOf<Buffer>(this);
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * A binary file that reads ahead. Like Python's `io.BufferedReader`.
 *
 * @param raw an unbuffered file that this one takes over
 * @param buffer_size how many bytes are read ahead, 8192 if left out
 * @throws ValueError for a size below 1, UnsupportedOperation if the raw file cannot be read
 */
export class BufferedReader extends BufferedFile<'blocking', SocketIO, ReaderCore> {
  constructor(raw: SocketIO, buffer_size: number = DEFAULT_BUFFER_SIZE) {
    super(new ReaderCore(coreOf(raw, RawCore), buffer_size), drive);
  }

  override read(size?: number | null): Buffer | null {
    return this[CORE].readReady(size) ?? super.read(size);
  }

  override readline(size?: number | null): Buffer {
    return this[CORE].readlineReady(size) ?? super.readline(size);
  }

  /**
   * The bytes read ahead, which stay there; receives once if there are none.
   *
   * @param size is not used, as in Python
   */
  peek(size?: number): Buffer {
    return runBlocking(this[CORE].peek(size));
  }

  /** The lines until the end, each with its line ending. */
  [Symbol.iterator](): IterableIterator<Buffer> {
    return linesOf<Buffer>(this);
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * A binary file that collects what is written. Like Python's `io.BufferedWriter`.
 *
 * @param raw an unbuffered file that this one takes over
 * @param buffer_size how many bytes are collected, 8192 if left out
 * @throws ValueError for a size below 1, UnsupportedOperation if the raw file cannot be written
 */
export class BufferedWriter extends BufferedFile<'blocking', SocketIO, WriterCore> {
  constructor(raw: SocketIO, buffer_size: number = DEFAULT_BUFFER_SIZE) {
    super(new WriterCore(coreOf(raw, RawCore), buffer_size), drive);
  }

  override write(data: BytesLike): number {
    return this[CORE].writeReady(data) ?? super.write(data);
  }

  /** Refused when it is used: the file cannot be read. */
  [Symbol.iterator](): IterableIterator<Buffer> {
    return linesOf<Buffer>(this);
  }

  /** Flushes and closes the file. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * A binary file that reads ahead and collects. Like Python's `io.BufferedRWPair`.
 *
 * @param reader an unbuffered file that is read
 * @param writer an unbuffered file that is written; for a socket it is the same one
 * @param buffer_size how many bytes are read ahead, and collected; 8192 if left out
 * @throws ValueError for a size below 1, UnsupportedOperation if a file cannot do its part
 */
export class BufferedRWPair extends BufferedIOBase<'blocking', PairCore> {
  constructor(reader: SocketIO, writer: SocketIO, buffer_size: number = DEFAULT_BUFFER_SIZE) {
    super(new PairCore(coreOf(reader, RawCore), coreOf(writer, RawCore), buffer_size), drive);
  }

  override read(size?: number | null): Buffer | null {
    return this[CORE].reader.readReady(size) ?? super.read(size);
  }

  override readline(size?: number | null): Buffer {
    return this[CORE].reader.readlineReady(size) ?? super.readline(size);
  }

  override write(data: BytesLike): number {
    return this[CORE].writer.writeReady(data) ?? super.write(data);
  }

  /**
   * The bytes read ahead, which stay there; receives once if there are none.
   *
   * @param size is not used, as in Python
   */
  peek(size?: number): Buffer {
    return runBlocking(this[CORE].peek(size));
  }

  /**
   * Refused: there are two files to detach.
   *
   * @throws UnsupportedOperation always
   */
  detach(): never {
    return runBlocking(this[CORE].detach());
  }

  /** The lines until the end, each with its line ending. */
  [Symbol.iterator](): IterableIterator<Buffer> {
    return linesOf<Buffer>(this);
  }

  /** Flushes and closes the file. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * A text file. Like Python's `io.TextIOWrapper`.
 *
 * @param buffer a buffered binary file that this one takes over
 * @param encoding the encoding's name; UTF-8 if null or left out
 * @param errors what becomes of what cannot be encoded or decoded; `'strict'` if null or left out
 * @param newline which line endings end a line, see {@link socket.makefile}
 * @param line_buffering whether writing a line ending flushes
 * @throws LookupError for an unknown encoding, ValueError for another line ending
 */
export class TextIOWrapper extends TextIOBase<
  'blocking',
  BufferedReader | BufferedWriter | BufferedRWPair
> {
  constructor(
    buffer: BufferedReader | BufferedWriter | BufferedRWPair,
    encoding?: string | null,
    errors?: string | null,
    newline?: string | null,
    line_buffering = false,
  ) {
    const options: TextOptions = { encoding, errors, newline };
    super(new TextCore(coreOf(buffer, BufferedCore), options, line_buffering), drive);
  }

  override read(size?: number | null): string {
    return this[CORE].readReady(size) ?? super.read(size);
  }

  override readline(size?: number | null): string {
    return this[CORE].readlineReady(size) ?? super.readline(size);
  }

  override write(text: string): number {
    return this[CORE].writeReady(text) ?? super.write(text);
  }

  /** The lines until the end, each with its line ending. */
  [Symbol.iterator](): IterableIterator<string> {
    return linesOf<string>(this);
  }

  /** Flushes and closes the file. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** The classes of this flavour, for `openFile()`. */
export const blockingFiles = {
  SocketIO,
  BufferedReader,
  BufferedWriter,
  BufferedRWPair,
  TextIOWrapper,
};
