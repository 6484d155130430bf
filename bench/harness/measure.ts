// Times the Node contenders' loops: warm-up first, then the part that counts.

import { writeSync } from 'node:fs';
import type { Trial } from './types.js';

/** The warm-up is this part of the timed amount: enough for V8 to have optimised the loop. */
export const warmUpShare = 0.1;

/**
 * Times `body` over `count` operations after a shorter warm-up.
 *
 * @param count how many operations are timed
 * @param body does the given number of operations; it may return a promise
 */
export async function measure(
  count: number,
  body: (operations: number) => unknown,
): Promise<Trial> {
  await body(Math.ceil(count * warmUpShare));
  const start = performance.now();
  await body(count);
  return { amount: count, seconds: (performance.now() - start) / 1000 };
}

/**
 * Times a queue being emptied, again and again: filling it is not timed, draining it is.
 *
 * @param count how many messages are drained within the timed part, a multiple of `batch`
 * @param batch how many messages fill the queue once
 * @param fill puts `batch` messages into the queue
 * @param drain takes `batch` messages out of it; it may return a promise
 */
export async function measureDrain(
  count: number,
  batch: number,
  fill: (messages: number) => void,
  drain: (messages: number) => unknown,
): Promise<Trial> {
  let seconds = 0;
  const rounds = Math.ceil(count / batch);
  for (let round = -Math.ceil(rounds * warmUpShare); round < rounds; round++) {
    fill(batch);
    const start = performance.now();
    const pending = drain(batch);
    // Awaiting a plain value would still cost a turn of the microtask queue within the timing.
    if (pending instanceof Promise) {
      await pending;
    }
    if (round >= 0) {
      seconds += (performance.now() - start) / 1000;
    }
  }
  return { amount: rounds * batch, seconds };
}

/**
 * Tells the harness on which port this process listens.
 *
 * @param port the TCP port
 */
export function announcePort(port: number): void {
  // A blocked thread never flushes a stream, so the line is written by the system call itself.
  writeSync(1, `${JSON.stringify({ port })}\n`);
}
