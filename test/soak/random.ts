// Random choices that a text determines, so that a run can be repeated from its seed.

/** A generator of its own for each text (Mulberry32 over an FNV-1a hash). */
export class Random {
  #state: number;

  constructor(text: string) {
    let hash = 0x811c9dc5;
    for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
    this.#state = hash;
  }

  /** A number from 0 up to 1, which is left out. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** A number from 1 to `most`, small ones as often as large ones: the logarithm is even. */
  size(most: number): number {
    return Math.min(most, Math.floor(Math.exp(this.next() * Math.log(most + 1))));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)] as T;
  }
}
