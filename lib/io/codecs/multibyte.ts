// East Asian encodings, one to four bytes for a character, on top of a converter of whole texts.

import { ChunkDecoder, type Codec, type Convert, makeEncoder, type Writing } from './codec.js';

/** Converts a whole text; what it cannot convert becomes U+FFFD or `?`. */
export interface TextConverter {
  decode(bytes: Buffer): string;
  encode(text: string): Buffer;
}

/** The most bytes of the character that begins at a position, as far as its first bytes tell. */
export type Longest = (data: Uint8Array, position: number) => number;

const QUESTION_MARK = 0x3f;
const ILLEGAL = 'illegal multibyte sequence';

function questionMarks(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === QUESTION_MARK) count += 1;
  return count;
}

/**
 * An encoding whose characters are recognised by trying: the shortest sequence of bytes that the
 * converter knows is one. Sequences seen once are remembered.
 *
 * @param name the encoding as error texts call it
 * @param longest tells what is cut off at the end from what no byte could complete
 */
export function multibyte(name: string, longest: Longest, converter: TextConverter): Codec {
  const known = new Map<number, string | null>();

  const characterOf = (data: Buffer, position: number, length: number): string | null => {
    const key = data.readUIntBE(position, length) * 8 + length;
    let character = known.get(key);
    if (character === undefined) {
      const text = converter.decode(data.subarray(position, position + length));
      character = text === '' || text.includes('\ufffd') ? null : text;
      known.set(key, character);
    }
    return character;
  };

  const convert: Convert = (data, final, fail) => {
    let text = '';
    let position = 0;
    while (position < data.length) {
      const wanted = longest(data, position);
      const most = Math.min(wanted, data.length - position);
      let character: string | null = null;
      let length = 0;
      while (character === null && length < most) {
        length += 1;
        character = characterOf(data, position, length);
      }
      if (character !== null) {
        text += character;
        position += length;
        continue;
      }
      const isCutOff = most < wanted;
      if (isCutOff && !final) break;
      const end = isCutOff ? data.length : position + 1;
      const reason = isCutOff ? 'incomplete multibyte sequence' : ILLEGAL;
      const failure = fail(name, data, position, end, reason);
      text += failure.text;
      position = failure.resume;
    }
    return [text, position];
  };

  const writing: Writing = {
    name,
    reason: ILLEGAL,
    grouped: false,
    // The converter writes `?` for what it lacks, and no sequence of these encodings has that byte.
    isEncodable: (text) => {
      const expected = text.split('?').length - 1;
      return questionMarks(converter.encode(text)) === expected;
    },
    toBytes: (text) => converter.encode(text),
  };
  return {
    decoder: (errors) => new ChunkDecoder(convert, errors),
    encoder: (errors) => makeEncoder(writing, errors),
  };
}
