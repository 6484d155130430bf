// The public face of file objects, once for both flavours: each method drives its core's steps.

import type { WaitOptions } from '../reactor.js';
import { INSPECT } from '../repr.js';
import type { BytesLike } from '../socket/bytes.js';
import type { Composed } from '../socket/compose.js';
import { typeName } from '../types.js';
import type { FileCore } from './core.js';

/** Calls block, or answer with promises. */
export type Flavour = 'blocking' | 'promises';

/** What a call gives in a flavour. */
export type Outcome<F extends Flavour, T> = F extends 'blocking' ? T : Promise<T>;

/** What a call does with the file; one that does `'all'` overlaps with no other. */
export type CallKind = 'read' | 'write' | 'all';

/** What a call takes at the end: in the promise flavour, how long it may wait. */
export type Waits<F extends Flavour> = F extends 'promises' ? [options?: WaitOptions] : [];

/** An argument that may be left out before {@link Waits}. */
export type Optional<F extends Flavour, T> = F extends 'promises' ? T | WaitOptions : T;

/** Performs a call, which is made of steps, in the manner of its flavour. */
export type Driver<F extends Flavour> = <T>(
  kind: CallKind,
  call: (argument: unknown) => Composed<T>,
  argument: unknown,
  options: unknown,
) => Outcome<F, T>;

/** A file object's core, and what drives it. */
export const CORE: unique symbol = Symbol('core');
export const DRIVE: unique symbol = Symbol('drive');

/**
 * The core of a file object that a caller puts another one in front of.
 *
 * @throws TypeError if it is no file object of that kind
 */
export function coreOf<Core extends object>(
  file: { readonly [CORE]: Core },
  kind: abstract new (...given: never[]) => Core,
): Core {
  const core: unknown = (file as { readonly [CORE]?: Core } | null | undefined)?.[CORE];
  if (core instanceof kind) return core;
  throw new TypeError(`'${typeName(file)}' object cannot be the file below another`);
}

let identities = 0;

/** What all file objects can do. Like Python's `io.IOBase`. */
export abstract class IOBase<
  F extends Flavour,
  Line extends Buffer | string,
  Core extends FileCore<Line>,
> {
  readonly [CORE]: Core;
  readonly [DRIVE]: Driver<F>;
  readonly #identity = ++identities;

  protected constructor(core: Core, drive: Driver<F>) {
    this[CORE] = core;
    this[DRIVE] = drive;
    core.owner = this;
  }

  /** Whether the file has been closed. The socket may be open all the same. */
  get closed(): boolean {
    return this[CORE].closed;
  }

  /** Whether the file can be read. @throws ValueError if it is closed */
  readable(): boolean {
    return this[CORE].readable();
  }

  /** Whether the file can be written. @throws ValueError if it is closed */
  writable(): boolean {
    return this[CORE].writable();
  }

  /** False: a socket has no position. @throws ValueError if the file is closed */
  seekable(): boolean {
    return this[CORE].seekable();
  }

  /** False: a socket is no terminal. @throws ValueError if the file is closed */
  isatty(): boolean {
    return this[CORE].isatty();
  }

  /** The socket's descriptor. @throws ValueError if the file is closed */
  fileno(): number {
    return this[CORE].fileno();
  }

  /** Sends what has been written and not been sent yet. */
  flush(...options: Waits<F>): Outcome<F, void> {
    return this[DRIVE]('write', () => this[CORE].flush(), undefined, options[0]);
  }

  /**
   * Flushes and closes the file; the socket is closed too if its own `close()` has waited for
   * that. A file whose flushing fails is closed nevertheless. Closing twice does nothing.
   */
  close(...options: Waits<F>): Outcome<F, void> {
    return this[DRIVE]('write', () => this[CORE].close(), undefined, options[0]);
  }

  /**
   * Reads a line with its line ending; an empty one is the end.
   *
   * @param size the most bytes or characters to read; -1 for no limit
   */
  readline(size?: Optional<F, number | null>, ...options: Waits<F>): Outcome<F, Line> {
    return this[DRIVE]('read', (given) => this[CORE].readline(given), size, options[0]);
  }

  /**
   * Reads lines until the end.
   *
   * @param hint how many bytes or characters are enough; no limit if null, 0 or left out
   */
  readlines(hint?: Optional<F, number | null>, ...options: Waits<F>): Outcome<F, Line[]> {
    return this[DRIVE]('read', (given) => this[CORE].readlines(given), hint, options[0]);
  }

  /** Writes each of the items; line endings are the caller's. */
  writelines(
    lines: Iterable<Line extends string ? string : BytesLike>,
    ...options: Waits<F>
  ): Outcome<F, void> {
    return this[DRIVE]('write', (given) => this[CORE].writelines(given), lines, options[0]);
  }

  /**
   * Refused: a socket has no position.
   *
   * @throws UnsupportedOperation always
   */
  seek(offset: number, whence?: number): never {
    return this[CORE].seek(offset, whence);
  }

  /**
   * Refused: a socket has no position.
   *
   * @throws UnsupportedOperation always
   */
  tell(): never {
    return this[CORE].tell();
  }

  /**
   * Refused: a socket has no length.
   *
   * @throws UnsupportedOperation always
   */
  truncate(_size?: Optional<F, number | null>, ...options: Waits<F>): Outcome<F, never> {
    return this[DRIVE]('write', () => this[CORE].truncate(), _size, options[0]);
  }

  /** The object as Python's `repr()` shows it. */
  toString(): string {
    const address = (this.#identity * 16).toString(16).padStart(12, '0');
    return `<${this.constructor.name} object at 0x${address}>`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}
