// Bytes in and bytes out: any buffer of the caller's as a Uint8Array, and slabs to receive into.

import { isAnyArrayBuffer } from '../builtins.js';
import { osError, ValueError } from '../errors.js';
import { errnos } from '../native.js';
import { lengthOf } from '../remembered.js';
import { argumentName, typeName } from '../types.js';

/** What a call takes where Python takes a bytes-like object. */
export type BytesLike = ArrayBufferView | ArrayBufferLike;

const entriesOf = Uint8Array.prototype.entries;

// What the engine knows of any typed array, whatever properties of these names say.
const typedArray = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(Uint8Array.prototype));
const bufferOf = typedArray.buffer.get as (this: unknown) => ArrayBufferLike;
const byteOffsetOf = typedArray.byteOffset.get as (this: unknown) => number;
const byteLengthOf = typedArray.byteLength.get as (this: unknown) => number;

/** The bytes of any buffer; undefined of anything else. */
function viewOf(value: unknown): Uint8Array | undefined {
  const isView = ArrayBuffer.isView(value);
  if (!isView && !isAnyArrayBuffer(value)) return undefined;
  try {
    // Memory that was transferred to somebody else throws here. It reads as empty, but taking it
    // for an empty buffer would hide that.
    if (!isView) return new Uint8Array(value);
    // So does what lies outside of memory that has shrunk; only a DataView tells by itself.
    if (value instanceof DataView) {
      return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    }
    entriesOf.call(value as Uint8Array);
    return new Uint8Array(bufferOf.call(value), byteOffsetOf.call(value), byteLengthOf.call(value));
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
  if (isPlainBytes(value)) return value;
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

/** Whether a value is a Uint8Array that holds something, and whose length is what it says. */
export function isPlainBytes(value: unknown): value is Uint8Array {
  return isBytes(value) && value.length > 0 && lengthOf.call(value) === value.length;
}

const BAD_MEMORY = -(errnos.EFAULT as number);

/**
 * Refuses memory that is not as large as it was when a call began to wait, since its owner has given
 * it away. What is gone reads as empty: it would pass for a message of no bytes, for one that was
 * sent already, or for the end of a stream.
 */
export function requireLength(view: Uint8Array, length: number, syscall: string): void {
  if (lengthOf.call(view) !== length) throw osError(BAD_MEMORY, syscall);
}

/** The same for several pieces, as a check for whenever the call is tried. */
export function lasting(views: readonly Uint8Array[], syscall: string): () => void {
  const lengths = views.map((view) => lengthOf.call(view));
  return () => {
    views.forEach((view, index) => void requireLength(view, lengths[index] as number, syscall));
  };
}

/** Nothing received. */
const EMPTY = Buffer.alloc(0);

// A message of up to SMALL bytes is received into a slab shared by such messages: what came is cut
// off, the rest serves the next call. A larger one is received into memory of its own, which is
// handed over if it is well used; otherwise what came is copied, so that it keeps no more memory
// alive than it needs, and the memory serves the next call. Nobody sees old memory through
// `buffer.buffer`: slabs are zeroed, and so is what a message leaves unused.
const SMALL = 4096;
const SMALL_SLAB = 32 * 1024;
/** Memory is well used if at least this part of it was filled. */
const WELL_USED = 1 / 4;
/** Memory up to this size is kept for the next call. */
const KEPT = 4 * 1024 * 1024;

/** Cuts a Buffer out of a slab. */
type Cut = (memory: ArrayBuffer, offset: number, length: number) => Buffer;

/** The fastest way to cut. */
function chooseCut(): Cut {
  // In Node the species of Buffer is the class that `subarray` makes in several steps more.
  const species = (Buffer as { [Symbol.species]?: new (...args: Parameters<Cut>) => Buffer })[
    Symbol.species
  ];
  if (species && Buffer.isBuffer(new species(new ArrayBuffer(1), 0, 1))) {
    return (memory, offset, length) => new species(memory, offset, length);
  }
  return (memory, offset, length) => Buffer.from(memory, offset, length);
}

const cut = chooseCut();

/** Memory to receive into: the room from `offset` on. */
export class Slab {
  bytes: Buffer = EMPTY;
  offset = 0;
  protected memory = new ArrayBuffer(0);

  constructor(readonly size: number) {}

  /** Makes sure that there is room for that many bytes. */
  reserve(length: number): void {
    if (this.offset + length > this.bytes.length) this.renew(length);
  }

  private renew(length: number): void {
    this.memory = new ArrayBuffer(Math.max(this.size, length));
    this.bytes = Buffer.from(this.memory);
    this.offset = 0;
  }

  /** Makes sure that the room holds nothing old. */
  clean(length: number): void {
    this.bytes.fill(0, this.offset, this.offset + length);
  }

  /** What was received at the offset, as the caller's own. */
  take(length: number): Buffer {
    if (length === 0) return EMPTY;
    const { offset } = this;
    // Aligned for those who look at the bytes as numbers.
    this.offset = (offset + length + 7) & ~7;
    return cut(this.memory, offset, length);
  }
}

/** Gives what was received as a copy that keeps nothing else alive. */
export function copyOf(bytes: Uint8Array): Buffer {
  const target = bytes.length <= SMALL ? small : new Slab(bytes.length);
  target.reserve(bytes.length);
  target.bytes.set(bytes, target.offset);
  return target.take(bytes.length);
}

/** Memory for one large message. */
class Single extends Slab {
  override reserve(length: number): void {
    const { bytes } = this;
    if (length <= bytes.length && bytes.length * WELL_USED <= length) return;
    // Up to KEPT it comes from the heap and is not cleared; beyond, the system gives zeroed pages
    // and only those that are used cost anything.
    this.bytes =
      length <= KEPT ? Buffer.allocUnsafeSlow(length) : Buffer.from(new ArrayBuffer(length));
  }

  override clean(length: number): void {
    // What is larger came zeroed, and is never used twice.
    if (this.bytes.length <= KEPT) this.bytes.fill(0, 0, length);
  }

  override take(length: number): Buffer {
    const { bytes } = this;
    const isWellUsed = length >= bytes.length * WELL_USED;
    if (isWellUsed || bytes.length > KEPT) this.bytes = EMPTY;
    if (!isWellUsed) return copyOf(bytes.subarray(0, length));
    bytes.fill(0, length);
    return bytes.subarray(0, length);
  }
}

const small = new Slab(SMALL_SLAB);
const single = new Single(0);

/** The slab for a message of up to `size` bytes, with that much room at its offset. */
export function slabFor(size: number): Slab {
  const slab = size <= SMALL ? small : single;
  slab.reserve(size);
  return slab;
}
