// Tells the addon which signals JavaScript listens for: they end a blocked call on the main thread.

import { constants } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { native } from './native.js';

const numbers: Readonly<Record<string, number>> = constants.signals;
const listened = new Set<number>();

function tell(): void {
  native.setSignals([...listened]);
}

function added(event: string | symbol): void {
  const number = typeof event === 'string' ? numbers[event] : undefined;
  if (number === undefined || listened.has(number)) return;
  listened.add(number);
  tell();
}

function removed(event: string | symbol): void {
  const number = typeof event === 'string' ? numbers[event] : undefined;
  if (number === undefined || process.listenerCount(event) > 0) return;
  listened.delete(number);
  tell();
}

/** Starts to follow `process.on('SIGINT', …)` and its relatives. */
export function followSignalListeners(): void {
  // Signals are the main thread's: a worker's waits go on after one.
  if (!isMainThread) return;
  for (const event of process.eventNames()) added(event);
  process.on('newListener', added);
  process.on('removeListener', removed);
}
