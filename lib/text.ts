// Texts as bytes by Python's rules: strict UTF-8, and the file system's encoding.

import { UnicodeEncodeError, ValueError } from './errors.js';
import { typeName } from './types.js';

let strictDecoder: InstanceType<typeof TextDecoder> | undefined;
// Python keeps the byte 0x80 of a name that is not UTF-8 as U+DC80, and so on (PEP 383).
const ESCAPE = 0xdc00;
const LONGEST_CHARACTER = 4;

const LONE_SURROGATE = /\p{Cs}/u;
const LONE_SURROGATE_BUT_ESCAPES = /[\ud800-\udc7f\udd00-\udfff]/u;

function refuse(text: string, pattern: RegExp): void {
  const at = text.search(pattern);
  if (at < 0) return;
  throw new UnicodeEncodeError('utf-8', text, at, at + 1, 'surrogates not allowed');
}

/**
 * Refuses a text that UTF-8 has no bytes for.
 *
 * @throws UnicodeEncodeError for a lone surrogate
 */
export function requireUtf8(text: string): string {
  refuse(text, LONE_SURROGATE);
  return text;
}

/** Refuses a name that has no bytes: one with a lone surrogate that stands for none. */
export function requireEncodable(text: string): void {
  refuse(text, LONE_SURROGATE_BUT_ESCAPES);
}

/**
 * A name of the file system's or the kernel's. Like Python's `os.fsencode`: UTF-8 with
 * surrogates U+DC80 to U+DCFF for the bytes that are none; a `Buffer` passes as it is.
 *
 * @throws TypeError if it is neither a string nor a `Buffer`
 * @throws ValueError if it has a NUL
 */
export function fileSystemName(value: unknown): string | Buffer {
  if (typeof value !== 'string' && !Buffer.isBuffer(value)) {
    throw new TypeError(`expected str, bytes or os.PathLike object, not ${typeName(value)}`);
  }
  if (typeof value === 'string') refuse(value, LONE_SURROGATE_BUT_ESCAPES);
  if (value.includes('\0')) throw new ValueError('embedded null byte');
  return value;
}

/** The text of a name. Like Python's `os.fsdecode`. */
export function fileSystemText(bytes: Buffer): string {
  const whole = decode(bytes);
  if (whole !== undefined) return whole;
  let text = '';
  let index = 0;
  while (index < bytes.length) {
    let length = 0;
    let character: string | undefined;
    while (character === undefined && length < LONGEST_CHARACTER) {
      length += 1;
      character = decode(bytes.subarray(index, index + length));
    }
    text += character ?? String.fromCharCode(ESCAPE + (bytes[index] as number));
    index += character === undefined ? 1 : length;
  }
  return text;
}

function decode(bytes: Buffer): string | undefined {
  strictDecoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}
