// What a codec is, and the machinery that all of them share: state between chunks, error handling.

import { decodeFailure, type EncodeFailure, encodeFailure } from './failures.js';

/** Turns bytes into text, chunk after chunk. */
export interface Decoder {
  /**
   * Decodes the next chunk; an incomplete character at its end waits for the rest.
   *
   * @param final whether nothing follows, so that an incomplete character is an error
   * @throws UnicodeDecodeError if the error mode is `strict`
   */
  decode(input: Uint8Array, final: boolean): string;
}

/** Turns text into bytes; it remembers whether a byte order mark has been written. */
export interface Encoder {
  /** Whether the text can be encoded as it is, whatever the error mode. */
  accepts(text: string): boolean;
  /** @throws UnicodeEncodeError if the error mode is `strict` */
  encode(text: string): Uint8Array;
}

/** An encoding with its two directions; `errors` is the name of an error mode. */
export interface Codec {
  decoder(errors: string): Decoder;
  encoder(errors: string): Encoder;
}

/** Reports bytes that are no text: the replacement, and the position to go on from. */
export type DecodeFailure = (
  encoding: string,
  data: Uint8Array,
  start: number,
  end: number,
  reason: string,
) => { text: string; resume: number };

/** Decodes what it can of the data: the text, and how many bytes it is made of. */
export type Convert = (data: Buffer, final: boolean, fail: DecodeFailure) => [string, number];

const NOTHING = Buffer.alloc(0);

/** Whether a text has no lone surrogates, which are what Unicode's own encodings lack. */
export function isWellFormed(text: string): boolean {
  // Node has had the method since 20; TypeScript declares it with ES2024 only.
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}

/** A decoder that keeps the bytes of an incomplete character for the next chunk. */
export class ChunkDecoder implements Decoder {
  #pending: Buffer = NOTHING;
  readonly #convert: Convert;
  readonly #fail: DecodeFailure;

  constructor(convert: Convert, errors: string) {
    this.#convert = convert;
    this.#fail = (encoding, data, start, end, reason) =>
      decodeFailure(errors, encoding, data, start, end, reason);
  }

  decode(input: Uint8Array, final: boolean): string {
    const data =
      this.#pending.length > 0
        ? Buffer.concat([this.#pending, input])
        : Buffer.from(input.buffer, input.byteOffset, input.byteLength);
    const [text, consumed] = this.#convert(data, final, this.#fail);
    this.#pending = consumed < data.length ? Buffer.from(data.subarray(consumed)) : NOTHING;
    return text;
  }
}

/** How one encoding writes text. */
export interface Writing {
  /** The encoding as error texts call it. */
  readonly name: string;
  /** Why a character cannot be encoded. */
  readonly reason: string;
  /** Whether neighbours that cannot be encoded are reported together. */
  readonly grouped: boolean;
  /** How many bytes the smallest character has; 1 if left out. */
  readonly unit?: number;
  /** Whether the whole text can be encoded; the quick way past the next two. */
  isEncodable(text: string): boolean;
  /** Encodes text that can be encoded. */
  toBytes(text: string): Uint8Array;
}

/** The encoder of a {@link Writing}, with a byte order mark in front of the first text. */
export function makeEncoder(writing: Writing, errors: string, mark?: Uint8Array): Encoder {
  let start = mark;
  return {
    accepts: writing.isEncodable,
    encode(text) {
      const bytes = writing.isEncodable(text)
        ? writing.toBytes(text)
        : encodeInRuns(writing, errors, text);
      if (start === undefined) return bytes;
      const marked = Buffer.concat([start, bytes]);
      start = undefined;
      return marked;
    },
  };
}

/** Encodes text with characters that the encoding lacks: in runs of the same fate. */
function encodeInRuns(writing: Writing, errors: string, text: string): Uint8Array {
  const parts: Uint8Array[] = [];
  const encode = (run: string, failure: EncodeFailure | undefined) => {
    if (run === '') return;
    if (failure === undefined) return parts.push(writing.toBytes(run));
    const replacement = encodeFailure(errors, failure);
    const isText = typeof replacement === 'string';
    const fits = isText
      ? writing.isEncodable(replacement)
      : replacement.length % (writing.unit ?? 1) === 0;
    if (!fits) return encodeFailure('strict', failure);
    return parts.push(isText ? writing.toBytes(replacement) : replacement);
  };
  let start = 0;
  let good = true;
  let position = 0;
  const finish = () => {
    const { name, reason } = writing;
    const failure = { encoding: name, text, start, end: position, reason };
    encode(text.slice(start, position), good ? undefined : failure);
    start = position;
  };
  for (const character of text) {
    const encodable = writing.isEncodable(character);
    if (encodable !== good || (!encodable && !writing.grouped)) finish();
    good = encodable;
    position += character.length;
  }
  finish();
  return Buffer.concat(parts);
}
