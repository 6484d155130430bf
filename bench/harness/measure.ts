// Times the Node contenders' loops: warm-up first, then the part that counts.

import { writeSync } from 'node:fs';
import type { Trial } from './types.js';

/** The warm-up is this part of the timed amount: enough for V8 to have optimised the loop. */
export const warmUpShare = 0.1;
/** The same where one call does dozens of operations, which V8 counts as one. */
export const batchWarmUpShare = 0.5;

/**
 * Times `body` over `count` operations after a shorter warm-up.
 *
 * @param count how many operations are timed
 * @param body does the given number of operations; it may return a promise
 * @param warmUp the part of the count that is done before
 */
export async function measure(
  count: number,
  body: (operations: number) => unknown,
  warmUp: number = warmUpShare,
): Promise<Trial> {
  await body(Math.ceil(count * warmUp));
  const elapsed = startClocks();
  await body(count);
  return { amount: count, ...elapsed() };
}

/**
 * Begins to measure.
 *
 * @returns tells how many seconds have passed, and how many of this process's processor time
 */
export function startClocks(): () => { seconds: number; cpu: number } {
  const before = process.cpuUsage();
  const start = performance.now();
  return () => {
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(before);
    return { seconds, cpu: (user + system) / 1e6 };
  };
}

/**
 * Times a queue being emptied, again and again: filling it is not timed, draining it is.
 *
 * @param count how many messages are drained within the timed part, a multiple of `batch`
 * @param batch how many messages fill the queue once
 * @param fill puts `batch` messages into the queue
 * @param drain takes `batch` messages out of it; it may return a promise
 * @param warmUp the part of the count that is done before
 */
export async function measureDrain(
  count: number,
  batch: number,
  fill: (messages: number) => void,
  drain: (messages: number) => unknown,
  warmUp: number = warmUpShare,
): Promise<Trial> {
  let seconds = 0;
  let cpu = 0;
  const rounds = Math.ceil(count / batch);
  for (let round = -Math.ceil(rounds * warmUp); round < rounds; round++) {
    fill(batch);
    const elapsed = startClocks();
    const pending = drain(batch);
    // Awaiting a plain value would still cost a turn of the microtask queue within the timing.
    if (pending instanceof Promise) {
      await pending;
    }
    const taken = elapsed();
    if (round >= 0) {
      seconds += taken.seconds;
      cpu += taken.cpu;
    }
  }
  return { amount: rounds * batch, seconds, cpu };
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
