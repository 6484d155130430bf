// Messages that tell who sent them and the how-manieth they are, with bytes that follow from it.

import type { Flow } from './bytes.js';
import type { Episode } from './episode.js';

/** Bytes in front: the number of the channel, and that of the message. */
const HEAD = 8;
/** Bytes of the flow between the beginnings of two messages. */
const STRIDE = 7919;

let channels = 0;

/** One direction of a pair that keeps messages apart. */
export class Messages {
  /** How many were made. */
  made = 0;
  /** The number that the next message has that comes. */
  expected = 0;
  /** Messages that have not come: only UDP may lose any. */
  lost = 0;
  readonly #episode: Episode;
  readonly #flow: Flow;
  readonly #channel = ++channels;
  readonly #isReliable: boolean;

  constructor(episode: Episode, name: string, isReliable: boolean) {
    this.#episode = episode;
    this.#flow = episode.flow(name);
    this.#isReliable = isReliable;
  }

  /** The next message, of so many bytes, at least those of its head. */
  make(length: number): Buffer {
    const number = this.made++;
    const message = Buffer.alloc(Math.max(length, HEAD));
    message.writeUInt32BE(this.#channel, 0);
    message.writeUInt32BE(number, 4);
    this.#flow.at(number * STRIDE, message.length - HEAD).copy(message, HEAD);
    return message;
  }

  /** Checks a message that came. */
  take(message: Buffer): void {
    const episode = this.#episode;
    episode.expect(message.length >= HEAD, `a message of ${message.length} bytes has come`);
    const [channel, number] = [message.readUInt32BE(0), message.readUInt32BE(4)];
    episode.expect(channel === this.#channel, `a message of channel ${channel} has come`);
    episode.expect(
      this.#isReliable ? number === this.expected : number >= this.expected && number < this.made,
      `message ${number} has come instead of ${this.expected}`,
    );
    this.lost += number - this.expected;
    this.expected = number + 1;
    this.#flow.check(message.subarray(HEAD), number * STRIDE);
    episode.world.bytes += message.length;
  }

  /** How many are still to come. */
  get left(): number {
    return this.made - this.expected;
  }

  /** Gives up what has not come. */
  forget(): void {
    this.#episode.expect(!this.#isReliable, `${this.left} messages have not come`);
    this.lost += this.left;
    this.expected = this.made;
  }
}
