// What the cores of all file objects share. A core holds a file's state and logic, once for both
// flavours; its methods are made of steps. The public objects in front of the cores drive them.

import { TimeoutError, UnsupportedOperation, ValueError } from '../errors.js';
import type { Composed } from '../socket/compose.js';
import { toIterable, toOptionalSize } from './arguments.js';

/** Python's `io.DEFAULT_BUFFER_SIZE`, in bytes. */
export const DEFAULT_BUFFER_SIZE = 8192;

/** A refusal of something that files on sockets, or of this kind, never can. */
export function unsupported(text: string): UnsupportedOperation {
  return new UnsupportedOperation(text);
}

/** A call that needs no step, but throws and answers where the others do. */
// biome-ignore lint/correctness/useYield: calls without steps exist.
export function* stepless<T>(call: () => T): Composed<T> {
  return call();
}

/** The state and the logic of a file object whose lines are of that type. */
export abstract class FileCore<Line extends Buffer | string> {
  /** The public object in front of this core. */
  owner: object | undefined;

  abstract get closed(): boolean;
  abstract readable(): boolean;
  abstract writable(): boolean;
  abstract seekable(): boolean;
  abstract isatty(): boolean;
  abstract fileno(): number;
  /** The descriptor's number, -1 once closed, undefined where Python has no such attribute. */
  abstract get name(): number | undefined;
  abstract flush(): Composed<void>;
  abstract close(): Composed<void>;
  abstract readline(size: unknown): Composed<Line>;
  abstract write(data: unknown): Composed<number | null>;
  abstract seek(offset: unknown, whence: unknown): never;
  abstract tell(): never;
  abstract truncate(): Composed<never>;

  /** How many characters or bytes a line counts towards the limit of {@link readlines}. */
  protected measure(line: Line): number {
    return line.length;
  }

  /** Puts back lines that were read for a call that failed; {@link TimeoutError} ends all reading. */
  abstract unread(lines: readonly Line[]): void;

  checkClosed(text = 'I/O operation on closed file.'): void {
    if (this.closed) throw new ValueError(text);
  }

  *readlines(hint: unknown): Composed<Line[]> {
    const limit = toOptionalSize(hint);
    this.checkClosed();
    const lines: Line[] = [];
    let total = 0;
    try {
      for (;;) {
        const line = yield* this.readline(undefined);
        if (line.length === 0) return lines;
        lines.push(line);
        if (limit <= 0) continue;
        const length = this.measure(line);
        if (length > limit - total) return lines;
        total += length;
      }
    } catch (error) {
      if (lines.length > 0 && !(error instanceof TimeoutError)) this.unread(lines);
      throw error;
    }
  }

  *writelines(lines: unknown): Composed<void> {
    this.checkClosed();
    for (const line of toIterable(lines)) yield* this.write(line);
  }
}
