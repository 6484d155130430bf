// `BytesIO`: a binary file in memory.

import { ValueError } from '../errors.js';
import { INSPECT, pythonRepr } from '../repr.js';
import { toWritable } from '../socket/arguments.js';
import { type BytesLike, toBytes } from '../socket/bytes.js';
import { integerOf, notAnInteger } from '../types.js';
import { toIterable, toOptionalSize } from './arguments.js';

const NEWLINE = 0x0a;

/**
 * A binary file in memory. Like Python's `io.BytesIO`: `rfile` and `wfile` of a datagram handler.
 *
 * @param initial_bytes what the file holds at first; its position is in front of it
 */
export class BytesIO {
  /** The memory, of which the first `#length` bytes are the file. */
  #bytes: Buffer;
  #length: number;
  #position = 0;
  #isClosed = false;

  constructor(initial_bytes: BytesLike | null = null) {
    this.#bytes = initial_bytes === null ? Buffer.alloc(0) : Buffer.from(toBytes(initial_bytes));
    this.#length = this.#bytes.length;
  }

  /** Whether the file has been closed. */
  get closed(): boolean {
    return this.#isClosed;
  }

  /** True. @throws ValueError if the file is closed */
  readable(): boolean {
    this.#checkClosed();
    return true;
  }

  /** True. @throws ValueError if the file is closed */
  writable(): boolean {
    return this.readable();
  }

  /** True. @throws ValueError if the file is closed */
  seekable(): boolean {
    return this.readable();
  }

  /** False. @throws ValueError if the file is closed */
  isatty(): boolean {
    return !this.readable();
  }

  /** Does nothing. @throws ValueError if the file is closed */
  flush(): void {
    this.#checkClosed();
  }

  /** Closes the file, and lets its memory go. */
  close(): void {
    this.#isClosed = true;
    this.#bytes = Buffer.alloc(0);
  }

  /** A copy of all that the file holds, wherever its position is. */
  getvalue(): Buffer {
    this.#checkClosed();
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }

  /** All that the file holds, without a copy: writing to it changes the file. */
  getbuffer(): Buffer {
    this.#checkClosed();
    return this.#bytes.subarray(0, this.#length);
  }

  /**
   * Reads bytes, fewer at the end.
   *
   * @param size the number of bytes; all until the end if negative, null or left out
   */
  read(size?: number | null): Buffer {
    this.#checkClosed();
    return this.#take(toOptionalSize(size));
  }

  /** Like {@link BytesIO.read}. */
  read1(size?: number | null): Buffer {
    return this.read(size);
  }

  /** Reads into the caller's memory; gives how many bytes, 0 at the end. */
  readinto(buffer: BytesLike): number {
    this.#checkClosed();
    const view = toWritable(buffer, 'readinto');
    const bytes = this.#take(view.length);
    view.set(bytes);
    return bytes.length;
  }

  /** Reads a line with its ending, at most `size` bytes of it; nothing at the end. */
  readline(size?: number | null): Buffer {
    this.#checkClosed();
    const limit = toOptionalSize(size);
    const rest = this.#bytes.subarray(this.#position, Math.max(this.#position, this.#length));
    const end = rest.indexOf(NEWLINE);
    const length = end < 0 ? rest.length : end + 1;
    return this.#take(limit < 0 ? length : Math.min(limit, length));
  }

  /** Reads lines until the end, or until they have `hint` bytes. */
  readlines(hint?: number | null): Buffer[] {
    const limit = toOptionalSize(hint);
    const lines: Buffer[] = [];
    let total = 0;
    for (const line of this) {
      lines.push(line);
      total += line.length;
      if (limit > 0 && total >= limit) break;
    }
    return lines;
  }

  /** Writes bytes at the position, over what is there; gives how many. */
  write(data: BytesLike): number {
    this.#checkClosed();
    const view = toBytes(data);
    if (view.length === 0) return 0;
    const end = this.#position + view.length;
    this.#reserve(end);
    this.#bytes.set(view, this.#position);
    this.#length = Math.max(this.#length, end);
    this.#position = end;
    return view.length;
  }

  /** Writes each of the items. */
  writelines(lines: Iterable<BytesLike>): void {
    this.#checkClosed();
    for (const line of toIterable(lines)) this.write(line as BytesLike);
  }

  /**
   * Moves the position.
   *
   * @param offset bytes, which may lie beyond the end
   * @param whence 0 counts from the beginning, 1 from the position, 2 from the end
   * @returns the position
   */
  seek(offset: number, whence = 0): number {
    this.#checkClosed();
    const distance = toOffset(offset);
    if (whence === 0 && distance < 0) throw new ValueError(`negative seek value ${distance}`);
    if (whence !== 0 && whence !== 1 && whence !== 2) {
      throw new ValueError(`invalid whence (${pythonRepr(whence)}, should be 0, 1 or 2)`);
    }
    const start = [0, this.#position, this.#length][whence] as number;
    this.#position = Math.max(0, start + distance);
    return this.#position;
  }

  /** The position, in bytes from the beginning. */
  tell(): number {
    this.#checkClosed();
    return this.#position;
  }

  /** Cuts the file at `size`, or at the position; gives that size. The position stays. */
  truncate(size?: number | null): number {
    this.#checkClosed();
    const isGiven = size !== undefined && size !== null;
    const end = isGiven ? toOptionalSize(size) : this.#position;
    if (end < 0) throw new ValueError(`negative size value ${end}`);
    // What is written beyond the end later must not bring the old bytes back.
    this.#bytes.fill(0, Math.min(end, this.#length));
    this.#length = Math.min(end, this.#length);
    return end;
  }

  /** The lines until the end. */
  *[Symbol.iterator](): IterableIterator<Buffer> {
    for (;;) {
      const line = this.readline();
      if (line.length === 0) return;
      yield line;
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.close();
  }

  [INSPECT](): string {
    return this.#isClosed ? '<_io.BytesIO (closed)>' : `<_io.BytesIO of ${this.#length} bytes>`;
  }

  #checkClosed(): void {
    if (this.#isClosed) throw new ValueError('I/O operation on closed file.');
  }

  #take(size: number): Buffer {
    const rest = Math.max(0, this.#length - this.#position);
    const count = size < 0 ? rest : Math.min(size, rest);
    const start = this.#position;
    this.#position += count;
    return Buffer.from(this.#bytes.subarray(start, start + count));
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(size, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

function toOffset(value: unknown): number {
  const integer = integerOf(value);
  if (integer === undefined) throw notAnInteger(value);
  return Number(integer);
}
