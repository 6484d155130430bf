// UTF-8, with and without a signature (RFC 3629); malformed input is reported as Python does.

import { isUtf8 } from '../../builtins.js';
import {
  ChunkDecoder,
  type Codec,
  type Convert,
  isWellFormed,
  makeEncoder,
  type Writing,
} from './codec.js';

const NAME = 'utf-8';
const SIGNATURE = Buffer.from([0xef, 0xbb, 0xbf]);
const LONGEST_TAIL = 3;

/** How many bytes a character with that first byte has; 0 if no character begins with it. */
function lengthOf(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

/** Whether a byte may follow; the second byte also excludes overlong forms and surrogates. */
function continues(lead: number, byte: number, index: number): boolean {
  if ((byte & 0xc0) !== 0x80) return false;
  if (index > 1) return true;
  if (lead === 0xe0) return byte >= 0xa0;
  if (lead === 0xed) return byte < 0xa0;
  if (lead === 0xf0) return byte >= 0x90;
  return lead !== 0xf4 || byte < 0x90;
}

/** Where a character that is cut off at the end may begin; the length if none is. */
function startOfTail(data: Buffer): number {
  const least = Math.max(0, data.length - LONGEST_TAIL);
  for (let position = data.length - 1; position >= least; position -= 1) {
    const byte = data[position] as number;
    if ((byte & 0xc0) === 0x80) continue;
    return lengthOf(byte) > data.length - position ? position : data.length;
  }
  return data.length;
}

/** Decodes from a position on character by character, where something is malformed or cut off. */
function decodeSlowly(
  data: Buffer,
  begin: number,
  final: boolean,
  fail: Parameters<Convert>[2],
): [string, number] {
  const parts: string[] = [];
  let position = begin;
  let good = begin;
  while (position < data.length) {
    const lead = data[position] as number;
    const length = lengthOf(lead);
    let count = 1;
    while (
      count < length &&
      position + count < data.length &&
      continues(lead, data[position + count] as number, count)
    ) {
      count += 1;
    }
    if (count === length) {
      position += count;
      continue;
    }
    const isCutOff = length > 0 && position + count === data.length;
    if (isCutOff && !final) break;
    let reason = 'invalid start byte';
    if (length > 0) reason = isCutOff ? 'unexpected end of data' : 'invalid continuation byte';
    parts.push(data.toString('utf8', good, position));
    const { text, resume } = fail(NAME, data, position, position + count, reason);
    parts.push(text);
    position = resume;
    good = resume;
  }
  parts.push(data.toString('utf8', good, position));
  return [parts.join(''), position];
}

const convert: Convert = (data, final, fail) => {
  if (isUtf8(data)) return [data.toString('utf8'), data.length];
  const tail = startOfTail(data);
  const head = data.subarray(0, tail);
  if (tail === data.length || !isUtf8(head)) return decodeSlowly(data, 0, final, fail);
  const [text, consumed] = decodeSlowly(data, tail, final, fail);
  return [head.toString('utf8') + text, consumed];
};

/** Leaves the signature at the very beginning out. */
function withoutSignature(): Convert {
  let atStart = true;
  return (data, final, fail) => {
    if (!atStart) return convert(data, final, fail);
    const length = Math.min(data.length, SIGNATURE.length);
    const isPrefix = data.subarray(0, length).equals(SIGNATURE.subarray(0, length));
    if (isPrefix && length < SIGNATURE.length) return ['', final ? length : 0];
    atStart = false;
    const skipped = isPrefix ? SIGNATURE.length : 0;
    const [text, consumed] = convert(data.subarray(skipped), final, fail);
    return [text, consumed + skipped];
  };
}

const writing: Writing = {
  name: NAME,
  reason: 'surrogates not allowed',
  grouped: true,
  isEncodable: isWellFormed,
  toBytes: (text) => Buffer.from(text, 'utf8'),
};

export const utf8: Codec = {
  decoder: (errors) => new ChunkDecoder(convert, errors),
  encoder: (errors) => makeEncoder(writing, errors),
};

export const utf8WithSignature: Codec = {
  decoder: (errors) => new ChunkDecoder(withoutSignature(), errors),
  encoder: (errors) => makeEncoder(writing, errors, SIGNATURE),
};
