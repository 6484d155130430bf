// Walks a call through each system call that it makes, each failing in each way: the call gives what
// it gives otherwise, or the exception of the error, loses no descriptor, and works the next time.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import * as blocking from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';
import { native } from '#lib/native.js';
import { openDescriptors } from '../support/leaks.js';

/** What the build for these tests has besides. */
const faults = native as unknown as {
  armFault(countdown: number, errno: number): void;
  disarmFault(): number;
};

/** The errors that are injected, by number; 0 makes a transfer short. */
const ERRORS: readonly [number, string][] = [
  [4, 'EINTR'],
  [11, 'EAGAIN'],
  [105, 'ENOBUFS'],
  [12, 'ENOMEM'],
  [24, 'EMFILE'],
  [23, 'ENFILE'],
  [103, 'ECONNABORTED'],
  [32, 'EPIPE'],
  [0, 'a short transfer'],
];

/** No call makes more system calls than that. */
const MOST_CALLS = 200;

/** One call to walk through. */
export interface Walk<T> {
  readonly name: string;
  /** Makes what the call works on, anew for each fault. */
  prepare(): T;
  call(context: T): unknown;
  /** Other results that are right under a fault. */
  readonly alsoRight?: (result: unknown, code: string) => boolean;
  /** Whether the call cannot be made twice on the same objects. */
  readonly isOnce?: boolean;
  /** Closes what `prepare` and the call have made; what a call gave is handed over, too. */
  close(context: T, result: unknown): void;
}

/** What a call gave, without what differs from call to call. */
function shape(value: unknown): unknown {
  if (value instanceof blocking.SocketType) return 'socket';
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map(shape);
  return typeof value === 'object' && value !== null ? value.constructor.name : value;
}

async function outcomeOf(call: () => unknown) {
  try {
    return { value: await call() };
  } catch (error) {
    return { error };
  }
}

async function checkOne<T>(walk: Walk<T>, countdown: number, code: string, number: number) {
  const before = openDescriptors();
  const context = walk.prepare();
  faults.armFault(countdown, number);
  const outcome = await outcomeOf(() => walk.call(context));
  const happened = faults.disarmFault() === 1;
  const where = `${walk.name}, system call ${countdown + 1}, ${code}`;
  if ('error' in outcome) {
    const { error } = outcome;
    assert.ok(error instanceof blocking.OSError, `${where}: ${String(error)}`);
    assert.equal(error.errno, number, `${where}: ${String(error)}`);
    assert.equal(error.code, code === 'EAGAIN' ? 'EAGAIN' : code, where);
    // A file object's own BlockingIOError tells how much was written instead.
    const isOwn = (error as { characters_written?: number }).characters_written !== undefined;
    assert.equal(typeof error.syscall, isOwn ? 'undefined' : 'string', where);
  }
  let again: { value?: unknown; error?: unknown } | undefined;
  if (walk.isOnce !== true) again = await outcomeOf(() => walk.call(context));
  if (again?.error !== undefined) assert.fail(`${where}: not usable after it: ${again.error}`);
  walk.close(context, [outcome.value, again?.value]);
  const left = [...openDescriptors()].filter((descriptor) => !before.has(descriptor));
  assert.deepEqual(left, [], `${where}: descriptors are left open`);
  return { happened, outcome, where };
}

/** Walks through all system calls of the call, in each of the ways that one can fail. */
export function walkThrough<T>(walk: Walk<T>): void {
  test(`${walk.name} survives that any of its system calls fails`, async () => {
    const usual = await checkOne(walk, -1, 'nothing', 0);
    assert.ok(!('error' in usual.outcome), String(usual.outcome.error));
    const expected = shape(usual.outcome.value);
    let injected = 0;
    for (const [number, code] of ERRORS) {
      for (let countdown = 0; ; countdown += 1) {
        assert.ok(countdown < MOST_CALLS, `${walk.name} makes too many calls`);
        const { happened, outcome, where } = await checkOne(walk, countdown, code, number);
        if (!happened) break;
        injected += 1;
        if ('error' in outcome) {
          assert.notEqual(number, 0, where);
          continue;
        }
        const isRight =
          isDeepStrictEqual(shape(outcome.value), expected) ||
          walk.alsoRight?.(outcome.value, code) === true;
        assert.ok(isRight, `${where}: gave ${JSON.stringify(shape(outcome.value))}`);
      }
    }
    assert.ok(injected > 0, `${walk.name} makes no system call`);
  });
}

/** Closes what a call gave, sockets in arrays included. */
export function closeAll(...values: unknown[]): void {
  for (const value of values.flat(3)) {
    if (value instanceof blocking.socket || value instanceof promises.socket) value.close();
  }
}

/** Walks through a call on one new object. */
export function walkOn<T extends { close(): void }>(
  name: string,
  make: () => T,
  call: (object: T) => unknown,
  rest: Partial<Walk<T>> = {},
): void {
  walkThrough<T>({
    name,
    prepare: make,
    call,
    close(object, result) {
      object.close();
      closeAll(result);
    },
    ...rest,
  });
}

/** Whether a call that moves eight bytes moved half of them. */
const isPart = (value: unknown): boolean =>
  (typeof value === 'number' && value === 4) ||
  (Buffer.isBuffer(value) && value.length === 4) ||
  (Array.isArray(value) && isPart(value[0]));

/** What else is right where a transfer may be short. */
export const short = {
  alsoRight: (value: unknown, code: string) => code.startsWith('a') && isPart(value),
};
