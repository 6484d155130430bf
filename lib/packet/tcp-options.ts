// The options of TCP's header (RFC 9293, RFC 7323, RFC 2018).

import { ValueError } from '../errors.js';
import { toField, UINT8_MAX, UINT16_MAX, UINT32_MAX } from '../fields.js';
import type { OptionCodec, OtherOption } from './options.js';
import { toList } from './values.js';

/** A range of sequence numbers that has arrived: the first, and the one behind the last. */
export type SackBlock = [left: number, right: number];

/** An option of TCP: `nop` does nothing, `other` is one that has no name here. */
export type TcpOption =
  | { name: 'nop' }
  | { name: 'mss'; value: number }
  | { name: 'windowScale'; shift: number }
  | { name: 'sackPermitted' }
  | { name: 'sack'; blocks: SackBlock[] }
  | { name: 'timestamps'; value: number; echo: number }
  | OtherOption;

/** What an option is built from. */
export type TcpOptionInput =
  | Exclude<TcpOption, OtherOption>
  | { name: 'other'; type: number; data?: Uint8Array };

const BLOCK_BYTES = 8;

function wordsOf(numbers: readonly unknown[], what: string): Buffer {
  const data = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, index) => {
    data.writeUInt32BE(toField(number, what, UINT32_MAX), index * 4);
  });
  return data;
}

export const TCP_OPTIONS: readonly OptionCodec<TcpOption>[] = [
  {
    name: 'mss',
    type: 2,
    decode: (data) =>
      data.length === 2 ? { name: 'mss', value: data.readUInt16BE(0) } : undefined,
    encode({ value }, what) {
      const data = Buffer.alloc(2);
      data.writeUInt16BE(toField(value, `${what}.value`, UINT16_MAX));
      return data;
    },
  },
  {
    name: 'windowScale',
    type: 3,
    decode: (data) =>
      data.length === 1 ? { name: 'windowScale', shift: data.readUInt8(0) } : undefined,
    encode: ({ shift }, what) => Buffer.of(toField(shift, `${what}.shift`, UINT8_MAX)),
  },
  {
    name: 'sackPermitted',
    type: 4,
    decode: (data) => (data.length === 0 ? { name: 'sackPermitted' } : undefined),
    encode: () => Buffer.alloc(0),
  },
  {
    name: 'sack',
    type: 5,
    decode(data) {
      if (data.length % BLOCK_BYTES !== 0) return undefined;
      const blocks = Array.from({ length: data.length / BLOCK_BYTES }, (_, index): SackBlock => {
        const at = index * BLOCK_BYTES;
        return [data.readUInt32BE(at), data.readUInt32BE(at + 4)];
      });
      return { name: 'sack', blocks };
    },
    encode({ blocks }, what) {
      const numbers = toList(blocks, `${what}.blocks`).flatMap((block) => {
        const pair = toList(block, `${what}.blocks[]`);
        if (pair.length !== 2) throw new ValueError(`${what}.blocks[] must be [left, right]`);
        return pair;
      });
      return wordsOf(numbers, `${what}.blocks[]`);
    },
  },
  {
    name: 'timestamps',
    type: 8,
    decode: (data) =>
      data.length === 8
        ? { name: 'timestamps', value: data.readUInt32BE(0), echo: data.readUInt32BE(4) }
        : undefined,
    encode: ({ value, echo }, what) => wordsOf([value, echo], `${what}.value and echo`),
  },
];
