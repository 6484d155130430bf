// The logic of `TextIOWrapper`: text over a buffered file.

import { BlockingIOError, OSError, TimeoutError, ValueError } from '../errors.js';
import { errnos } from '../native.js';
import type { Composed } from '../socket/compose.js';
import { argumentName, typeName } from '../types.js';
import { toIndex, toOptionalSize } from './arguments.js';
import type { BufferedCore } from './buffered.js';
import { countCharacters, skipCharacters } from './characters.js';
import { DEFAULT_BUFFER_SIZE, FileCore, unsupported } from './core.js';
import { type Decoder, type Encoder, lookup } from './encodings.js';
import { endOfLine, type Newline, NewlineDecoder, toNewline } from './newlines.js';

/** How a text file encodes and splits its text. */
export interface TextOptions {
  /** Any of Python's names of the encoding; UTF-8 if null or left out. */
  readonly encoding?: string | null | undefined;
  /** What becomes of what cannot be encoded or decoded; `'strict'` if null or left out. */
  readonly errors?: string | null | undefined;
  /** Which line endings end a line, and whether they become `'\n'`; all and yes if left out. */
  readonly newline?: string | null | undefined;
}

const CHUNK_SIZE = DEFAULT_BUFFER_SIZE;
const NOTHING = Buffer.alloc(0);

function toName(value: unknown, argument: string, missing: string): string {
  if (value === null || value === undefined) return missing;
  if (typeof value === 'string') return value;
  throw new TypeError(
    `TextIOWrapper() argument '${argument}' must be str or None, not ${typeName(value)}`,
  );
}

function detached(): ValueError {
  return new ValueError('underlying buffer has been detached');
}

/** The core of `TextIOWrapper`. */
export class TextCore extends FileCore<string> {
  readonly encoding: string;
  readonly errors: string;
  readonly lineBuffering: boolean;
  readonly #overlaps: boolean;
  readonly #newline: Newline;
  readonly #decoder: Decoder | null = null;
  readonly #encoder: Encoder | null = null;
  #buffer: BufferedCore | null;
  /** Decoded text that nobody has read yet begins at #used. */
  #decoded = '';
  #used = 0;
  /** Text that was written and that the buffer has not been given yet; it can be encoded. */
  #pending = '';
  /** Bytes that the buffer did not take because the call that gave them was ended. */
  #untaken: Buffer = NOTHING;

  /**
   * @param overlaps whether calls that read and calls that write may overlap; then it is not the
   *   core but its driver that hands over, before a read, the text that was written
   */
  constructor(
    buffer: BufferedCore,
    options: TextOptions,
    lineBuffering: boolean,
    overlaps = false,
  ) {
    super();
    const encoding = toName(options.encoding, 'encoding', 'UTF-8');
    this.encoding = encoding === 'locale' ? 'UTF-8' : encoding;
    this.errors = toName(options.errors, 'errors', 'strict');
    this.#newline = toNewline(options.newline);
    this.lineBuffering = lineBuffering;
    this.#overlaps = overlaps;
    const codec = lookup(this.encoding);
    if (buffer.readable()) {
      const decoder = codec.decoder(this.errors);
      this.#decoder = this.#newline ? decoder : new NewlineDecoder(decoder, this.#newline === null);
    }
    if (buffer.writable()) this.#encoder = codec.encoder(this.errors);
    this.#buffer = buffer;
  }

  get buffer(): BufferedCore {
    if (this.#buffer === null) throw detached();
    return this.#buffer;
  }

  /** Whether there is text that the buffer has not been given yet. */
  get isPending(): boolean {
    return this.#pending !== '' || this.#untaken.length > 0;
  }

  get isDetached(): boolean {
    return this.#buffer === null;
  }

  get newlines(): string | string[] | null {
    if (this.isDetached) throw detached();
    return this.#decoder instanceof NewlineDecoder ? this.#decoder.newlines : null;
  }

  override get closed(): boolean {
    return this.buffer.closed;
  }

  override get name(): number | undefined {
    return this.buffer.name;
  }

  override fileno(): number {
    return this.buffer.fileno();
  }

  override isatty(): boolean {
    return this.buffer.isatty();
  }

  override readable(): boolean {
    return this.buffer.readable();
  }

  override writable(): boolean {
    return this.buffer.writable();
  }

  override seekable(): boolean {
    return this.buffer.seekable();
  }

  protected override measure(line: string): number {
    return countCharacters(line);
  }

  /** Makes sure that the file can be read, and hands text that was written to the buffer. */
  *#prepareToRead(): Composed<Decoder> {
    this.checkClosed();
    const decoder = this.#decoder;
    if (decoder === null) throw unsupported('not readable');
    if (!this.#overlaps) yield* this.handOver();
    return decoder;
  }

  /** Takes the decoded text up to an index. */
  #takeTo(index: number): string {
    const text = this.#decoded.slice(this.#used, index);
    this.#used = index;
    if (index === this.#decoded.length) {
      this.#decoded = '';
      this.#used = 0;
    }
    return text;
  }

  /** Decodes the next chunk; false at the end, and where the socket would block. */
  *#readChunk(decoder: Decoder, size: number): Composed<boolean> {
    const bytes = yield* this.buffer.receive(Math.max(CHUNK_SIZE, size));
    // A character that is cut off is no error yet where the socket would block: the rest may come.
    if (bytes === null) return false;
    const text = decoder.decode(bytes, bytes.length === 0);
    this.#decoded = this.#decoded.slice(this.#used) + text;
    this.#used = 0;
    return bytes.length > 0 || text !== '';
  }

  /** `read(size)` if so much text has been decoded, else undefined; never throws. */
  readReady(size: unknown): string | undefined {
    if (typeof size !== 'number' || (size | 0) !== size || size < 0) return undefined;
    if (!this.#isQuick) return undefined;
    const end = skipCharacters(this.#decoded, this.#used, size);
    const isThere = end < this.#decoded.length || size === 0;
    return isThere ? this.#takeTo(end) : undefined;
  }

  /** `readline()` if a whole line has been decoded, else undefined; never throws. */
  readlineReady(size: unknown): string | undefined {
    if (size !== undefined || !this.#isQuick) return undefined;
    const end = endOfLine(this.#decoded, this.#used, this.#newline);
    return end < 0 ? undefined : this.#takeTo(end);
  }

  /** Whether reading is possible and needs no step before. */
  get #isQuick(): boolean {
    if (this.#decoder === null || this.isPending || this.isDetached) return false;
    return !this.closed;
  }

  *read(size: unknown): Composed<string> {
    const wanted = toOptionalSize(size);
    const decoder = yield* this.#prepareToRead();
    if (wanted < 0) return yield* this.#readAll(decoder);
    const parts: string[] = [];
    let missing = wanted;
    try {
      for (;;) {
        const part = this.#takeTo(skipCharacters(this.#decoded, this.#used, missing));
        parts.push(part);
        missing -= countCharacters(part);
        if (missing === 0 || !(yield* this.#readChunk(decoder, missing))) break;
      }
    } catch (error) {
      this.#putBack(parts, error);
    }
    return parts.join('');
  }

  *#readAll(decoder: Decoder): Composed<string> {
    const bytes = yield* this.buffer.read(-1);
    if (bytes === null) throw new BlockingIOError(errnos.EAGAIN as number, 'Read returned None.');
    const rest = decoder.decode(bytes, true);
    return this.#takeTo(this.#decoded.length) + rest;
  }

  /** Text collected for a read that failed is still there for the next one, but see the reader. */
  #putBack(parts: readonly string[], error: unknown): never {
    if (!(error instanceof TimeoutError)) this.unread(parts);
    throw error;
  }

  override unread(parts: readonly string[]): void {
    this.#decoded = parts.join('') + this.#decoded.slice(this.#used);
    this.#used = 0;
  }

  override *readline(size: unknown): Composed<string> {
    const limit = toIndex(size, -1);
    const decoder = yield* this.#prepareToRead();
    const parts: string[] = [];
    let left = limit < 0 ? Number.POSITIVE_INFINITY : limit;
    try {
      for (;;) {
        const end = this.#endOfLine(left);
        if (end >= 0) return parts.join('') + this.#takeTo(end);
        const part = this.#takeTo(this.#endOfSearched());
        parts.push(part);
        if (limit >= 0) left -= countCharacters(part);
        if (yield* this.#readChunk(decoder, 0)) continue;
        return parts.join('') + this.#takeTo(this.#decoded.length);
      }
    } catch (error) {
      return this.#putBack(parts, error);
    }
  }

  /** Where the line, of so many characters at most, ends in the decoded text; -1 if it goes on. */
  #endOfLine(limit: number): number {
    const end = endOfLine(this.#decoded, this.#used, this.#newline);
    if (limit === Number.POSITIVE_INFINITY) return end;
    const last = skipCharacters(this.#decoded, this.#used, limit);
    if (end >= 0) return Math.min(end, last);
    return countCharacters(this.#decoded.slice(this.#used, last)) === limit ? last : -1;
  }

  /** Half of a line ending "\r\n" is searched again together with what follows it. */
  #endOfSearched(): number {
    const { length } = this.#decoded;
    const isHalf = this.#newline === '\r\n' && this.#decoded.charCodeAt(length - 1) === 0x0d;
    return isHalf && length > this.#used ? length - 1 : length;
  }

  /** `write(text)` if it needs no step, else undefined; never throws. */
  writeReady(text: unknown): number | undefined {
    if (typeof text !== 'string' || this.#encoder === null || this.lineBuffering) return undefined;
    if (this.#pending.length + text.length >= CHUNK_SIZE || this.isDetached) return undefined;
    if (this.closed || !this.#encoder.accepts(text)) return undefined;
    this.#pending += this.#translate(text);
    return countCharacters(text);
  }

  /** The text with the line endings to be written. */
  #translate(text: string): string {
    const newline = this.#newline;
    return newline === '\r' || newline === '\r\n' ? text.replaceAll('\n', newline) : text;
  }

  override *write(text: unknown): Composed<number> {
    if (typeof text !== 'string') {
      throw new TypeError(`write() argument must be str, not ${argumentName(text)}`);
    }
    this.checkClosed();
    const encoder = this.#encoder;
    if (encoder === null) throw unsupported('not writable');
    const translated = this.#translate(text);
    const isAccepted = encoder.accepts(text);
    if (!isAccepted || this.#pending.length + text.length > CHUNK_SIZE) {
      yield* this.handOver();
      if (!isAccepted) yield* this.buffer.write(encoder.encode(translated));
    }
    if (isAccepted) this.#pending += translated;
    const flushes = this.lineBuffering && /[\r\n]/.test(text);
    if (flushes || this.#pending.length >= CHUNK_SIZE) yield* this.handOver();
    if (flushes) yield* this.buffer.flush();
    return countCharacters(text);
  }

  /** Gives the buffer the text that was written so far. */
  *handOver(): Composed<void> {
    if (this.#encoder === null || !this.isPending) return;
    const { buffer } = this;
    const bytes = Buffer.concat([this.#untaken, this.#encoder.encode(this.#pending)]);
    this.#pending = '';
    this.#untaken = NOTHING;
    const before = buffer.taken;
    try {
      yield* buffer.write(bytes);
    } catch (error) {
      // What the socket refuses is lost, as in Python. Who was aborted may go on.
      if (!(error instanceof OSError)) this.#untaken = bytes.subarray(buffer.taken - before);
      throw error;
    }
  }

  override *flush(): Composed<void> {
    this.checkClosed();
    yield* this.handOver();
    yield* this.buffer.flush();
  }

  override *close(): Composed<void> {
    const { buffer } = this;
    if (buffer.closed) return;
    try {
      yield* this.flush();
    } finally {
      yield* buffer.close();
    }
  }

  *detach(): Composed<BufferedCore> {
    const { buffer } = this;
    yield* this.flush();
    this.#buffer = null;
    return buffer;
  }

  override seek(): never {
    this.checkClosed();
    throw unsupported('underlying stream is not seekable');
  }

  override tell(): never {
    return this.seek();
  }

  override *truncate(): Composed<never> {
    yield* this.flush();
    return yield* this.buffer.truncate();
  }
}
