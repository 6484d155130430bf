// The public face of binary file objects, once for both flavours.

import type { BytesLike } from '../socket/bytes.js';
import type { BufferedCore, OwningCore } from './buffered.js';
import { CORE, DRIVE, type Driver, type Flavour, IOBase, type Outcome } from './files.js';
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
  read(size?: number): Outcome<F, Buffer | null> {
    return this[DRIVE](this[CORE].read(size), 'read');
  }

  /** Reads until the end; null if the socket does not wait and there is nothing. */
  readall(): Outcome<F, Buffer | null> {
    return this[DRIVE](this[CORE].readall(), 'read');
  }

  /**
   * Receives once into the caller's memory.
   *
   * @returns the number of bytes, 0 at the end; null if the socket does not wait and has none
   */
  readinto(buffer: BytesLike): Outcome<F, number | null> {
    return this[DRIVE](this[CORE].readinto(buffer), 'read');
  }

  /**
   * Sends once.
   *
   * @returns how many of the bytes went; null if the socket does not wait and none did
   */
  write(data: BytesLike): Outcome<F, number | null> {
    return this[DRIVE](this[CORE].write(data), 'write');
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
  read(size?: number | null): Outcome<F, Buffer | null> {
    return this[DRIVE](this[CORE].read(size), 'read');
  }

  /**
   * Reads what is there, receiving once at most.
   *
   * @param size the most bytes to read; as many as the buffer has if negative or left out
   */
  read1(size?: number): Outcome<F, Buffer> {
    return this[DRIVE](this[CORE].read1(size), 'read');
  }

  /**
   * Fills the caller's memory, less only at the end or where the socket does not wait.
   *
   * @returns the number of bytes, 0 at the end; null if the socket does not wait and has none
   */
  readinto(buffer: BytesLike): Outcome<F, number | null> {
    return this[DRIVE](this[CORE].readinto(buffer), 'read');
  }

  /** Like {@link BufferedIOBase.readinto}, receiving once at most. */
  readinto1(buffer: BytesLike): Outcome<F, number | null> {
    return this[DRIVE](this[CORE].readinto1(buffer), 'read');
  }

  /**
   * Writes bytes, which are sent when the buffer is full or flushed.
   *
   * @returns how many bytes were given
   * @throws BlockingIOError if the socket does not wait and the buffer is full;
   *   `characters_written` tells how many bytes were taken
   */
  write(data: BytesLike): Outcome<F, number> {
    return this[DRIVE](this[CORE].write(data), 'write') as Outcome<F, number>;
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
  detach(): Outcome<F, Raw> {
    return this[DRIVE](detachedOwner(this[CORE]), 'all') as Outcome<F, Raw>;
  }

  override toString(): string {
    const name = this[CORE].isDetached ? '' : ` name=${this.name}`;
    return `<_io.${this.constructor.name}${name}>`;
  }
}

function* detachedOwner(core: OwningCore) {
  return (yield* core.detach()).owner;
}
