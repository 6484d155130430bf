// The loops of a server: what `serve_forever` and `handle_request` wait for, and what ends them.

import { ValueError } from '../errors.js';
import { notAnInteger } from '../types.js';
import { type Awaitable, isThenable } from './flow.js';
import { Turnstile } from './turnstile.js';

/** Requests that are served in a row before the event loop has a turn. */
const LONGEST_BURST = 16;
/** Milliseconds after which a server looks again that could not accept for want of resources. */
const PAUSE = 50;

/** What a loop needs of its server. */
export interface Served {
  fileno(): number;
  /** Whether there is a request, without waiting. */
  look(): boolean;
  handleRequest(): Awaitable<void>;
  serviceActions(): Awaitable<unknown>;
}

/** Python's `threading.Event`, for promises. */
class Event {
  #isSet = false;
  #waiting: (() => void)[] = [];

  set(): void {
    this.#isSet = true;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  clear(): void {
    this.#isSet = false;
  }

  wait(): Promise<void> {
    if (this.#isSet) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/**
 * A descriptor to wait for.
 *
 * @throws ValueError if it is that of a closed socket
 */
export function openDescriptor(fd: number): number {
  if (fd >= 0) return fd;
  throw new ValueError(`Invalid file descriptor: ${fd}`);
}

/** Seconds as milliseconds: none for null, which stands for ever. */
export function toMilliseconds(seconds: unknown): number {
  if (seconds === null) return -1;
  if (typeof seconds !== 'number') throw notAnInteger(seconds);
  if (Number.isNaN(seconds)) throw new ValueError('Invalid value NaN (not a number)');
  return Math.max(0, Math.ceil(seconds * 1000));
}

/** What a server's loops share. */
export class Serving {
  /** `shutdown()` was called, and no loop has ended since. */
  isShutdownRequested = false;
  readonly #ended = new Event();
  readonly #turnstiles = new Set<Turnstile>();
  #pausedUntil = 0;

  /** Runs until `shutdown()` is called or the server is closed. */
  async run(server: Served, interval: number): Promise<void> {
    this.#ended.clear();
    const turnstile = new Turnstile(() => server.look());
    this.#turnstiles.add(turnstile);
    try {
      const fd = openDescriptor(server.fileno());
      // The caller goes on first, even if there are requests already.
      await undefined;
      let burst = 0;
      while (!this.isShutdownRequested && server.fileno() === fd) {
        const admitted = this.#admit(turnstile, fd, interval);
        // Nothing is awaited that is known.
        const isReady = admitted === true || (await admitted);
        if (isReady) {
          const handled = server.handleRequest();
          if (isThenable(handled)) await handled;
        }
        const done = server.serviceActions();
        if (isThenable(done)) await done;
        burst += 1;
        if (burst >= LONGEST_BURST) {
          burst = 0;
          await new Promise<void>((resolve) => setImmediate(resolve));
        }
      }
    } finally {
      this.#turnstiles.delete(turnstile);
      turnstile.close();
      this.isShutdownRequested = false;
      this.#ended.set();
    }
  }

  /** Waits for one request; false if none came in time. */
  async once(server: Served, milliseconds: number): Promise<boolean> {
    const end = performance.now() + milliseconds;
    const turnstile = new Turnstile(() => server.look());
    this.#turnstiles.add(turnstile);
    try {
      const fd = openDescriptor(server.fileno());
      await undefined;
      for (;;) {
        openDescriptor(server.fileno());
        const rest = milliseconds < 0 ? -1 : Math.max(0, Math.ceil(end - performance.now()));
        if (await this.#admit(turnstile, fd, rest)) return true;
        if (milliseconds >= 0 && performance.now() >= end) return false;
      }
    } finally {
      this.#turnstiles.delete(turnstile);
      turnstile.close();
    }
  }

  #admit(turnstile: Turnstile, fd: number, milliseconds: number): boolean | Promise<boolean> {
    const pause = this.#pausedUntil - performance.now();
    if (pause > 0) {
      return turnstile.rest(milliseconds < 0 ? pause : Math.min(pause, milliseconds));
    }
    if (turnstile.look()) return true;
    return milliseconds === 0 ? false : turnstile.wait(fd, milliseconds);
  }

  /** Asks the loops to end; settles when one has. */
  shutdown(): Promise<void> {
    this.isShutdownRequested = true;
    for (const turnstile of this.#turnstiles) turnstile.wake();
    return this.#ended.wait();
  }

  /** The system has no descriptor or memory for another request: trying at once would spin. */
  pause(): void {
    this.#pausedUntil = performance.now() + PAUSE;
  }

  /** A descriptor was released. */
  goOn(): void {
    if (this.#pausedUntil === 0) return;
    this.#pausedUntil = 0;
    for (const turnstile of this.#turnstiles) turnstile.wake();
  }
}
