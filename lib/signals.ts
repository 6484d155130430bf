// Tells the addon which signals JavaScript listens for: they end a blocked call on the main thread.

import { os } from './builtins.js';
import { native } from './native.js';

/** The number of the signal that an event is named after. */
function numberOf(event: string | symbol): number | undefined {
  if (typeof event !== 'string' || !event.startsWith('SIG')) return undefined;
  return (os().constants.signals as Readonly<Record<string, number>>)[event];
}

const listened = new Set<number>();

function tell(): void {
  native.setSignals([...listened]);
}

function added(event: string | symbol): void {
  const number = numberOf(event);
  if (number === undefined || listened.has(number)) return;
  listened.add(number);
  tell();
}

function removed(event: string | symbol): void {
  const number = numberOf(event);
  if (number === undefined || process.listenerCount(event) > 0) return;
  listened.delete(number);
  tell();
}

/** Starts to follow `process.on('SIGINT', …)` and its relatives. */
export function followSignalListeners(): void {
  // Signals are the main thread's: a worker's waits go on after one.
  if (!native.isMainThread) return;
  for (const event of process.eventNames()) added(event);
  process.on('newListener', added);
  process.on('removeListener', removed);
}
