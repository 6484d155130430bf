// The public face of binary file objects, once for both flavours.

import type { BytesLike } from '../socket/bytes.js';
import type { BufferedCore, OwningCore } from './buffered.js';
import {
  CORE,
  DRIVE,
  type Driver,
  type Flavour,
  IOBase,
  type Optional,
  type Outcome,
  type Waits,
} from './files.js';
import { RawCore, type RawMode, type RawSocket } from './raw.js';

/** An unbuffered file on a socket. Like Python's `io.RawIOBase` and `socket.SocketIO`. */
export abstract class RawIOBase<F extends Flavour> extends IOBase<F, Buffer, RawCore> {
  protected constructor(socket: RawSocket, mode: RawMode, drive: Driver<F>) {
    super(new RawCore(socket, mode), drive);
  }

  /** The socket's descriptor, -1 once closed. */
  get name(): number {
    return this[CORE].name;
  }

  /** `'rb'`, `'wb'` or `'rwb'`. */
  get mode(): 'rb' | 'wb' | 'rwb' {
    return this[CORE].mode;
  }

  /**
   * Receives once.
   *
   * @param size the most bytes to read; all until the end if negative or left out
   * @returns empty at the end; null if the socket does not wait and there is nothing
   * @throws TimeoutError after which the file refuses to be read
   */
  read(size?: Optional<F, number>, ...options: Waits<F>): Outcome<F, Buffer | null> {
    return this[DRIVE]('read', (given) => this[CORE].read(given), size, options[0]);
  }

  /** Reads until the end; null if the socket does not wait and there is nothing. */
  readall(...options: Waits<F>): Outcome<F, Buffer | null> {
    return this[DRIVE]('read', () => this[CORE].readall(), undefined, options[0]);
  }

  /**
   * Receives once into the caller's memory.
   *
   * @returns the number of bytes, 0 at the end; null if the socket does not wait and has none
   */
  readinto(buffer: BytesLike, ...options: Waits<F>): Outcome<F, number | null> {
    return this[DRIVE]('read', (given) => this[CORE].readinto(given), buffer, options[0]);
  }

  /**
   * Sends once.
   *
   * @returns how many of the bytes went; null if the socket does not wait and none did
   */
  write(data: BytesLike, ...options: Waits<F>): Outcome<F, number | null> {
    return this[DRIVE]('write', (given) => this[CORE].write(given), data, options[0]);
  }

  override toString(): string {
    return super.toString().replace('<', '<socket.');
  }
}

/** A binary file with a buffer. Like Python's `io.BufferedIOBase`. */
export abstract class BufferedIOBase<F extends Flavour, Core extends BufferedCore> extends IOBase<
  F,
  Buffer,
  Core
> {
  /**
   * Reads exactly that many bytes, fewer only at the end or where the socket does not wait.
   *
   * @param size the number of bytes; all until the end if -1, null or left out
   * @returns empty at the end; null if the socket does not wait and there is nothing
   */
  read(size?: Optional<F, number | null>, ...options: Waits<F>): Outcome<F, Buffer | null> {
    return this[DRIVE]('read', (given) => this[CORE].read(given), size, options[0]);
  }

  /**
   * Reads what is there, receiving once at most.
   *
   * @param size the most bytes to read; as many as the buffer has if negative or left out
   */
  read1(size?: Optional<F, number>, ...options: Waits<F>): Outcome<F, Buffer> {
    return this[DRIVE]('read', (given) => this[CORE].read1(given), size, options[0]);
  }

  /**
   * Fills the caller's memory, less only at the end or where the socket does not wait.
   *
   * @returns the number of bytes, 0 at the end; null if the socket does not wait and has none
   */
  readinto(buffer: BytesLike, ...options: Waits<F>): Outcome<F, number | null> {
    return this[DRIVE]('read', (given) => this[CORE].readinto(given), buffer, options[0]);
  }

  /** Like {@link BufferedIOBase.readinto}, receiving once at most. */
  readinto1(buffer: BytesLike, ...options: Waits<F>): Outcome<F, number | null> {
    return this[DRIVE]('read', (given) => this[CORE].readinto1(given), buffer, options[0]);
  }

  /**
   * Writes bytes, which are sent when the buffer is full or flushed.
   *
   * @returns how many bytes were given
   * @throws BlockingIOError if the socket does not wait and the buffer is full;
   *   `characters_written` tells how many bytes were taken
   */
  write(data: BytesLike, ...options: Waits<F>): Outcome<F, number> {
    return this[DRIVE]('write', (given) => this[CORE].write(given), data, options[0]) as Outcome<
      F,
      number
    >;
  }

  override toString(): string {
    return super.toString().replace('<', '<_io.');
  }
}

/** A buffered file in front of one raw file. */
export abstract class BufferedFile<
  F extends Flavour,
  Raw extends RawIOBase<F>,
  Core extends OwningCore,
> extends BufferedIOBase<F, Core> {
  /** The unbuffered file; null once detached. */
  get raw(): Raw | null {
    const core = this[CORE];
    return core.isDetached ? null : (core.raw.owner as Raw);
  }

  /** The socket's descriptor, -1 once closed. */
  get name(): number {
    return this[CORE].name;
  }

  /** `'rb'`, `'wb'` or `'rwb'`. */
  get mode(): 'rb' | 'wb' | 'rwb' {
    return this[CORE].raw.mode;
  }

  /** Flushes, and separates the unbuffered file from the buffer, which is of no use any more. */
  detach(...options: Waits<F>): Outcome<F, Raw> {
    return this[DRIVE]('all', () => detachedOwner(this[CORE]), undefined, options[0]) as Outcome<
      F,
      Raw
    >;
  }

  override toString(): string {
    const name = this[CORE].isDetached ? '' : ` name=${this.name}`;
    return `<_io.${this.constructor.name}${name}>`;
  }
}

function* detachedOwner(core: OwningCore) {
  return (yield* core.detach()).owner;
}
