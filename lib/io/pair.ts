// The logic of `BufferedRWPair`: a reader and a writer on one raw file.

import type { Composed } from '../socket/compose.js';
import { BufferedCore } from './buffered.js';
import { stepless, unsupported } from './core.js';
import type { RawCore } from './raw.js';
import { ReaderCore } from './reader.js';
import { WriterCore } from './writer.js';

/** The core of `BufferedRWPair`. */
export class PairCore extends BufferedCore {
  readonly reader: ReaderCore;
  readonly writer: WriterCore;

  constructor(reader: RawCore, writer: RawCore, bufferSize: number) {
    super();
    reader.checkReadable();
    writer.checkWritable();
    this.reader = new ReaderCore(reader, bufferSize);
    this.writer = new WriterCore(writer, bufferSize);
  }

  override get closed(): boolean {
    return this.writer.closed;
  }

  override get taken(): number {
    return this.writer.taken;
  }

  override get name(): undefined {
    return undefined;
  }

  override fileno(): never {
    throw unsupported('fileno');
  }

  override isatty(): boolean {
    return this.writer.isatty() || this.reader.isatty();
  }

  override readable(): boolean {
    return this.reader.readable();
  }

  override writable(): boolean {
    return this.writer.writable();
  }

  override seekable(): boolean {
    return false;
  }

  override read(size: unknown): Composed<Buffer | null> {
    return this.reader.read(size);
  }

  override receive(size: number): Composed<Buffer | null> {
    return this.reader.receive(size);
  }

  override readinto(buffer: unknown): Composed<number | null> {
    return this.reader.readinto(buffer);
  }

  override readinto1(buffer: unknown): Composed<number | null> {
    return this.reader.readinto1(buffer);
  }

  override peek(size: unknown): Composed<Buffer> {
    return this.reader.peek(size);
  }

  /** Python finds the line with `peek` and `read`, which tell in their own words what is wrong. */
  override readline(size: unknown): Composed<Buffer> {
    return this.reader.line(size, 'peek of closed file', true);
  }

  override unread(lines: readonly Buffer[]): void {
    this.reader.unread(lines);
  }

  override write(data: unknown): Composed<number> {
    return this.writer.write(data);
  }

  override flush(): Composed<void> {
    return this.writer.flush();
  }

  override *close(): Composed<void> {
    try {
      yield* this.writer.close();
    } finally {
      yield* this.reader.close();
    }
  }

  override detach(): Composed<never> {
    return stepless(() => {
      throw unsupported('detach');
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
