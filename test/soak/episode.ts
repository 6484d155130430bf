// One run of an actor from beginning to end: its choices, its sockets, its count of operations.

import { setTimeout as delay } from 'node:timers/promises';
import * as socket from 'berkeley-sockets';
import { Finding, Flow } from './bytes.js';
import type { Random } from './random.js';
import type { World } from './world.js';

interface Closable {
  close(): unknown;
}

/** How long a call may wait, at random, and how that is told apart from a failure. */
export interface Patience {
  readonly options: { timeout?: number; signal?: AbortSignal };
  /** Whether this is the error that ended the patience. */
  isOver(error: unknown): boolean;
  /** Stops the timer behind the signal. */
  end(): void;
}

/** The number that distinguishes flows; each has its own place to begin. */
let flows = 0;

export class Episode {
  readonly world: World;
  readonly random: Random;
  /** What it did last, for the report of one that hangs or fails. */
  last = 'nothing yet';
  readonly began = performance.now();
  readonly #name: string;
  readonly #closables: Closable[] = [];

  constructor(world: World, actor: string, lane: number, number: number) {
    this.world = world;
    this.#name = `${actor} ${lane}.${number}`;
    this.random = world.random(actor, lane, number);
  }

  /** Says what is tried now, and counts it. */
  begin(operation: string): void {
    this.last = operation;
    this.world.count(operation);
  }

  /** A direction of a connection with bytes of its own. */
  flow(name: string): Flow {
    return new Flow(`${this.#name} ${name} #${++flows}`, this.random.integer(0, 2 ** 30));
  }

  /** Takes bytes that have come into a flow. */
  take(flow: Flow, data: Uint8Array): void {
    flow.take(data);
    this.world.bytes += data.length;
  }

  fail(text: string): never {
    throw new Finding(`${this.#name}: ${text}`);
  }

  expect(condition: boolean, text: string): void {
    if (!condition) this.fail(text);
  }

  /** Closes an object at the end, or when something fails. */
  closing<T extends Closable>(object: T): T {
    this.#closables.push(object);
    return object;
  }

  close(): void {
    for (const object of this.#closables.splice(0).reverse()) object.close();
  }

  /** Waits for all; when one fails everything is closed, which ends the others. */
  async together<T extends readonly unknown[]>(
    ...tasks: readonly [...{ [Index in keyof T]: Promise<T[Index]> }]
  ): Promise<T> {
    let first: { error: unknown } | undefined;
    const guarded = tasks.map((task) =>
      (task as Promise<unknown>).catch((error) => {
        if (first === undefined) {
          first = { error };
          this.close();
        }
      }),
    );
    const results = await Promise.all(guarded);
    if (first) throw (first as { error: unknown }).error;
    return results as unknown as T;
  }

  /** Sometimes a moment of nothing: the other side has to wait, or runs ahead. */
  async pause(most = 5): Promise<void> {
    if (this.random.chance(0.3)) await delay(this.random.integer(0, most));
  }

  /** A limit for a call: a timeout, a signal that is aborted, or both. */
  patience(most = 10): Patience {
    const kind = this.random.integer(0, 2);
    const milliseconds = this.random.integer(0, most);
    if (kind === 0) {
      return {
        options: { timeout: milliseconds / 1000 },
        // A timeout of 0 does not wait at all.
        isOver: (error) =>
          error instanceof socket.TimeoutError || error instanceof socket.BlockingIOError,
        end() {},
      };
    }
    const controller = new AbortController();
    const reason = new Error('enough');
    if (kind === 1 && milliseconds < 2) controller.abort(reason);
    const timer = setTimeout(() => controller.abort(reason), milliseconds);
    return {
      options: { signal: controller.signal, ...(kind === 2 && { timeout: 0.02 }) },
      isOver: (error) => error === reason || (kind === 2 && error instanceof socket.TimeoutError),
      end: () => clearTimeout(timer),
    };
  }

  /** Repeats a blocking call that signals interrupt. */
  again<T>(call: () => T): T {
    for (;;) {
      try {
        return call();
      } catch (error) {
        if (!(error instanceof socket.InterruptedError)) throw error;
        this.world.count('interrupted by a signal');
      }
    }
  }

  /** The same with what is left of some seconds, which signals would otherwise begin anew. */
  againWithin<T>(seconds: number, call: (left: number) => T): T {
    const end = performance.now() + 1000 * seconds;
    return this.again(() => call(Math.max(end - performance.now(), 1) / 1000));
  }
}

/** Whether an error says that the connection is gone, on this side or on the other. */
export function isBroken(error: unknown): boolean {
  const { code, message } = error as socket.OSError;
  // What selectors say of a closed socket, in Python's `sendfile`.
  if (error instanceof socket.ValueError) return message === 'Invalid file descriptor: -1';
  return ['EBADF', 'ECONNRESET', 'EPIPE', 'ENOTCONN', 'ECONNABORTED'].includes(code as string);
}
