// Python's error modes for text: what becomes of bytes and characters that have no counterpart.

import { LookupError, UnicodeDecodeError, UnicodeEncodeError } from '../../errors.js';

/** Characters that cannot be encoded: `text.slice(start, end)`. */
export interface EncodeFailure {
  readonly encoding: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly reason: string;
}

// Python keeps a byte that is no text as a lone surrogate, U+DC80 for 0x80 (PEP 383).
const ESCAPE = 0xdc00;
const FIRST_ESCAPED = 0x80;
const ASTRAL = /[\ud800-\udbff][\udc00-\udfff]/;

/**
 * The replacement for bytes that are no text, by error mode, and where decoding goes on.
 *
 * @throws UnicodeDecodeError if there is none
 * @throws LookupError for an unknown mode
 */
export function decodeFailure(
  errors: string,
  encoding: string,
  data: Uint8Array,
  start: number,
  end: number,
  reason: string,
): { text: string; resume: number } {
  const bytes = data.subarray(start, end);
  switch (errors) {
    case 'ignore':
      return { text: '', resume: end };
    case 'replace':
      return { text: '\ufffd', resume: end };
    case 'backslashreplace':
      return { text: Array.from(bytes, escapeByte).join(''), resume: end };
    case 'surrogateescape': {
      const ascii = bytes.findIndex((byte) => byte < FIRST_ESCAPED);
      const escaped = ascii < 0 ? bytes : bytes.subarray(0, ascii);
      if (escaped.length === 0) break;
      const text = String.fromCharCode(...Array.from(escaped, (byte) => ESCAPE + byte));
      return { text, resume: start + escaped.length };
    }
    case 'xmlcharrefreplace':
      throw new TypeError("don't know how to handle UnicodeDecodeError in error callback");
    case 'strict':
      break;
    default:
      throw new LookupError(`unknown error handler name '${errors}'`);
  }
  throw new UnicodeDecodeError(encoding, Uint8Array.from(data), start, end, reason);
}

/**
 * The replacement for characters that cannot be encoded, by error mode: text to encode in their
 * stead, or bytes.
 *
 * @throws UnicodeEncodeError if there is none
 * @throws LookupError for an unknown mode
 */
export function encodeFailure(errors: string, failure: EncodeFailure): string | Uint8Array {
  const characters = Array.from(failure.text.slice(failure.start, failure.end));
  switch (errors) {
    case 'ignore':
      return '';
    case 'replace':
      return '?'.repeat(characters.length);
    case 'backslashreplace':
      return characters.map(escapeCharacter).join('');
    case 'xmlcharrefreplace':
      return characters.map((character) => `&#${character.codePointAt(0)};`).join('');
    case 'surrogateescape': {
      const bytes = characters.map((character) => (character.codePointAt(0) as number) - ESCAPE);
      if (bytes.every((byte) => byte >= FIRST_ESCAPED && byte <= 0xff)) return Buffer.from(bytes);
      break;
    }
    case 'strict':
      break;
    default:
      throw new LookupError(`unknown error handler name '${errors}'`);
  }
  throw encodeError(failure, characters);
}

/** Positions in the message count characters as in Python, those in the object UTF-16 units. */
function encodeError(failure: EncodeFailure, characters: string[]): UnicodeEncodeError {
  const { encoding, text, start, end, reason } = failure;
  const error = new UnicodeEncodeError(encoding, text, start, end, reason);
  if (ASTRAL.test(text.slice(0, end))) {
    const first = Array.from(text.slice(0, start)).length;
    const what =
      characters.length === 1
        ? `character '${escapeCharacter(characters[0] as string)}' in position ${first}`
        : `characters in position ${first}-${first + characters.length - 1}`;
    error.message = `'${encoding}' codec can't encode ${what}: ${reason}`;
  }
  return error;
}

function hexadecimal(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0');
}

function escapeByte(byte: number): string {
  return `\\x${hexadecimal(byte, 2)}`;
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) as number;
  if (code < 0x100) return escapeByte(code);
  return code < 0x10000 ? `\\u${hexadecimal(code, 4)}` : `\\U${hexadecimal(code, 8)}`;
}
