// Calls that wait while another thread acts: the call in the main thread or in a worker.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type * as socket from 'berkeley-sockets';
import { type Call, invoke, type Order, type Outcome, perform } from './thread.js';

type Reply = { waited: boolean; outcomes: Outcome[] };

/** A worker that makes calls on sockets. */
export class Thread {
  private constructor(
    private readonly worker: Worker,
    /** Its number in the system. */
    readonly number: number,
  ) {}

  static async start(): Promise<Thread> {
    const worker = new Worker(new URL('./thread.js', import.meta.url));
    const [number] = await once(worker, 'message');
    return new Thread(worker, number as number);
  }

  /** Has the thread make the calls. */
  async run(order: Order): Promise<Reply> {
    const reply = once(this.worker, 'message');
    this.worker.postMessage(order);
    const [message] = await reply;
    return message as Reply;
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}

/** A call of a test's own socket. */
export type SocketCall = readonly [
  sock: socket.socket<number> | number,
  method: string,
  ...args: unknown[],
];

function toCall([sock, method, ...args]: SocketCall): Call {
  return { fd: typeof sock === 'number' ? sock : sock.fileno(), method, args };
}

/** Makes a call of a socket here. */
export function callHere([sock, method, ...args]: SocketCall): Outcome {
  return perform(() => invoke(sock as socket.socket<number>, method, args));
}

/** An outcome to compare, without the time that it took. */
export function strip({ elapsed, ...rest }: Outcome): Omit<Outcome, 'elapsed'> {
  assert.ok(elapsed >= 0);
  return rest;
}

/** Where a call is made. */
export type Place = 'the main thread' | 'a worker';
export const PLACES: readonly Place[] = ['the main thread', 'a worker'];

/** The threads of a test file. */
export class Threads {
  private constructor(
    readonly caller: Thread,
    readonly actor: Thread,
  ) {}

  static async start(): Promise<Threads> {
    return new Threads(await Thread.start(), await Thread.start());
  }

  async end(): Promise<void> {
    await this.caller.end();
    await this.actor.end();
  }

  /** Makes a call in that place with that timeout; undefined leaves the descriptor as it is. */
  async call(place: Place, call: SocketCall, timeout?: number | null): Promise<Outcome> {
    if (place === 'a worker') {
      const { outcomes } = await this.caller.run({ calls: [{ ...toCall(call), timeout }] });
      return outcomes[0] as Outcome;
    }
    if (timeout !== undefined) (call[0] as socket.socket<number>).settimeout(timeout);
    return callHere(call);
  }

  /**
   * Makes a call in that place; once it waits there, another thread acts. Both outcomes are given.
   */
  async callWhile(
    place: Place,
    call: SocketCall,
    timeout: number | null | undefined,
    actions: readonly SocketCall[],
  ): Promise<{ outcome: Outcome; acted: Outcome[] }> {
    const waiter = place === 'a worker' ? this.caller.number : process.pid;
    const acting = this.actor.run({ calls: actions.map(toCall), waiter });
    const outcome = await this.call(place, call, timeout);
    const { waited, outcomes } = await acting;
    assert.ok(waited, 'the call did not wait');
    return { outcome, acted: outcomes };
  }
}

/** A call that ran out of time took at least that long, and not very much longer. */
export function assertElapsed({ elapsed }: Outcome, seconds: number): void {
  // The kernel's own timeouts count in ticks of the clock, and may be one short.
  assert.ok(elapsed >= seconds * 1000 - 5, `only ${elapsed} ms`);
  assert.ok(elapsed < seconds * 1000 + 3000, `${elapsed} ms`);
}
