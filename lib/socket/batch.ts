// `MessageBatch`: the memory of several messages that one system call receives or sends.

import { AF_UNIX } from '../constants.js';
import { MemoryError, osError, RuntimeError, ValueError } from '../errors.js';
import { native } from '../native.js';
import { pythonRepr } from '../repr.js';
import { typeName } from '../types.js';
import { readAddress, writeAddress } from './address.js';
import type { AddressInput, MaybeAddress } from './address-types.js';
import { type AncillaryInput, toAncillary, toAncillaryLength, toSize } from './arguments.js';
import { type BytesLike, toBytes } from './bytes.js';
import { type AncillaryItem, ancillaryItems } from './calls.js';
import type { Descriptor } from './descriptor.js';

/** The most messages that the kernel takes at once (UIO_MAXIOV). */
const MOST_MESSAGES = 1024;
const MOST_MEMORY = 0x7fff_ffff;

// One entry is eight numbers; behind all entries are the addresses. native/core/batch.h has the same
// layout.
const OFFSET = 0;
const ROOM = 1;
const LENGTH = 2;
const FLAGS = 3;
const NAME_LENGTH = 4;
const CONTROL_OFFSET = 5;
const CONTROL_ROOM = 6;
const CONTROL_LENGTH = 7;
const ADDRESS_BYTES = 128;
const WORDS = 8;
const ENTRY_BYTES = WORDS * Int32Array.BYTES_PER_ELEMENT;

/** Options of a {@link MessageBatch}. */
export interface BatchOptions {
  /** Room for the control messages of each message, in bytes; see {@link CMSG_SPACE}. */
  ancbufsize?: number;
  /** The caller's own memory for the data: at least `count * size` bytes. */
  memory?: BytesLike;
}

/** A message as `recvmsg` gives it. */
export type Message<F extends number = number> = [
  data: Buffer,
  ancdata: AncillaryItem[],
  msg_flags: number,
  address: MaybeAddress<F>,
];

/** How a batch is used by the calls of a socket. */
export const MEMORY: unique symbol = Symbol('memory');

/** What the native calls take, and what they leave. */
interface BatchMemory {
  readonly entries: Uint8Array;
  readonly data: Uint8Array;
  readonly control: Uint8Array;
  /** Throws while a call waits. */
  requireIdle(): void;
  /** Keeps the messages as they are until a call has settled, and gives its result. */
  keepUntil<T>(call: Promise<T>): Promise<T>;
  beginReceiving(): void;
  endReceiving(descriptor: Descriptor, count: number): void;
  /** The addresses of the messages to send, as they were given or, once resolved, numeric. */
  readonly targets: unknown[];
  beginSending(descriptor: Descriptor): void;
}

/**
 * Memory for several messages, used again and again: `recvmmsg_into` fills it without making an
 * object for each message, `sendmmsg_from` sends what {@link MessageBatch.add} put there. What
 * {@link MessageBatch.data} gives is this memory, which the next call overwrites. `F` is the address
 * family of the sockets that it is used with. While a call of the promise flavour waits, its messages
 * cannot be changed: a RuntimeError.
 */
export class MessageBatch<F extends number = number> {
  /** How many messages it has room for. */
  readonly count: number;
  /** How many bytes of data each message has room for. */
  readonly size: number;
  /** How many bytes of control messages each message has room for. */
  readonly ancbufsize: number;
  /** @internal */
  readonly [MEMORY]: BatchMemory;
  readonly #words: Int32Array;
  readonly #data: Buffer;
  readonly #targets: unknown[] = [];
  #length = 0;
  /** How many of the targets are written where the kernel reads them, and for which family. */
  #written = 0;
  #writtenFamily = -1;
  /** The socket that the messages came from; undefined for messages to send. */
  #descriptor: Descriptor | undefined;
  #ancillary: (AncillaryItem[] | undefined)[] = [];
  /** Whether the rooms are those for receiving: the kernel does not change them. */
  #hasRooms = false;
  /** How many calls wait that the batch was given to. */
  #waiting = 0;

  /**
   * @param count how many messages, at most 1024, which is what the kernel takes at once
   * @param size bytes of data for each message
   * @throws ValueError if a number is out of range or the memory too small
   */
  constructor(count: number, size: number, options: BatchOptions = {}) {
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(`the options of a MessageBatch must be dict, not ${typeName(options)}`);
    }
    this.count = toSize(count, 'negative count of messages');
    this.size = toSize(size, 'negative size of messages');
    this.ancbufsize = toAncillaryLength(options.ancbufsize ?? 0);
    if (this.count < 1 || this.count > MOST_MESSAGES) {
      throw new ValueError(`a batch has 1 to ${MOST_MESSAGES} messages, not ${this.count}`);
    }
    const total = this.count * this.size;
    // The kernel's control messages begin at words.
    const controlRoom = Math.ceil(this.ancbufsize / 8) * 8;
    const controlTotal = this.count * controlRoom;
    if (total > MOST_MEMORY || controlTotal > MOST_MEMORY) throw new MemoryError('');
    this.#data = memoryFor(total, options.memory);
    const entries = new Uint8Array(this.count * (ENTRY_BYTES + ADDRESS_BYTES));
    const control = allocate(controlTotal);
    this.#words = new Int32Array(entries.buffer);
    for (let index = 0; index < this.count; index += 1) {
      this.#write(index, OFFSET, index * this.size);
      this.#write(index, CONTROL_OFFSET, index * controlRoom);
    }
    this[MEMORY] = {
      entries,
      data: this.#data,
      control,
      targets: this.#targets,
      requireIdle: () => this.#requireIdle(),
      keepUntil: (call) => this.#keepUntil(call),
      beginReceiving: () => this.#beginReceiving(),
      endReceiving: (descriptor, messages) => this.#endReceiving(descriptor, messages),
      beginSending: (descriptor) => this.#beginSending(descriptor),
    };
  }

  /** How many messages are in it. */
  get length(): number {
    return this.#length;
  }

  /** The whole memory of one message's data, to write to before {@link MessageBatch.add}. */
  room(index: number): Buffer {
    const at = this.#check(index, this.count);
    return this.#data.subarray(at * this.size, (at + 1) * this.size);
  }

  /** The data of one message; after `sendmmsg_from`, the part of it that went. */
  data(index: number): Buffer {
    const at = this.#check(index, this.length);
    const start = at * this.size;
    // With MSG_TRUNC the kernel tells the datagram's length, of which only a part is there.
    return this.#data.subarray(start, start + Math.min(this.#read(at, LENGTH), this.size));
  }

  /** The address that a message came from; null where the kernel names none. */
  address(index: number): MaybeAddress<F> {
    const at = this.#check(index, this.length);
    if (this.#descriptor === undefined) return (this.#targets[at] ?? null) as MaybeAddress<F>;
    const length = this.#read(at, NAME_LENGTH);
    return readAddress(this.#descriptor, this.#addressBytes(at, length)) as MaybeAddress<F>;
  }

  /** The flags of a received message: MSG_TRUNC, MSG_CTRUNC, … */
  msg_flags(index: number): number {
    return this.#read(this.#check(index, this.length), FLAGS);
  }

  /**
   * The control messages of a received message, each `[level, type, bytes]`. Descriptors among
   * them (SCM_RIGHTS) are the caller's to close.
   */
  ancdata(index: number): AncillaryItem[] {
    const at = this.#check(index, this.length);
    this.#ancillary[at] ??= this.#unpack(at);
    return this.#ancillary[at];
  }

  /**
   * Adds a message to send.
   *
   * @param data the bytes, which are copied; or how many bytes of {@link MessageBatch.room} to send
   * @param ancdata control messages, each `[level, type, bytes]`
   * @param address where it goes; null or left out for a connected socket
   * @returns the index of the message
   * @throws ValueError if the batch is full, or the message larger than its room; RuntimeError while
   *   a call waits that has the batch
   */
  add(
    data: BytesLike | number,
    ancdata: Iterable<AncillaryInput> = [],
    address: AddressInput<F> | null = null,
  ): number {
    this.#requireIdle();
    // What was received is no message to send.
    if (this.#descriptor !== undefined) this.#reset();
    const index = this.length;
    if (index >= this.count) throw new ValueError(`the batch is full: ${this.count} messages`);
    const length = this.#put(index, data);
    const items = toAncillary(ancdata);
    this.#hasRooms = false;
    this.#write(index, CONTROL_ROOM, items.length > 0 ? this.#pack(index, items) : 0);
    this.#write(index, ROOM, length);
    this.#write(index, LENGTH, length);
    this.#targets[index] = address;
    this.#written = Math.min(this.#written, index);
    this.#length = index + 1;
    return index;
  }

  /**
   * Takes all messages out.
   *
   * @throws RuntimeError while a call waits that has the batch
   */
  clear(): void {
    this.#requireIdle();
    this.#reset();
  }

  /** The messages as `recvmsg` gives them; their data is the batch's memory. */
  *[Symbol.iterator](): Generator<Message<F>, void, undefined> {
    for (let index = 0; index < this.length; index += 1) {
      yield [this.data(index), this.ancdata(index), this.msg_flags(index), this.address(index)];
    }
  }

  #requireIdle(): void {
    if (this.#waiting > 0) throw new RuntimeError('a call that waits has the batch');
  }

  #keepUntil<T>(call: Promise<T>): Promise<T> {
    this.#waiting += 1;
    return call.finally(() => {
      this.#waiting -= 1;
    });
  }

  #reset(): void {
    this.#length = 0;
    this.#descriptor = undefined;
    if (this.#ancillary.length > 0) this.#ancillary = [];
    if (this.#targets.length > 0) this.#targets.length = 0;
    this.#written = 0;
  }

  #read(index: number, word: number): number {
    return this.#words[index * WORDS + word] as number;
  }

  #write(index: number, word: number, value: number): void {
    this.#words[index * WORDS + word] = value;
  }

  #check(index: number, end: number): number {
    if (typeof index === 'number' && (index | 0) === index && index >= 0 && index < end)
      return index;
    const text = `no message ${pythonRepr(index)} in the batch`;
    const at = toSize(index, text);
    if (at >= end) throw new ValueError(text);
    return at;
  }

  /** The memory of an address, or as much of it as is used. */
  #addressBytes(index: number, length: number): Uint8Array {
    const start = this.count * ENTRY_BYTES + index * ADDRESS_BYTES;
    return this[MEMORY].entries.subarray(start, start + Math.min(length, ADDRESS_BYTES));
  }

  #put(index: number, data: BytesLike | number): number {
    if (typeof data === 'number' || typeof data === 'bigint') {
      const length = toSize(data, 'negative length of a message');
      if (length > this.size) throw new ValueError(tooLong(length, this.size));
      return length;
    }
    const bytes = toBytes(data);
    if (bytes.length > this.size) throw new ValueError(tooLong(bytes.length, this.size));
    this.#data.set(bytes, index * this.size);
    return bytes.length;
  }

  #pack(index: number, items: readonly (readonly [number, number, Uint8Array])[]): number {
    const packed = native.packAncillary(items);
    if (typeof packed === 'number') throw osError(packed, 'sendmmsg');
    if (packed.length > this.ancbufsize) {
      throw new ValueError(
        `${packed.length} bytes of control messages do not fit into ${this.ancbufsize}`,
      );
    }
    this[MEMORY].control.set(packed, this.#read(index, CONTROL_OFFSET));
    return packed.length;
  }

  #unpack(index: number): AncillaryItem[] {
    const length = this.#descriptor === undefined ? 0 : this.#read(index, CONTROL_LENGTH);
    if (length === 0) return [];
    const start = this.#read(index, CONTROL_OFFSET);
    return ancillaryItems(
      native.unpackAncillary(this[MEMORY].control.subarray(start, start + length)),
    );
  }

  #beginReceiving(): void {
    this.#reset();
    if (this.#hasRooms) return;
    this.#hasRooms = true;
    for (let index = 0; index < this.count; index += 1) {
      this.#write(index, ROOM, this.size);
      this.#write(index, CONTROL_ROOM, this.ancbufsize);
    }
  }

  #endReceiving(descriptor: Descriptor, count: number): void {
    this.#descriptor = descriptor;
    this.#length = count;
    if (this.ancbufsize === 0 || descriptor.family !== AF_UNIX) return;
    // Descriptors may have come along; as numbers in an array they cannot be lost.
    for (let index = 0; index < count; index += 1) this.ancdata(index);
  }

  #beginSending(descriptor: Descriptor): void {
    if (this.#descriptor !== undefined) throw new ValueError('the batch has no messages to send');
    if (this.#writtenFamily !== descriptor.family) this.#written = 0;
    for (let index = this.#written; index < this.length; index += 1) {
      const target = this.#targets[index];
      const hasTarget = target !== null && target !== undefined;
      const memory = this.#addressBytes(index, ADDRESS_BYTES);
      const length = hasTarget ? writeAddress(descriptor, target, 'sendmmsg', memory) : 0;
      this.#write(index, NAME_LENGTH, length);
    }
    this.#written = this.length;
    this.#writtenFamily = descriptor.family;
  }
}

function tooLong(length: number, size: number): string {
  return `${length} bytes do not fit into a message of ${size}`;
}

function allocate(length: number): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch {
    throw new MemoryError('');
  }
}

/** The memory of the data: the caller's, or new. */
function memoryFor(length: number, given: BytesLike | undefined): Buffer {
  const { buffer, byteOffset, byteLength } =
    given === undefined ? allocate(length) : toBytes(given);
  if (byteLength < length) {
    throw new ValueError(`${length} bytes of memory are needed, not ${byteLength}`);
  }
  return Buffer.from(buffer as ArrayBuffer, byteOffset, length);
}
