// Finds the codec of an encoding by any of the names that Python knows it by.

import { requireHere } from '../builtins.js';
import { LookupError, ValueError } from '../errors.js';
import type { Codec } from './codecs/codec.js';
import { multibyte, type TextConverter } from './codecs/multibyte.js';
import { CODE_PAGES, MULTIBYTE, NOT_TEXT } from './codecs/names.js';
import { ascii, codePage, latin1 } from './codecs/narrow.js';
import { utf8, utf8WithSignature } from './codecs/utf8.js';
import { wide } from './codecs/wide.js';

export type { Codec, Decoder, Encoder } from './codecs/codec.js';

/** What is used of iconv-lite. */
interface Iconv {
  decode(bytes: Uint8Array, encoding: string, options: { stripBOM: boolean }): string;
  encode(text: string, encoding: string): Buffer;
}

let iconv: Iconv | undefined;

/** iconv-lite carries tables for encodings that few programs use: it is loaded when one does. */
function converterOf(encoding: string): TextConverter {
  iconv ??= requireHere()('iconv-lite') as Iconv;
  const library = iconv;
  return {
    decode: (bytes) => library.decode(bytes, encoding, { stripBOM: false }),
    encode: (text) => library.encode(text, encoding),
  };
}

const BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

const makers = new Map<string, () => Codec>();
const aliases = new Map<string, string>();

function define(name: string, names: string, make: () => Codec): void {
  makers.set(name, make);
  for (const alias of names.split(' ')) if (alias !== '') aliases.set(alias, name);
}

function defineAll(): void {
  define('utf_8', 'cp65001 u8 utf utf8 utf8_ucs2 utf8_ucs4', () => utf8);
  define('utf_8_sig', 'utf_8_sig', () => utf8WithSignature);
  define('utf_16', 'u16 utf16', () => wide(16));
  define('utf_16_le', 'unicodelittleunmarked utf_16le', () => wide(16, 'le'));
  define('utf_16_be', 'unicodebigunmarked utf_16be', () => wide(16, 'be'));
  define('utf_32', 'u32 utf32', () => wide(32));
  define('utf_32_le', 'utf_32le', () => wide(32, 'le'));
  define('utf_32_be', 'utf_32be', () => wide(32, 'be'));
  define(
    'ascii',
    '646 ansi_x3.4_1968 ansi_x3.4_1986 ansi_x3_4_1968 cp367 csascii ibm367 iso646_us ' +
      'iso_646.irv_1991 iso_ir_6 us us_ascii',
    () => ascii,
  );
  define(
    'latin_1',
    '8859 cp819 csisolatin1 ibm819 iso8859 iso8859_1 iso_8859_1 iso_8859_1_1987 iso_ir_100 l1 ' +
      'latin latin1',
    () => latin1,
  );
  for (const [name, names] of Object.entries(CODE_PAGES)) {
    define(name, names, () => codePage(Array.from(converterOf(name).decode(BYTES))));
  }
  for (const [name, [longest, names]] of Object.entries(MULTIBYTE)) {
    define(name, names, () => multibyte(name, longest, converterOf(name)));
  }
}

/** Names compare without case, and any punctuation but a dot counts as an underscore. */
function normalize(encoding: string): string {
  return encoding
    .toLowerCase()
    .replace(/[^\p{L}\p{N}.]+/gu, '_')
    .replace(/^_|_$|[^\x20-\x7e]/g, '');
}

const found = new Map<string, Codec>();

/**
 * The codec of an encoding. Like Python's `codecs.lookup`.
 *
 * @param encoding any of Python's names: `'utf-8'`, `'Latin 1'`, `'cp1252'`, …
 * @throws LookupError for an unknown one, and for Python's codecs that are no text encodings
 */
export function lookup(encoding: string): Codec {
  const codec = found.get(encoding);
  if (codec !== undefined) return codec;
  if (encoding.includes('\0')) throw new ValueError('embedded null character');
  if (makers.size === 0) defineAll();
  const name = normalize(encoding);
  if (NOT_TEXT.includes(name)) {
    throw new LookupError(
      `'${encoding}' is not a text encoding; use codecs.open() to handle arbitrary codecs`,
    );
  }
  const canonical = aliases.get(name) ?? aliases.get(name.replaceAll('.', '_')) ?? name;
  const make = makers.get(canonical);
  if (make === undefined) throw new LookupError(`unknown encoding: ${encoding}`);
  const made = make();
  found.set(encoding, made);
  return made;
}
