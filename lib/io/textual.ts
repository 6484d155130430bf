// The public face of text file objects, once for both flavours.

import type { BufferedCore } from './buffered.js';
import {
  CORE,
  DRIVE,
  type Flavour,
  IOBase,
  type Optional,
  type Outcome,
  type Waits,
} from './files.js';
import type { TextCore } from './text.js';

/** A buffered file that a text file can be put in front of. */
export interface Buffered {
  readonly [CORE]: BufferedCore;
}

/** A text file. Like Python's `io.TextIOBase` and `io.TextIOWrapper`. */
export abstract class TextIOBase<F extends Flavour, B extends Buffered> extends IOBase<
  F,
  string,
  TextCore
> {
  /** The mode given to `makefile()`. */
  mode?: string;

  /** The binary file; null once detached. */
  get buffer(): B | null {
    const core = this[CORE];
    return core.isDetached ? null : (core.buffer.owner as B);
  }

  /** The socket's descriptor, -1 once closed; undefined for files that read and write. */
  get name(): number | undefined {
    return this[CORE].name;
  }

  /** The name of the encoding, as it was given. */
  get encoding(): string {
    return this[CORE].encoding;
  }

  /** The error mode: `'strict'`, `'replace'`, … */
  get errors(): string {
    return this[CORE].errors;
  }

  /** The line endings read so far: null for none, one, or an array of them. */
  get newlines(): string | string[] | null {
    return this[CORE].newlines;
  }

  /** Whether writing a line ending flushes. */
  get line_buffering(): boolean {
    return this[CORE].lineBuffering;
  }

  /** False: text is collected before it is written to the buffer. */
  get write_through(): boolean {
    return false;
  }

  /**
   * Reads text.
   *
   * @param size the number of characters (code points); all until the end if negative or left out
   * @throws UnicodeDecodeError if the bytes are no text and `errors` is `'strict'`
   * @throws BlockingIOError without a size, if the socket does not wait and there is nothing
   */
  read(size?: Optional<F, number | null>, ...options: Waits<F>): Outcome<F, string> {
    return this[DRIVE]('read', (given) => this[CORE].read(given), size, options[0]);
  }

  /**
   * Writes text.
   *
   * @returns the number of its characters (code points)
   * @throws UnicodeEncodeError if the encoding lacks a character and `errors` is `'strict'`
   */
  write(text: string, ...options: Waits<F>): Outcome<F, number> {
    return this[DRIVE]('write', (given) => this[CORE].write(given), text, options[0]);
  }

  /** Flushes, and separates the binary file from the text file, which is of no use any more. */
  detach(...options: Waits<F>): Outcome<F, B> {
    return this[DRIVE]('all', () => detachedOwner(this[CORE]), undefined, options[0]) as Outcome<
      F,
      B
    >;
  }

  override toString(): string {
    const name = this[CORE].isDetached ? undefined : this.name;
    const shown = name === undefined ? '' : ` name=${name}`;
    const mode = this.mode === undefined ? '' : ` mode='${this.mode}'`;
    return `<_io.TextIOWrapper${shown}${mode} encoding='${this.encoding}'>`;
  }
}

function* detachedOwner(core: TextCore) {
  return (yield* core.detach()).owner;
}
