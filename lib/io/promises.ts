// The file objects whose calls give promises. Calls on one file are served in the order they were
// made; what has been read ahead is given without a detour.

import { listen, unlisten } from '../aborts.js';
import { ValueError } from '../errors.js';
import type { WaitOptions } from '../reactor.js';
import { methodOf } from '../socket/arguments.js';
import type { BytesLike } from '../socket/bytes.js';
import { PENDING, type Step } from '../socket/compose.js';
import { typeName } from '../types.js';
import { BufferedFile, BufferedIOBase, RawIOBase } from './binary.js';
import { BufferedCore } from './buffered.js';
import { DEFAULT_BUFFER_SIZE } from './core.js';
import { CORE, coreOf, DRIVE } from './files.js';
import { PairCore } from './pair.js';
import { RawCore, type RawMode, type RawSocket } from './raw.js';
import { ReaderCore } from './reader.js';
import { TextCore, type TextOptions } from './text.js';
import { TextIOBase } from './textual.js';
import { Turns } from './turns.js';
import { WriterCore } from './writer.js';

export type { AsyncFileOf } from './open.js';

const TURNS: unique symbol = Symbol('turns');

/** The queues of the file that another one is put in front of. */
function turnsOf(file: { readonly [TURNS]: Turns }): Turns {
  const turns = (file as { readonly [TURNS]?: Turns })[TURNS];
  if (turns !== undefined) return turns;
  throw new TypeError(`'${typeName(file)}' object gives no promises`);
}

/** The lines of a file, one by one; leaving the loop early loses none. */
function linesOf<Line extends Buffer | string>(file: {
  readline(): Promise<Line>;
  readonly [CORE]: { checkClosed(): void };
}): AsyncIterableIterator<Line> {
  return {
    async next() {
      file[CORE].checkClosed();
      const line = await file.readline();
      return line.length === 0 ? { done: true, value: undefined } : { done: false, value: line };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** What {@link SocketIO} calls: a socket of this flavour has it, and so may another object. */
export interface FileSocket {
  fileno(): number;
  /** Receives; an aborted signal ends the waiting, and no bytes are lost. */
  recv_into(buffer: Uint8Array, options: WaitOptions & { signal: AbortSignal }): Promise<number>;
  send(data: Uint8Array, options?: WaitOptions): Promise<number>;
  /** Called once, when the file is closed. */
  _decref_socketios(): void;
}

/** Makes a call that either of two signals ends. */
async function endedByEither<T>(
  first: AbortSignal,
  second: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const either = new AbortController();
  const end = () => either.abort(first.aborted ? first.reason : second.reason);
  for (const signal of [first, second]) {
    signal.throwIfAborted();
    listen(signal, end);
  }
  try {
    return await call(either.signal);
  } finally {
    unlisten(first, end);
    unlisten(second, end);
  }
}

/** The methods are looked up at each call, as in Python: a subclass may have its own. */
function rawSocket(sock: FileSocket): RawSocket {
  let closing: AbortController | undefined;
  const call = (name: keyof FileSocket, ...given: unknown[]) =>
    methodOf(sock, name)(...given) as Promise<number>;
  const step = (
    direction: 'read' | 'write',
    promise: (options?: WaitOptions) => Promise<number>,
  ): Step<number> => ({ fd: -1, direction, wait: -1, attempt: () => PENDING, promise });
  return {
    fileno: () => methodOf(sock, 'fileno')() as number,
    recvIntoStep: (view) => {
      closing ??= new AbortController();
      const ending = closing.signal;
      return step('read', (options) =>
        options?.signal
          ? endedByEither(ending, options.signal, (signal) =>
              call('recv_into', view, { ...options, signal }),
            )
          : call('recv_into', view, { signal: ending }),
      );
    },
    sendStep: (view) =>
      step('write', (options) => call('send', view, ...(options ? [options] : []))),
    release: () => {
      // Whoever waits to read would take bytes from the socket, which may live on, to a dead file.
      closing?.abort(new ValueError('I/O operation on closed file.'));
      methodOf(sock, '_decref_socketios')();
    },
  };
}

/**
 * A socket as an unbuffered binary file. Like Python's `socket.SocketIO`; `makefile()` with a
 * `buffering` of 0 gives one.
 *
 * Calls that read are served one after another, and so are calls that write; they do not wait for
 * each other. Closing the file rejects the reads that wait.
 *
 * Each call that may wait takes a trailing `{ signal, timeout }`: the signal ends it, and the
 * timeout, in seconds, is one for the whole of it, its turn included, instead of the socket's. A
 * read that is ended loses nothing. Nobody can tell how much of a write that is ended has gone, or
 * goes later.
 *
 * @param sock the socket; made by hand, the file does not put the socket's closing off
 * @param mode `'r'`, `'w'`, `'rw'`, `'rb'`, `'wb'` or `'rwb'`
 * @throws ValueError for another mode
 */
export class SocketIO extends RawIOBase<'promises'> {
  /** @internal */
  readonly [TURNS]: Turns;

  constructor(sock: FileSocket, mode: RawMode) {
    const turns = new Turns();
    super(rawSocket(sock), mode, turns.drive);
    this[TURNS] = turns;
  }

  /** The lines until the end, each with its line ending. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer> {
    return linesOf<Buffer>(this);
  }

  /** Closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A binary file that reads ahead. Like Python's `io.BufferedReader`; see {@link SocketIO}. */
export class BufferedReader extends BufferedFile<'promises', SocketIO, ReaderCore> {
  /** @internal */
  readonly [TURNS]: Turns;

  constructor(raw: SocketIO, buffer_size: number = DEFAULT_BUFFER_SIZE) {
    const core = new ReaderCore(coreOf(raw, RawCore), buffer_size);
    const turns = turnsOf(raw);
    super(core, turns.drive);
    this[TURNS] = turns;
  }

  override read(size?: number | null | WaitOptions, options?: WaitOptions): Promise<Buffer | null> {
    const ready = this[TURNS].reading.isIdle && !options ? this[CORE].readReady(size) : undefined;
    return ready === undefined ? super.read(size, options) : Promise.resolve(ready);
  }

  override readline(size?: number | null | WaitOptions, options?: WaitOptions): Promise<Buffer> {
    const ready =
      this[TURNS].reading.isIdle && !options ? this[CORE].readlineReady(size) : undefined;
    return ready === undefined ? super.readline(size, options) : Promise.resolve(ready);
  }

  /**
   * The bytes read ahead, which stay there; receives once if there are none.
   *
   * @param size is not used, as in Python
   */
  peek(size?: number | WaitOptions, options?: WaitOptions): Promise<Buffer> {
    return this[DRIVE]('read', (given) => this[CORE].peek(given), size, options);
  }

  /** The lines until the end, each with its line ending. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer> {
    return linesOf<Buffer>(this);
  }

  /** Closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * A binary file that collects what is written. Like Python's `io.BufferedWriter`; see
 * {@link SocketIO}.
 */
export class BufferedWriter extends BufferedFile<'promises', SocketIO, WriterCore> {
  /** @internal */
  readonly [TURNS]: Turns;

  constructor(raw: SocketIO, buffer_size: number = DEFAULT_BUFFER_SIZE) {
    const core = new WriterCore(coreOf(raw, RawCore), buffer_size);
    const turns = turnsOf(raw);
    super(core, turns.drive);
    this[TURNS] = turns;
  }

  override write(data: BytesLike, options?: WaitOptions): Promise<number> {
    const ready = this[TURNS].writing.isIdle && !options ? this[CORE].writeReady(data) : undefined;
    return ready === undefined ? super.write(data, options) : Promise.resolve(ready);
  }

  /** Refused when it is used: the file cannot be read. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer> {
    return linesOf<Buffer>(this);
  }

  /** Flushes and closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * A binary file that reads ahead and collects. Like Python's `io.BufferedRWPair`; see
 * {@link SocketIO}.
 */
export class BufferedRWPair extends BufferedIOBase<'promises', PairCore> {
  /** @internal */
  readonly [TURNS]: Turns;

  constructor(reader: SocketIO, writer: SocketIO, buffer_size: number = DEFAULT_BUFFER_SIZE) {
    const core = new PairCore(coreOf(reader, RawCore), coreOf(writer, RawCore), buffer_size);
    const turns = new Turns(turnsOf(reader).reading, turnsOf(writer).writing);
    super(core, turns.drive);
    this[TURNS] = turns;
  }

  override read(size?: number | null | WaitOptions, options?: WaitOptions): Promise<Buffer | null> {
    const ready =
      this[TURNS].reading.isIdle && !options ? this[CORE].reader.readReady(size) : undefined;
    return ready === undefined ? super.read(size, options) : Promise.resolve(ready);
  }

  override readline(size?: number | null | WaitOptions, options?: WaitOptions): Promise<Buffer> {
    const ready =
      this[TURNS].reading.isIdle && !options ? this[CORE].reader.readlineReady(size) : undefined;
    return ready === undefined ? super.readline(size, options) : Promise.resolve(ready);
  }

  override write(data: BytesLike, options?: WaitOptions): Promise<number> {
    const ready =
      this[TURNS].writing.isIdle && !options ? this[CORE].writer.writeReady(data) : undefined;
    return ready === undefined ? super.write(data, options) : Promise.resolve(ready);
  }

  /**
   * The bytes read ahead, which stay there; receives once if there are none.
   *
   * @param size is not used, as in Python
   */
  peek(size?: number | WaitOptions, options?: WaitOptions): Promise<Buffer> {
    return this[DRIVE]('read', (given) => this[CORE].peek(given), size, options);
  }

  /**
   * Refused: there are two files to detach.
   *
   * @throws UnsupportedOperation always
   */
  detach(): Promise<never> {
    return this[DRIVE]('all', () => this[CORE].detach(), undefined, undefined);
  }

  /** The lines until the end, each with its line ending. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer> {
    return linesOf<Buffer>(this);
  }

  /** Flushes and closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A text file. Like Python's `io.TextIOWrapper`; see {@link SocketIO}. */
export class TextIOWrapper extends TextIOBase<
  'promises',
  BufferedReader | BufferedWriter | BufferedRWPair
> {
  /** @internal */
  readonly [TURNS]: Turns;

  constructor(
    buffer: BufferedReader | BufferedWriter | BufferedRWPair,
    encoding?: string | null,
    errors?: string | null,
    newline?: string | null,
    line_buffering = false,
  ) {
    const options: TextOptions = { encoding, errors, newline };
    const core = new TextCore(coreOf(buffer, BufferedCore), options, line_buffering, true);
    const turns = turnsOf(buffer);
    super(core, turns.driverOf(core));
    this[TURNS] = turns;
  }

  override read(size?: number | null | WaitOptions, options?: WaitOptions): Promise<string> {
    const ready = this[TURNS].reading.isIdle && !options ? this[CORE].readReady(size) : undefined;
    return ready === undefined ? super.read(size, options) : Promise.resolve(ready);
  }

  override readline(size?: number | null | WaitOptions, options?: WaitOptions): Promise<string> {
    const ready =
      this[TURNS].reading.isIdle && !options ? this[CORE].readlineReady(size) : undefined;
    return ready === undefined ? super.readline(size, options) : Promise.resolve(ready);
  }

  override write(text: string, options?: WaitOptions): Promise<number> {
    const ready = this[TURNS].writing.isIdle && !options ? this[CORE].writeReady(text) : undefined;
    return ready === undefined ? super.write(text, options) : Promise.resolve(ready);
  }

  /** The lines until the end, each with its line ending. */
  [Symbol.asyncIterator](): AsyncIterableIterator<string> {
    return linesOf<string>(this);
  }

  /** Flushes and closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The classes of this flavour, for `openFile()`. */
export const promiseFiles = {
  SocketIO,
  BufferedReader,
  BufferedWriter,
  BufferedRWPair,
  TextIOWrapper,
};
