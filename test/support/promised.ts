// Calls of the promise flavour on a test's sockets, and what became of them, in a form to compare.

import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import * as promises from 'berkeley-sockets/promises';
import type { SocketCall } from './threads.js';

/** What became of a call. */
export type Settled = { value: unknown } | { error: string };

/** A value to compare: bytes as text, a socket, which is closed, as `'socket'`. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof promises.socket)) return value;
  value.close();
  return 'socket';
}

/** The outcome of a promise: its value, or the error's name and code. */
export async function settled(promise: Promise<unknown>): Promise<Settled> {
  try {
    return { value: plain(await promise) };
  } catch (thrown) {
    const { name, message, code } = thrown as NodeJS.ErrnoException;
    return { error: `${name}: ${typeof code === 'string' ? code : message}` };
  }
}

/** Makes a call of a blocking socket in the promise flavour; it must not throw. */
export function promised(call: SocketCall, ...options: unknown[]): Promise<unknown> {
  const [sock, method, ...args] = call;
  const view = (sock as { promises?: object }).promises as Record<string, unknown>;
  const promise = (view[method] as (...given: unknown[]) => unknown).call(
    view,
    ...args,
    ...options,
  );
  assert.ok(promise instanceof Promise);
  // Whoever looks later still handles the rejection.
  promise.catch(() => {});
  return promise;
}

/** Lets the loop turn a few times, and fails if the promise settles meanwhile. */
export async function assertWaits(promise: Promise<unknown>): Promise<void> {
  const waits = Symbol('waits');
  for (let count = 0; count < 3; count += 1) await turn();
  assert.equal(await Promise.race([promise, Promise.resolve(waits)]), waits);
}
