// What all actors share: counts, findings, and who may disturb whom.

import { Random } from './random.js';

/** A finding, with all that is known of its place. */
export interface Found {
  readonly actor: string;
  readonly last: string;
  readonly text: string;
}

/** How many findings end a run before its time. */
const ENOUGH = 20;

/** The state of one run. */
export class World {
  readonly seed: string;
  /** The file that `sendfile` sends from. */
  readonly file: string;
  readonly counts = new Map<string, number>();
  /** How many findings there are. */
  findings = 0;
  readonly #found: (found: Found) => void;
  /** Bytes that came and were compared with those that had to come. */
  bytes = 0;
  /** No further episode begins. */
  isPausing = false;
  /** Milliseconds that the event loop stood still at most, which explains what came late. */
  longestPause = 0;
  #starting = 0;
  #isSqueezed = false;
  #isSqueezeWanted = false;
  #lastSqueeze = Number.NEGATIVE_INFINITY;
  #changed = () => {};
  #change: Promise<void>;

  constructor(seed: string, file: string, found: (found: Found) => void) {
    this.#found = found;
    this.seed = seed;
    this.file = file;
    this.#change = this.#nextChange();
  }

  random(...parts: (string | number)[]): Random {
    return new Random([this.seed, ...parts].join('/'));
  }

  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by);
  }

  find(actor: string, last: string, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
    const cause = error instanceof Error && error.cause ? `\ncause: ${error.cause}` : '';
    this.findings++;
    const pause = `\nthe event loop stood still for at most ${Math.round(this.longestPause)} ms`;
    this.#found({ actor, last, text: text + cause + pause });
  }

  get isSpoilt(): boolean {
    return this.findings >= ENOUGH;
  }

  /** Whether descriptors were scarce at some moment since then (`performance.now()`). */
  wasScarceSince(time: number): boolean {
    return this.#isSqueezed || this.#lastSqueeze >= time;
  }

  get isSqueezed(): boolean {
    return this.#isSqueezed;
  }

  /**
   * Runs what starts threads or processes: never while descriptors are scarce, since the runtime
   * itself aborts when it cannot open those of a new thread.
   */
  async starting<T>(run: () => Promise<T>): Promise<T> {
    while (this.#isSqueezeWanted) await this.#change;
    this.#starting++;
    try {
      return await run();
    } finally {
      this.#starting--;
      this.#tell();
    }
  }

  /** Runs what makes descriptors scarce, once nothing is being started. */
  async squeezing(run: () => Promise<void>): Promise<void> {
    this.#isSqueezeWanted = true;
    while (this.#starting > 0) await this.#change;
    this.#isSqueezed = true;
    try {
      await run();
    } finally {
      this.#lastSqueeze = performance.now();
      this.#isSqueezed = false;
      this.#isSqueezeWanted = false;
      this.#tell();
    }
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }

  #tell(): void {
    const tell = this.#changed;
    this.#change = this.#nextChange();
    tell();
  }
}
