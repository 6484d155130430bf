// What the buffered file objects share: a raw file, from which they can be detached.

import { bufferConstants as constants } from '../builtins.js';
import { MemoryError, ValueError } from '../errors.js';
import { toBytes } from '../socket/bytes.js';
import type { Composed } from '../socket/compose.js';
import { toIndex } from './arguments.js';
import { FileCore, unsupported } from './core.js';
import type { RawCore } from './raw.js';

/** The size of a buffer in bytes. */
export function toBufferSize(value: unknown): number {
  const size = toIndex(value, 0);
  if (size <= 0) throw new ValueError('buffer size must be strictly positive');
  if (size > constants.MAX_LENGTH) throw new MemoryError('');
  return size;
}

/** The core of a buffered file object; what a kind cannot do throws `UnsupportedOperation`. */
export abstract class BufferedCore extends FileCore<Buffer> {
  abstract read(size: unknown): Composed<Buffer | null>;
  /** One read for the text layer: null if the socket would block, empty at the end. */
  abstract receive(size: number): Composed<Buffer | null>;
  abstract readinto(buffer: unknown): Composed<number | null>;
  abstract readinto1(buffer: unknown): Composed<number | null>;
  abstract peek(size: unknown): Composed<Buffer>;
  abstract detach(): Composed<RawCore>;

  /** How many bytes were taken to be sent so far, by calls that failed, too. */
  get taken(): number {
    return 0;
  }

  *read1(size: unknown): Composed<Buffer> {
    return (yield* this.receive(toIndex(size, -1))) ?? Buffer.alloc(0);
  }
}

/** A buffered file object in front of one raw file that it owns. */
export abstract class OwningCore extends BufferedCore {
  readonly bufferSize: number;
  #raw: RawCore | null;

  constructor(raw: RawCore, bufferSize: number) {
    super();
    this.#raw = raw;
    this.bufferSize = toBufferSize(bufferSize);
  }

  get raw(): RawCore {
    if (this.#raw === null) throw new ValueError('raw stream has been detached');
    return this.#raw;
  }

  get isDetached(): boolean {
    return this.#raw === null;
  }

  override get closed(): boolean {
    return this.raw.closed;
  }

  override get name(): number {
    return this.raw.name;
  }

  override fileno(): number {
    return this.raw.fileno();
  }

  override isatty(): boolean {
    return this.raw.isatty();
  }

  override seekable(): boolean {
    return this.raw.seekable();
  }

  override *detach(): Composed<RawCore> {
    const { raw } = this;
    yield* this.flush();
    this.#raw = null;
    return raw;
  }

  override *close(): Composed<void> {
    const { raw } = this;
    if (raw.closed) return;
    try {
      yield* this.flush();
    } finally {
      yield* raw.close();
    }
  }

  override seek(_offset: unknown, whence: unknown): never {
    const from = toIndex(whence, 0);
    // lseek(2) goes from SEEK_SET to SEEK_HOLE.
    if (from < 0 || from > 4) throw new ValueError(`whence value ${from} unsupported`);
    this.checkClosed('seek of closed file');
    throw unsupported('File or stream is not seekable.');
  }

  override tell(): never {
    return this.raw.tell();
  }

  override *truncate(): Composed<never> {
    this.checkClosed('truncate of closed file');
    return yield* this.raw.truncate();
  }
}

/** The memory that `readinto` and `readinto1` fill. */
export function toReadInto(buffer: unknown, method: 'readinto' | 'readinto1'): Uint8Array {
  return toBytes(
    buffer,
    `${method}() argument must be read-write bytes-like object, not {argument}`,
  );
}
