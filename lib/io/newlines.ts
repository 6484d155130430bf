// Line endings of text files: which ones end a line, and their translation to "\n".

import { ValueError } from '../errors.js';
import { typeName } from '../types.js';
import type { Decoder } from './codecs/codec.js';

/** How a text file treats line endings. */
export type Newline = null | '' | '\n' | '\r' | '\r\n';

/** Reads the argument `newline`. */
export function toNewline(value: unknown): Newline {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string') {
    throw new TypeError(
      `TextIOWrapper() argument 'newline' must be str or None, not ${typeName(value)}`,
    );
  }
  if (!['', '\n', '\r', '\r\n'].includes(value)) {
    throw new ValueError(`illegal newline value: ${value}`);
  }
  return value as Newline;
}

const SEEN = { LF: 1, CR: 2, CRLF: 4 } as const;

/**
 * A decoder for files where every kind of line ending counts. Like Python's
 * `io.IncrementalNewlineDecoder`: "\r\n" is never torn apart, so a "\r" at the end of a chunk
 * waits for what follows it.
 */
export class NewlineDecoder implements Decoder {
  readonly #decoder: Decoder;
  readonly #translates: boolean;
  #heldReturn = false;
  #seen = 0;

  constructor(decoder: Decoder, translates: boolean) {
    this.#decoder = decoder;
    this.#translates = translates;
  }

  decode(input: Uint8Array, final: boolean): string {
    let text = this.#decoder.decode(input, final);
    if (this.#heldReturn && (text !== '' || final)) {
      text = `\r${text}`;
      this.#heldReturn = false;
    }
    if (!final && text.endsWith('\r')) {
      text = text.slice(0, -1);
      this.#heldReturn = true;
    }
    if (!text.includes('\r')) {
      if (text.includes('\n')) this.#seen |= SEEN.LF;
      return text;
    }
    return text.replace(/\r\n?|\n/g, (ending) => this.#note(ending));
  }

  #note(ending: string): string {
    if (ending === '\r\n') this.#seen |= SEEN.CRLF;
    else this.#seen |= ending === '\r' ? SEEN.CR : SEEN.LF;
    return this.#translates ? '\n' : ending;
  }

  /** The kinds of line endings seen: null, one of them, or an array of them. */
  get newlines(): string | string[] | null {
    const kinds: string[] = [];
    if (this.#seen & SEEN.CR) kinds.push('\r');
    if (this.#seen & SEEN.LF) kinds.push('\n');
    if (this.#seen & SEEN.CRLF) kinds.push('\r\n');
    return kinds.length > 1 ? kinds : (kinds[0] ?? null);
  }
}

/** Where the line that begins at a position ends, behind its line ending; -1 if nothing ends it. */
export function endOfLine(text: string, start: number, newline: Newline): number {
  const ending = newline === null ? '\n' : newline;
  if (ending !== '') {
    const at = text.indexOf(ending, start);
    return at < 0 ? -1 : at + ending.length;
  }
  const feed = text.indexOf('\n', start);
  const back = text.indexOf('\r', start);
  if (back < 0 || (feed >= 0 && feed < back)) return feed < 0 ? -1 : feed + 1;
  return feed === back + 1 ? feed + 1 : back + 1;
}
