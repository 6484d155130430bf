// Collects bytes of an unknown number in one growing piece of memory.

const FIRST_CAPACITY = 8192;
const LARGEST_GROWTH = 16 * 1024 * 1024;

/** Memory that grows as bytes arrive, so that a large limit costs nothing for a short read. */
export class Accumulator {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  /** @param limit the most bytes that will be collected */
  constructor(private readonly limit: number = Number.POSITIVE_INFINITY) {}

  /** How many bytes there are. */
  get length(): number {
    return this.#length;
  }

  /** Free memory behind the bytes, never empty unless the limit is reached. */
  space(): Buffer {
    if (this.#length === this.#bytes.length) {
      const growth = Math.min(Math.max(this.#length, FIRST_CAPACITY), LARGEST_GROWTH);
      this.#reserve(Math.min(this.#length + growth, this.limit));
    }
    return this.#bytes.subarray(this.#length);
  }

  /** Counts bytes that were written to {@link Accumulator.space}. */
  commit(count: number): void {
    this.#length += count;
  }

  /** Copies bytes to the end. */
  append(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#bytes.length) this.#reserve(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.set(bytes, this.#length);
    this.#length = needed;
  }

  /** All the bytes, in memory that is not much larger than they are. */
  take(): Buffer {
    const bytes = this.#bytes.subarray(0, this.#length);
    return this.#length * 2 < this.#bytes.length ? Buffer.from(bytes) : bytes;
  }

  #reserve(capacity: number): void {
    const larger = Buffer.from(new ArrayBuffer(capacity));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
