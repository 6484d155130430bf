// How the kernel lays out times in control messages: `struct timeval` and `struct timespec`.

import { isLittleEndian } from '../builtins.js';
import { toRecord } from '../fields.js';
import { typeName } from '../types.js';
import { bytesOf, type Layout, memory } from './layouts.js';
import type { Timestamps } from './types.js';

const INT_BYTES = 4;
const SECOND = 1_000_000_000n;
const LONG_BYTES = 8;

/** A time of two C longs at an index: seconds, and parts of `unit` nanoseconds. */
function readTime(data: DataView, index: number, width: number, unit: bigint): bigint {
  const offset = index * 2 * width;
  const read = (at: number) =>
    width === LONG_BYTES
      ? data.getBigInt64(at, isLittleEndian)
      : BigInt(data.getInt32(at, isLittleEndian));
  return read(offset) * SECOND + read(offset + width) * unit;
}

function writeTime(view: DataView, index: number, time: unknown, unit: bigint): void {
  if (typeof time !== 'bigint') {
    throw new TypeError(`a time must be a bigint of nanoseconds, not ${typeName(time)}`);
  }
  const parts = ((time % SECOND) + SECOND) % SECOND;
  const offset = index * 2 * LONG_BYTES;
  view.setBigInt64(offset, (time - parts) / SECOND, isLittleEndian);
  view.setBigInt64(offset + LONG_BYTES, parts / unit, isLittleEndian);
}

/** The width of a C long in a message with that many of them; undefined where it was cut. */
function longWidth(data: DataView, count: number): number | undefined {
  // Systems of 32 bits have longs of 4 bytes.
  return [LONG_BYTES, INT_BYTES].find((width) => data.byteLength === count * width);
}

/** A `struct timeval` (`unit` 1000) or `struct timespec` (`unit` 1). */
export function time(unit: bigint): Layout<bigint> {
  return {
    size: 2 * LONG_BYTES,
    decode(data) {
      const width = longWidth(data, 2);
      return width === undefined ? undefined : readTime(data, 0, width, unit);
    },
    encode(value) {
      const view = memory(this.size);
      writeTime(view, 0, value, unit);
      return bytesOf(view);
    },
  };
}

export const timestamps: Layout<Timestamps, Partial<Timestamps>> = {
  size: 6 * LONG_BYTES,
  decode(data) {
    const width = longWidth(data, 6);
    if (width === undefined) return undefined;
    const [software = 0n, legacy = 0n, hardware = 0n] = [0, 1, 2].map((index) =>
      readTime(data, index, width, 1n),
    );
    return { software, legacy, hardware };
  },
  encode(value) {
    const { software = 0n, legacy = 0n, hardware = 0n } = toRecord(value, 'SCM_TIMESTAMPING');
    const view = memory(this.size);
    [software, legacy, hardware].forEach((each, index) => {
      writeTime(view, index, each, 1n);
    });
    return bytesOf(view);
  },
};
