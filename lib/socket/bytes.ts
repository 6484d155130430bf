// Bytes in and bytes out: any buffer of the caller's as a Uint8Array, and slabs to receive into.

import { isAnyArrayBuffer } from 'node:util/types';
import { ValueError } from '../errors.js';
import { argumentName, typeName } from '../types.js';

/** What a call takes where Python takes a bytes-like object. */
export type BytesLike = ArrayBufferView | ArrayBufferLike;

/** The bytes of any buffer; undefined of anything else. */
function viewOf(value: unknown): Uint8Array | undefined {
  const isView = ArrayBuffer.isView(value);
  if (!isView && !isAnyArrayBuffer(value)) return undefined;
  try {
    // Memory that was transferred to somebody else throws here. It reads as empty, but taking it
    // for an empty buffer would hide that.
    if (!isView) return new Uint8Array(value);
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  } catch {
    throw new ValueError('operation forbidden on a detached buffer');
  }
}

/**
 * The bytes of an argument; `text` is the TypeError of anything else, where `{type}` stands for its
 * type and `{argument}` for what Python's argument parser calls it.
 */
export function toBytes(
  value: unknown,
  text = "a bytes-like object is required, not '{type}'",
): Uint8Array {
  if (isBytes(value) && value.length > 0) return value;
  const view = viewOf(value);
  if (view === undefined) {
    throw new TypeError(
      text.replace('{type}', typeName(value)).replace('{argument}', argumentName(value)),
    );
  }
  return view;
}

/** Whether a value is a Uint8Array, and not merely something that inherits from one. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && ArrayBuffer.isView(value);
}

/** Nothing received. */
const EMPTY = Buffer.alloc(0);

// A message of up to SMALL bytes is received into a slab shared by such messages, a larger one
// into a LARGE slab. What came is cut off, the rest serves the next call. A message that came out
// short of a sixteenth of its LARGE slab is copied instead, so that it keeps no such slab alive.
// Slabs are zeroed: nobody sees old memory through `buffer.buffer`.
const SMALL = 4096;
const SMALL_SLAB = 32 * 1024;
const LARGE_SLAB = 256 * 1024;
const WORTH_A_SLAB = LARGE_SLAB / 16;
/** A `bufsize` beyond LARGE_SLAB is received into one buffer that is kept up to this size. */
const KEPT = 4 * 1024 * 1024;

/** Memory to receive `size` bytes into: `length` bytes of `bytes` from `offset` on. */
export class Slab {
  bytes: Buffer = EMPTY;
  offset = 0;

  constructor(readonly size: number) {}

  /** Makes sure that there is room for that many bytes. */
  reserve(length: number): void {
    if (this.offset + length <= this.bytes.length) return;
    this.bytes = Buffer.from(new ArrayBuffer(Math.max(this.size, length)));
    this.offset = 0;
  }

  /** What was received at the offset, as the caller's own. */
  take(length: number): Buffer {
    if (length === 0) return EMPTY;
    const { bytes, offset } = this;
    if (bytes.length > SMALL_SLAB && length < WORTH_A_SLAB) {
      return Buffer.from(bytes.subarray(offset, offset + length));
    }
    // Aligned for those who look at the bytes as numbers.
    this.offset = (offset + length + 7) & ~7;
    return bytes.subarray(offset, offset + length);
  }
}

const small = new Slab(SMALL_SLAB);
const large = new Slab(LARGE_SLAB);

/** Memory for one message that no slab holds; what came is copied out of it. */
class Bounce extends Slab {
  override take(length: number): Buffer {
    const received = Buffer.from(this.bytes.subarray(0, length));
    if (this.bytes.length > KEPT) this.bytes = EMPTY;
    return received;
  }
}

const bounce = new Bounce(LARGE_SLAB);

/** The slab for a message of up to `size` bytes, with that much room at its offset. */
export function slabFor(size: number): Slab {
  const slab = size <= SMALL ? small : size <= LARGE_SLAB ? large : bounce;
  slab.reserve(size);
  return slab;
}
