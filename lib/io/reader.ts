// The logic of `BufferedReader`: reading ahead, so that small reads need no system call.

import { TimeoutError, ValueError } from '../errors.js';
import type { Composed } from '../socket/compose.js';
import { Accumulator } from './accumulator.js';
import { toIndex, toOptionalSize } from './arguments.js';
import { OwningCore, toReadInto } from './buffered.js';
import { stepless, unsupported } from './core.js';
import { notBytes, type RawCore } from './raw.js';

const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);
/** The most memory that one read allocates before it knows what comes. */
const LARGEST_READ = 16 * 1024 * 1024;

/** Those who read share the memory of buffers up to this size; larger ones are copied from. */
const LARGEST_SHARED = 64 * 1024;
/** How many full reads the memory of a shared buffer serves. */
const FILLS = 4;

/** The core of `BufferedReader`, and the reading half of `BufferedRWPair`. */
export class ReaderCore extends OwningCore {
  /** Bytes read ahead are those from #start to #end. */
  #bytes: Buffer = NOTHING;
  #start = 0;
  #end = 0;

  constructor(raw: RawCore, bufferSize: number) {
    raw.checkReadable();
    super(raw, bufferSize);
  }

  override readable(): boolean {
    return this.raw.readable();
  }

  override writable(): boolean {
    return false;
  }

  /** The bytes read ahead, as they lie in the buffer. */
  #ahead(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /**
   * Takes up to that many of the bytes read ahead. They are the caller's own from then on: memory
   * that was handed out is not read into again.
   */
  #take(size: number): Buffer {
    const end = Math.min(this.#start + size, this.#end);
    const bytes = this.#bytes.subarray(this.#start, end);
    this.#start = end;
    return this.bufferSize > LARGEST_SHARED ? Buffer.from(bytes) : bytes;
  }

  /** Puts bytes back in front of those read ahead. */
  #putBack(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const joined = Buffer.concat([bytes, this.#ahead()]);
    this.#bytes = joined;
    this.#start = 0;
    this.#end = joined.length;
  }

  override unread(lines: readonly Buffer[]): void {
    this.#putBack(Buffer.concat(lines));
  }

  /** Reads ahead once; null if the socket would block, 0 at the end. */
  *#fill(): Composed<number | null> {
    const isShared = this.bufferSize <= LARGEST_SHARED;
    if (this.#start === this.#end && !isShared) {
      this.#start = 0;
      this.#end = 0;
    }
    if (this.#bytes.length - this.#end < this.bufferSize) this.#renew(isShared);
    const count = yield* this.raw.receive(
      this.#bytes.subarray(this.#end, this.#end + this.bufferSize),
    );
    if (count !== null) this.#end += count;
    return count;
  }

  /** Makes room in new memory; what has been read ahead moves there. */
  #renew(isShared: boolean): void {
    const ahead = this.#ahead();
    const room = this.bufferSize * (isShared ? FILLS : 1);
    const renewed = Buffer.from(new ArrayBuffer(ahead.length + room));
    renewed.set(ahead);
    this.#bytes = renewed;
    this.#start = 0;
    this.#end = ahead.length;
  }

  /**
   * What was collected for a read that failed: an interrupted read loses nothing. After a timeout
   * the file refuses to be read, so there the bytes are dropped, as in Python.
   */
  #rescue(collected: Uint8Array, error: unknown): never {
    if (!(error instanceof TimeoutError)) this.#putBack(collected);
    throw error;
  }

  /** `read(size)` if the bytes have been read ahead, else undefined; never throws. */
  readReady(size: unknown): Buffer | undefined {
    if (typeof size !== 'number' || (size | 0) !== size || size < 0) return undefined;
    if (size > this.#end - this.#start || this.isDetached || this.closed) return undefined;
    return this.#take(size);
  }

  /** `readline()` if a whole line has been read ahead, else undefined; never throws. */
  readlineReady(size: unknown): Buffer | undefined {
    if (size !== undefined || this.isDetached || this.closed) return undefined;
    if (this.#start === this.#end) return undefined;
    const newline = this.#bytes.indexOf(NEWLINE, this.#start);
    if (newline < 0 || newline >= this.#end) return undefined;
    return this.#take(newline + 1 - this.#start);
  }

  override *read(size: unknown): Composed<Buffer | null> {
    const wanted = toOptionalSize(size);
    if (wanted < -1) throw new ValueError('read length must be non-negative or -1');
    this.checkClosed('read of closed file');
    if (wanted === -1) return yield* this.#readAll();
    if (wanted <= this.#end - this.#start) return this.#take(wanted);
    const collected = new Accumulator(wanted);
    collected.append(this.#take(wanted));
    try {
      while (collected.length < wanted) {
        const count = yield* this.#readMore(collected, wanted - collected.length);
        if (count === null && collected.length === 0) return null;
        if (!count) break;
      }
    } catch (error) {
      this.#rescue(collected.take(), error);
    }
    return collected.take();
  }

  /** Whole blocks are received where they belong, the rest is read ahead. */
  *#readMore(collected: Accumulator, missing: number): Composed<number | null> {
    const blocks = missing - (missing % this.bufferSize);
    if (blocks > 0) {
      const count = yield* this.raw.receive(collected.space().subarray(0, blocks));
      if (count !== null) collected.commit(count);
      return count;
    }
    const count = yield* this.#fill();
    collected.append(this.#take(missing));
    return count;
  }

  *#readAll(): Composed<Buffer | null> {
    const ahead = this.#take(Number.POSITIVE_INFINITY);
    let rest: Buffer | null;
    try {
      rest = yield* this.raw.readall();
    } catch (error) {
      this.#rescue(ahead, error);
    }
    if (ahead.length === 0) return rest;
    return rest === null || rest.length === 0 ? ahead : Buffer.concat([ahead, rest]);
  }

  override *receive(size: number): Composed<Buffer | null> {
    this.checkClosed('read of closed file');
    const wanted = size < 0 ? this.bufferSize : size;
    if (wanted === 0) return NOTHING;
    if (this.#end > this.#start) return this.#take(wanted);
    const view = Buffer.from(new ArrayBuffer(Math.min(wanted, LARGEST_READ)));
    const count = yield* this.raw.receive(view);
    if (count === null) return null;
    return count * 2 < view.length ? Buffer.from(view.subarray(0, count)) : view.subarray(0, count);
  }

  override readinto(buffer: unknown): Composed<number | null> {
    return this.#readInto(buffer, 'readinto');
  }

  override readinto1(buffer: unknown): Composed<number | null> {
    return this.#readInto(buffer, 'readinto1');
  }

  *#readInto(buffer: unknown, method: 'readinto' | 'readinto1'): Composed<number | null> {
    const target = toReadInto(buffer, method);
    this.checkClosed('readinto of closed file');
    let written = this.#copyTo(target);
    try {
      while (written < target.length) {
        const once = method === 'readinto1';
        if (once && written > 0) break;
        const rest = target.subarray(written);
        const isDirect = rest.length > this.bufferSize;
        const count = yield* isDirect ? this.raw.receive(rest) : this.#fill();
        if (count === null && written === 0) return null;
        if (!count) break;
        written += isDirect ? count : this.#copyTo(rest);
      }
    } catch (error) {
      this.#rescue(target.subarray(0, written), error);
    }
    return written;
  }

  /** Moves bytes read ahead to the caller's memory. */
  #copyTo(target: Uint8Array): number {
    const count = Math.min(target.length, this.#end - this.#start);
    target.set(this.#bytes.subarray(this.#start, this.#start + count));
    this.#start += count;
    return count;
  }

  override *peek(size: unknown): Composed<Buffer> {
    toIndex(size, 0);
    this.checkClosed('peek of closed file');
    if (this.#start === this.#end) yield* this.#fill();
    return Buffer.from(this.#ahead());
  }

  override readline(size: unknown): Composed<Buffer> {
    return this.line(size, 'readline of closed file', false);
  }

  /** `readline`; a strict one throws, and loses nothing, if the socket would block. */
  *line(size: unknown, closedText: string, isStrict: boolean): Composed<Buffer> {
    const limit = toOptionalSize(size);
    this.checkClosed(closedText);
    const most = limit < 0 ? Number.POSITIVE_INFINITY : limit;
    const line = new Accumulator();
    try {
      while (line.length < most) {
        if (this.#start === this.#end) {
          const count = yield* this.#fill();
          if (count === null && isStrict) throw notBytes();
          if (!count) break;
        }
        const newline = this.#ahead().indexOf(NEWLINE);
        const room = most - line.length;
        const part = newline < 0 ? room : Math.min(newline + 1, room);
        line.append(this.#take(part));
        if (newline >= 0 && newline < part) break;
      }
    } catch (error) {
      this.#rescue(line.take(), error);
    }
    return line.take();
  }

  override write(): Composed<number | null> {
    return stepless(() => {
      throw unsupported('write');
    });
  }

  override *flush(): Composed<void> {
    yield* this.raw.flush();
  }
}
