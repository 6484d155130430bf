// Bytes that tell their place: one that is lost, doubled or another connection's is out of place.

import { writeFileSync } from 'node:fs';
import { Random } from './random.js';

/** A prime, so that no round length of anything repeats after the same number of bytes. */
const PERIOD = 1_048_573;
/** The longest piece that {@link Flow.next} gives. */
export const LONGEST = PERIOD;
/** How many bytes of a wrong piece are searched for, to tell where they belong. */
const SAMPLE = 12;

/** The period twice: any piece of up to one period is one slice. Never written to again. */
const table = Buffer.alloc(2 * PERIOD);

/** Fills the table, in this process and in each that takes part, from the seed of the run. */
export function prepareBytes(seed: string): void {
  const random = new Random(`${seed}/bytes`);
  for (let at = 0; at < PERIOD; at++) table[at] = random.integer(0, 255);
  table.copy(table, PERIOD, 0, PERIOD);
}

/** Writes the table to a file, from which `sendfile` sends. */
export function writeTable(path: string): void {
  writeFileSync(path, table);
}

/** Something that went wrong, as against an error that was to be expected. */
export class Finding extends Error {
  override name = 'Finding';
}

function explain(data: Uint8Array, start: number): string {
  const sample = data.subarray(0, SAMPLE);
  const found = table.indexOf(sample);
  if (found < 0) return 'they are from nowhere';
  const distance = (((found - start) % PERIOD) + PERIOD) % PERIOD;
  return `they are those ${distance > PERIOD / 2 ? distance - PERIOD : distance} bytes further on`;
}

/** One direction of a connection: which bytes go, and which have to come. */
export class Flow {
  readonly #name: string;
  readonly #base: number;
  /** How many bytes have been handed over for certain. */
  sent = 0;
  /** How many bytes have come, all of them right. */
  received = 0;

  /** @param start what tells this flow from others: where in the table it begins */
  constructor(name: string, start: number) {
    this.#name = name;
    this.#base = start % PERIOD;
  }

  /** Where in the table a position of the flow is. */
  place(position: number): number {
    return (this.#base + position) % PERIOD;
  }

  /** The bytes at a position; at most {@link LONGEST}. */
  at(position: number, length: number): Buffer {
    const start = this.place(position);
    return table.subarray(start, start + length);
  }

  /** The bytes that are to be sent next. */
  next(length: number): Buffer {
    return this.at(this.sent, length);
  }

  /** Checks bytes without taking them. */
  check(data: Uint8Array, position = this.received): void {
    const start = this.place(position);
    if (table.compare(data, 0, data.length, start, start + data.length) === 0) return;
    let wrong = 0;
    while (data[wrong] === table[start + wrong]) wrong++;
    const rest = data.subarray(wrong);
    throw new Finding(
      `${this.#name}: ${rest.length} of ${data.length} bytes are wrong from position ` +
        `${position + wrong} on; ${explain(rest, start + wrong)}`,
    );
  }

  /** Takes bytes that have come. */
  take(data: Uint8Array): void {
    this.check(data);
    this.received += data.length;
  }

  /** Fails unless everything that was sent has come. */
  finish(): void {
    if (this.received === this.sent) return;
    throw new Finding(`${this.#name}: ${this.sent} bytes sent, ${this.received} received`);
  }
}
