// The logic of `SocketIO`: reading and writing a socket without a buffer.

import { bufferConstants as constants } from '../builtins.js';
import { BlockingIOError, OSError, TimeoutError, ValueError } from '../errors.js';
import { pythonRepr } from '../repr.js';
import { toWritable } from '../socket/arguments.js';
import { toBytes } from '../socket/bytes.js';
import { type Composed, perform, type Step } from '../socket/compose.js';
import { Accumulator } from './accumulator.js';
import { toIndex, toOptionalSize } from './arguments.js';
import { FileCore, stepless, unsupported } from './core.js';

/** What a file object needs of a socket, as each flavour provides it. */
export interface RawSocket {
  /** The descriptor's number, -1 once closed. */
  fileno(): number;
  /** A step that receives into the memory; it throws what `recv_into` throws. */
  recvIntoStep(view: Uint8Array): Step<number>;
  /** A step that sends from the memory; it throws what `send` throws. */
  sendStep(view: Uint8Array): Step<number>;
  /** Tells the socket that one file object less puts its closing off. */
  release(): void;
}

/** The modes of `SocketIO`. */
export type RawMode = 'r' | 'w' | 'rw' | 'rb' | 'wb' | 'rwb';

const MODES: readonly unknown[] = ['r', 'w', 'rw', 'rb', 'wb', 'rwb'];
const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);
/** The most memory that one unbuffered read allocates before it knows what comes. */
const LARGEST_READ = 16 * 1024 * 1024;

function wouldBlock(error: unknown): boolean {
  if (!(error instanceof BlockingIOError)) return false;
  return error.code === 'EAGAIN' || error.code === 'EWOULDBLOCK';
}

/** A read without data where Python expects bytes, as `readline` does. */
export function notBytes(): OSError {
  return new OSError("read() should have returned a bytes object, not 'NoneType'");
}

/** The core of `SocketIO`. */
export class RawCore extends FileCore<Buffer> {
  readonly mode: 'rb' | 'wb' | 'rwb';
  readonly #reading: boolean;
  readonly #writing: boolean;
  #socket: RawSocket | null;
  #timedOut = false;
  /** Bytes that were received for a call that failed. */
  #unread: Buffer = NOTHING;

  constructor(socket: RawSocket, mode: unknown) {
    super();
    if (!MODES.includes(mode)) throw new ValueError(`invalid mode: ${pythonRepr(mode)}`);
    this.mode = `${(mode as string).replace('b', '')}b` as 'rb' | 'wb' | 'rwb';
    this.#reading = this.mode.includes('r');
    this.#writing = this.mode.includes('w');
    this.#socket = socket;
  }

  override get closed(): boolean {
    return this.#socket === null;
  }

  override get name(): number {
    return this.#socket === null ? -1 : this.#socket.fileno();
  }

  /** The socket of an open file. */
  get #open(): RawSocket {
    if (this.#socket === null) throw new ValueError('I/O operation on closed file.');
    return this.#socket;
  }

  override fileno(): number {
    return this.#open.fileno();
  }

  override isatty(): boolean {
    this.checkClosed();
    return false;
  }

  override readable(): boolean {
    this.checkClosed('I/O operation on closed socket.');
    return this.#reading;
  }

  override writable(): boolean {
    this.checkClosed('I/O operation on closed socket.');
    return this.#writing;
  }

  override seekable(): boolean {
    this.checkClosed('I/O operation on closed socket.');
    return false;
  }

  checkReadable(): void {
    if (!this.readable()) throw unsupported('File or stream is not readable.');
  }

  checkWritable(): void {
    if (!this.writable()) throw unsupported('File or stream is not writable.');
  }

  /** Refuses to read where Python does. */
  #readingSocket(): RawSocket {
    const socket = this.#open;
    this.checkReadable();
    // After a timeout nobody knows how much of the message the reader has seen.
    if (this.#timedOut) throw new OSError('cannot read from timed out object');
    return socket;
  }

  /** Receives into memory once; null if the socket would block. */
  *receive(view: Uint8Array): Composed<number | null> {
    const socket = this.#readingSocket();
    if (view.length === 0) return 0;
    if (this.#unread.length > 0) {
      const count = this.#unread.copy(view);
      this.#unread = this.#unread.subarray(count);
      return count;
    }
    try {
      return yield* perform(socket.recvIntoStep(view));
    } catch (error) {
      if (wouldBlock(error)) return null;
      if (error instanceof TimeoutError) this.#timedOut = true;
      throw error;
    }
  }

  /** Sends from memory once; null if the socket would block. */
  *send(view: Uint8Array): Composed<number | null> {
    const socket = this.#open;
    this.checkWritable();
    try {
      return yield* perform(socket.sendStep(view));
    } catch (error) {
      if (wouldBlock(error)) return null;
      throw error;
    }
  }

  *readinto(buffer: unknown): Composed<number | null> {
    this.#readingSocket();
    return yield* this.receive(toWritable(buffer, 'recv_into'));
  }

  override *write(data: unknown): Composed<number | null> {
    this.checkClosed();
    this.checkWritable();
    return yield* this.send(toBytes(data));
  }

  *read(size: unknown): Composed<Buffer | null> {
    const wanted = toIndex(size, -1);
    if (wanted < 0) return yield* this.readall();
    const view = Buffer.from(new ArrayBuffer(Math.min(wanted, LARGEST_READ, constants.MAX_LENGTH)));
    const count = yield* this.receive(view);
    if (count === null) return null;
    const bytes = view.subarray(0, count);
    return count * 2 < view.length ? Buffer.from(bytes) : bytes;
  }

  *readall(): Composed<Buffer | null> {
    const all = new Accumulator();
    try {
      for (;;) {
        const count = yield* this.receive(all.space());
        if (count === null && all.length === 0) return null;
        if (!count) return all.take();
        all.commit(count);
      }
    } catch (error) {
      this.unread([all.take()]);
      throw error;
    }
  }

  /** Byte by byte: what follows the line stays in the socket, for whoever reads it next. */
  override *readline(size: unknown): Composed<Buffer> {
    const limit = toOptionalSize(size);
    const line = new Accumulator(limit < 0 ? undefined : limit);
    try {
      while (line.length !== limit) {
        const byte = line.space().subarray(0, 1);
        const count = yield* this.receive(byte);
        if (count === null) throw notBytes();
        line.commit(count);
        if (count === 0 || byte[0] === NEWLINE) break;
      }
    } catch (error) {
      this.unread([line.take()]);
      throw error;
    }
    return line.take();
  }

  override unread(lines: readonly Buffer[]): void {
    this.#unread = Buffer.concat([...lines, this.#unread]);
  }

  override flush(): Composed<void> {
    return stepless(() => {
      this.checkClosed();
    });
  }

  override close(): Composed<void> {
    return stepless(() => {
      const socket = this.#socket;
      this.#socket = null;
      socket?.release();
    });
  }

  override seek(): never {
    throw unsupported('seek');
  }

  override tell(): never {
    throw unsupported('seek');
  }

  override truncate(): Composed<never> {
    return stepless(() => {
      throw unsupported('truncate');
    });
  }
}
