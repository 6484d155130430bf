// UTF-16 and UTF-32 in both byte orders, and with a byte order mark (RFC 2781, Unicode 3.10).

import { isLittleEndian } from '../../builtins.js';
import { UnicodeDecodeError } from '../../errors.js';
import {
  ChunkDecoder,
  type Codec,
  type Convert,
  type DecodeFailure,
  isWellFormed,
  makeEncoder,
  type Writing,
} from './codec.js';

type ByteOrder = 'le' | 'be';
type Width = 16 | 32;

const NATIVE: ByteOrder = isLittleEndian ? 'le' : 'be';
const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000;

/** What is wrong at a position: how many bytes of it, and why; or the length of a character. */
type Verdict = { length: number; reason?: string; cutOff?: boolean };

function examine16(data: Buffer, position: number, read: (at: number) => number): Verdict {
  const left = data.length - position;
  if (left < 2) return { length: left, reason: 'truncated data', cutOff: true };
  const unit = read(position);
  if (isLow(unit)) return { length: 2, reason: 'illegal encoding' };
  if (!isHigh(unit)) return { length: 2 };
  if (left < 4) return { length: left, reason: 'unexpected end of data', cutOff: true };
  if (isLow(read(position + 2))) return { length: 4 };
  return { length: 2, reason: 'illegal UTF-16 surrogate' };
}

function examine32(data: Buffer, position: number, read: (at: number) => number): Verdict {
  const left = data.length - position;
  if (left < 4) return { length: left, reason: 'truncated data', cutOff: true };
  const code = read(position);
  if (code > 0x10ffff) return { length: 4, reason: 'code point not in range(0x110000)' };
  if (code < 0xd800 || code > 0xdfff) return { length: 4 };
  return { length: 4, reason: 'code point in surrogate code point range(0xd800, 0xe000)' };
}

function reader(data: Buffer, width: Width, order: ByteOrder): (at: number) => number {
  if (width === 16) {
    return order === 'le' ? (at) => data.readUInt16LE(at) : (at) => data.readUInt16BE(at);
  }
  return order === 'le' ? (at) => data.readUInt32LE(at) : (at) => data.readUInt32BE(at);
}

function converter(width: Width, order: ByteOrder): Convert {
  const name = `utf-${width}-${order}`;
  const examine = width === 16 ? examine16 : examine32;
  return (data: Buffer, final: boolean, fail: DecodeFailure) => {
    const read = reader(data, width, order);
    let text = '';
    let position = 0;
    while (position < data.length) {
      const { length, reason, cutOff } = examine(data, position, read);
      if (cutOff && !final) break;
      if (reason !== undefined) {
        const failure = fail(name, data, position, position + length, reason);
        text += failure.text;
        position = failure.resume;
        continue;
      }
      if (width === 32) text += String.fromCodePoint(read(position));
      else for (let unit = 0; unit < length; unit += 2) text += character(read(position + unit));
      position += length;
    }
    return [text, position];
  };
}

function character(unit: number): string {
  return String.fromCharCode(unit);
}

function write(text: string, width: Width, order: ByteOrder): Buffer {
  if (width === 16) {
    const bytes = Buffer.from(text, 'utf16le');
    return order === 'le' ? bytes : bytes.swap16();
  }
  const codes = Array.from(text, (item) => item.codePointAt(0) as number);
  const bytes = Buffer.alloc(codes.length * 4);
  codes.forEach((code, index) => {
    if (order === 'le') bytes.writeUInt32LE(code, index * 4);
    else bytes.writeUInt32BE(code, index * 4);
  });
  return bytes;
}

function writingOf(name: string, width: Width, order: ByteOrder): Writing {
  return {
    name,
    reason: 'surrogates not allowed',
    grouped: false,
    unit: width / 8,
    isEncodable: isWellFormed,
    toBytes: (text) => write(text, width, order),
  };
}

/** Takes the byte order from the mark at the beginning. */
function byMark(width: Width): Convert {
  let convert: Convert | undefined;
  const size = width / 8;
  return (data, final, fail) => {
    if (convert !== undefined) return convert(data, final, fail);
    if (data.length < size && !final) return ['', 0];
    const start = data.subarray(0, size);
    const order = (['le', 'be'] as const).find((item) =>
      write('\ufeff', width, item).equals(start),
    );
    if (order === undefined) {
      // Python decodes in the system's order first, and what is malformed is refused as that.
      const guess = converter(width, NATIVE)(data, final, fail);
      if (guess[1] < size) return guess;
      const reason = 'Stream does not start with BOM';
      throw new UnicodeDecodeError(`utf-${width}`, Uint8Array.from(data), 0, size, reason);
    }
    convert = converter(width, order);
    // Error positions count from the mark on, so the converter sees it and the text loses it.
    const [text, consumed] = convert(data, final, fail);
    return [text.slice(1), consumed];
  };
}

/** UTF-16 or UTF-32 in one byte order, or, without one, with a byte order mark. */
export function wide(width: Width, order?: ByteOrder): Codec {
  if (order !== undefined) {
    const convert = converter(width, order);
    const writing = writingOf(`utf-${width}-${order}`, width, order);
    return {
      decoder: (errors) => new ChunkDecoder(convert, errors),
      encoder: (errors) => makeEncoder(writing, errors),
    };
  }
  const writing = writingOf(`utf-${width}`, width, NATIVE);
  const mark = write('\ufeff', width, NATIVE);
  return {
    decoder: (errors) => new ChunkDecoder(byMark(width), errors),
    encoder: (errors) => makeEncoder(writing, errors, mark),
  };
}
