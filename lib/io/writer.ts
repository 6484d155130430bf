// The logic of `BufferedWriter`: collecting small writes into few system calls.

import { BlockingIOError } from '../errors.js';
import { errnos } from '../native.js';
import { isPlainBytes, toBytes } from '../socket/bytes.js';
import type { Composed } from '../socket/compose.js';
import { toIndex, toOptionalSize } from './arguments.js';
import { OwningCore, toReadInto } from './buffered.js';
import { stepless, unsupported } from './core.js';
import type { RawCore } from './raw.js';

/** Thrown when a buffered write finds the socket's send buffer full. */
function wouldBlock(taken: number): BlockingIOError {
  const error = new BlockingIOError(
    errnos.EAGAIN as number,
    'write could not complete without blocking',
  );
  error.characters_written = taken;
  return error;
}

/** The core of `BufferedWriter`, and the writing half of `BufferedRWPair`. */
export class WriterCore extends OwningCore {
  /** Bytes to be sent are those from #start to #end. */
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #taken = 0;

  constructor(raw: RawCore, bufferSize: number) {
    raw.checkWritable();
    super(raw, bufferSize);
  }

  override get taken(): number {
    return this.#taken;
  }

  override readable(): boolean {
    return false;
  }

  override writable(): boolean {
    return this.raw.writable();
  }

  /** `write(data)` if it fits into the buffer, else undefined; never throws. */
  writeReady(data: unknown): number | undefined {
    if (!isPlainBytes(data) || this.isDetached) return undefined;
    const isRoomy = data.length < this.bufferSize && data.length <= this.bufferSize - this.#end;
    if (!isRoomy || this.closed) return undefined;
    this.#append(data);
    return data.length;
  }

  #append(data: Uint8Array): void {
    if (this.#bytes.length === 0) this.#bytes = Buffer.from(new ArrayBuffer(this.bufferSize));
    this.#bytes.set(data, this.#end);
    this.#end += data.length;
    this.#taken += data.length;
  }

  override *write(data: unknown): Composed<number> {
    const view = toBytes(data);
    this.checkClosed('write to closed file');
    if (view.length < this.bufferSize && view.length <= this.bufferSize - this.#end) {
      this.#append(view);
      return view.length;
    }
    if (!(yield* this.#drain())) return this.#keepWhatFits(view);
    return yield* this.#writeThrough(view);
  }

  /** The buffer cannot be emptied: takes the data into what room there is. */
  #keepWhatFits(view: Uint8Array): number {
    this.#bytes.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    const taken = Math.min(view.length, this.bufferSize - this.#end);
    this.#append(view.subarray(0, taken));
    if (taken < view.length) throw wouldBlock(taken);
    return taken;
  }

  /** Sends what exceeds the empty buffer straight from the caller's memory. */
  *#writeThrough(view: Uint8Array): Composed<number> {
    let written = 0;
    while (view.length - written > this.bufferSize) {
      const count = yield* this.raw.send(view.subarray(written));
      if (count === null) {
        this.#append(view.subarray(written, written + this.bufferSize));
        throw wouldBlock(written + this.bufferSize);
      }
      written += count;
      this.#taken += count;
    }
    if (written < view.length) this.#append(view.subarray(written));
    return view.length;
  }

  /** Sends what the buffer holds; false if the socket would block before all of it went. */
  *#drain(): Composed<boolean> {
    while (this.#start < this.#end) {
      const count = yield* this.raw.send(this.#bytes.subarray(this.#start, this.#end));
      if (count === null) return false;
      this.#start += count;
    }
    this.#start = 0;
    this.#end = 0;
    return true;
  }

  override *flush(): Composed<void> {
    this.checkClosed('flush of closed file');
    if (!(yield* this.#drain())) throw wouldBlock(0);
  }

  override *truncate(): Composed<never> {
    this.checkClosed('truncate of closed file');
    yield* this.flush();
    return yield* this.raw.truncate();
  }

  override read(size: unknown): Composed<never> {
    return stepless(() => {
      toIndex(size ?? undefined, -1);
      throw unsupported('read');
    });
  }

  override receive(): Composed<never> {
    return stepless(() => {
      throw unsupported('read1');
    });
  }

  override readinto(buffer: unknown): Composed<never> {
    return stepless(() => {
      toReadInto(buffer, 'readinto');
      throw unsupported('read');
    });
  }

  override readinto1(buffer: unknown): Composed<never> {
    return stepless(() => {
      toReadInto(buffer, 'readinto1');
      throw unsupported('read1');
    });
  }

  override readline(size: unknown): Composed<Buffer> {
    return stepless(() => {
      if (toOptionalSize(size) === 0) return Buffer.alloc(0);
      throw unsupported('read');
    });
  }

  /** There is nothing that was read. */
  override unread(): void {}

  override peek(): Composed<never> {
    return stepless(() => {
      throw unsupported('peek');
    });
  }
}
