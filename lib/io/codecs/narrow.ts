// Encodings with one byte for each character: ASCII, Latin-1, and code pages from a table.

import { isAscii } from '../../builtins.js';
import { ChunkDecoder, type Codec, type Convert, makeEncoder, type Writing } from './codec.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with control characters.
const ASCII = /^[\x00-\x7f]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: so does Latin-1.
const LATIN1 = /^[\x00-\xff]*$/;

const fromAscii: Convert = (data, _final, fail) => {
  if (isAscii(data)) return [data.toString('latin1'), data.length];
  const parts: string[] = [];
  let good = 0;
  let position = 0;
  while (position < data.length) {
    if ((data[position] as number) < 0x80) {
      position += 1;
      continue;
    }
    parts.push(data.toString('latin1', good, position));
    const reason = 'ordinal not in range(128)';
    const { text, resume } = fail('ascii', data, position, position + 1, reason);
    parts.push(text);
    position = resume;
    good = resume;
  }
  parts.push(data.toString('latin1', good));
  return [parts.join(''), data.length];
};

const fromLatin1: Convert = (data) => [data.toString('latin1'), data.length];

function plain(name: string, range: number, encodable: RegExp, convert: Convert): Codec {
  const writing: Writing = {
    name,
    reason: `ordinal not in range(${range})`,
    grouped: true,
    isEncodable: (text) => encodable.test(text),
    toBytes: (text) => Buffer.from(text, 'latin1'),
  };
  return {
    decoder: (errors) => new ChunkDecoder(convert, errors),
    encoder: (errors) => makeEncoder(writing, errors),
  };
}

export const ascii = plain('ascii', 128, ASCII, fromAscii);
export const latin1 = plain('latin-1', 256, LATIN1, fromLatin1);

/**
 * A code page.
 *
 * @param table the characters of the 256 bytes; U+FFFD where a byte has none
 */
export function codePage(table: readonly string[]): Codec {
  const bytes = new Map<string, number>();
  table.forEach((character, byte) => {
    if (character !== '\ufffd' && !bytes.has(character)) bytes.set(character, byte);
  });
  const convert: Convert = (data, _final, fail) => {
    let text = '';
    let position = 0;
    while (position < data.length) {
      const character = table[data[position] as number] as string;
      if (character !== '\ufffd') {
        text += character;
        position += 1;
        continue;
      }
      const reason = 'character maps to <undefined>';
      const failure = fail('charmap', data, position, position + 1, reason);
      text += failure.text;
      position = failure.resume;
    }
    return [text, position];
  };
  const writing: Writing = {
    name: 'charmap',
    reason: 'character maps to <undefined>',
    grouped: true,
    isEncodable: (text) => Array.from(text).every((character) => bytes.has(character)),
    toBytes: (text) => Buffer.from(Array.from(text, (character) => bytes.get(character) as number)),
  };
  return {
    decoder: (errors) => new ChunkDecoder(convert, errors),
    encoder: (errors) => makeEncoder(writing, errors),
  };
}
