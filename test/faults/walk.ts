// Walks a call through each system call that it makes, each failing in each way: the call gives what
// it gives otherwise, or the exception of the error, loses no descriptor, and works the next time.

import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readlinkSync } from 'node:fs';
import { after, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import * as blocking from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';
import { native } from '#lib/native.js';

/** What the build for these tests has besides. */
export const faults = native as unknown as {
  armFault(countdown: number, errno: number): void;
  disarmFault(): number;
  holdFault(isHeld: boolean): void;
};

/** Makes calls that are the test's own: no fault is for them. */
export function unharmed<T>(call: () => T): T {
  faults.holdFault(true);
  try {
    return call();
  } finally {
    faults.holdFault(false);
  }
}

/** The errors that are injected, by number; 0 makes a transfer short. */
export const ERRORS: readonly (readonly [number: number, code: string])[] = [
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
const MOST_CALLS = 400;

/** One call to walk through. */
export interface Walk<T> {
  /** Begins with the public name. */
  readonly name: string;
  /** The public names, if it is about others or about more than one. */
  readonly covers?: readonly string[];
  /** Makes what the call works on, anew for each fault. */
  prepare(): T | Promise<T>;
  call(context: T): unknown;
  /** Other results that are right under a fault. */
  readonly alsoRight?: (result: unknown, code: string) => boolean;
  /** Other exceptions than OSError that are right, and what they are about instead. */
  readonly unwrap?: (error: unknown, code: string) => unknown;
  /** Whether the call cannot be made twice on the same objects. */
  readonly isOnce?: boolean;
  /** Whether nobody hears of a signal, or of a call that would block. EINTR alone if left out. */
  readonly hides?: readonly string[];
  /** What must be so after the call and its repetition: no byte lost or doubled. */
  check?(context: T, outcome: Outcome, code: string): unknown;
  /** Closes what `prepare` and the call have made; what a call gave is handed over, too. */
  close(context: T, result: unknown): unknown;
}

/** What became of a call. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown };

// In a file that only asks for the names nothing is walked through.
let isListing = false;
const listed: { module: string; names: readonly string[]; walk: string }[] = [];

/** Has the files that are imported from now on tell their names only; gives the list of them. */
export function listOnly(): readonly { module: string; names: readonly string[]; walk: string }[] {
  isListing = true;
  return listed;
}

const tally = { walks: 0, faults: 0 };

process.on('exit', () => {
  const file = process.env.BERKELEY_SOCKETS_TALLY;
  if (file !== undefined) appendFileSync(file, `${tally.walks} ${tally.faults}\n`);
});

/** Opens what the promise flavour opens at its first wait and keeps: the set that it watches. */
async function warmUp(): Promise<void> {
  const [first, second] = promises.socketpair();
  const received = first.recv(1);
  await second.send(Buffer.from('1'));
  await received;
  first.close();
  second.close();
}

let isWarm: Promise<void> | undefined;

const unclosed: string[] = [];
process.on('warning', ({ name, message }) => {
  if (name === 'ResourceWarning') unclosed.push(message);
});
after(async () => {
  (globalThis as { gc?: () => void }).gc?.();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(unclosed, [], 'sockets were left to the garbage collector');
});

/** Every descriptor that is open, epoll sets and pipes included. */
export function allDescriptors(): Set<string> {
  const found = new Set<string>();
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      found.add(`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`);
    } catch {
      // The descriptor that lists the directory is gone by now.
    }
  }
  return found;
}

/** The descriptors that are open now and were not before. */
export function openSince(before: ReadonlySet<string>): string[] {
  return [...allDescriptors()].filter((descriptor) => !before.has(descriptor));
}

/** What a call gave, without what differs from call to call. */
function shape(value: unknown): unknown {
  if (value instanceof blocking.SocketType) return 'socket';
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map(shape);
  return typeof value === 'object' && value !== null ? value.constructor.name : value;
}

/** Makes a call, and tells what became of it. */
export async function outcomeOf(call: () => unknown): Promise<Outcome> {
  try {
    return { value: await call() };
  } catch (error) {
    return { error };
  }
}

/** Fails unless an exception is the one of the error that was injected. */
export function checkError(error: unknown, code: string, number: number, where: string): void {
  assert.ok(error instanceof blocking.OSError, `${where}: ${(error as Error)?.stack}`);
  assert.equal(error.errno, number, `${where}: ${error.stack}`);
  assert.equal(error.code, code, where);
  assert.equal(error.constructor, new blocking.OSError(number, '').constructor, where);
  // A file object's own BlockingIOError tells how much was written or read instead.
  const { characters_written } = error as { characters_written?: number };
  const isOwn = characters_written !== undefined || error.strerror === 'Read returned None.';
  if (!isOwn) assert.equal(typeof error.syscall, 'string', where);
}

async function checkOne<T>(walk: Walk<T>, countdown: number, code: string, number: number) {
  const before = allDescriptors();
  const context = await walk.prepare();
  faults.armFault(countdown, number);
  const outcome = await outcomeOf(() => walk.call(context));
  const happened = faults.disarmFault() === 1;
  const where = `${walk.name}, system call ${countdown + 1}, ${code}`;
  if ('error' in outcome) {
    const error = walk.unwrap ? walk.unwrap(outcome.error, code) : outcome.error;
    if (error !== undefined) {
      checkError(error, code, number, where);
      const isHidden = (walk.hides ?? ['EINTR']).includes(code);
      if (isHidden) assert.fail(`${where}: is not hidden: ${(error as Error).stack}`);
    }
  }
  let again: { value?: unknown; error?: unknown } | undefined;
  if (walk.isOnce !== true) again = await outcomeOf(() => walk.call(context));
  if (again?.error !== undefined) assert.fail(`${where}: not usable after it: ${again.error}`);
  await walk.check?.(context, outcome, code);
  await walk.close(context, ['value' in outcome ? outcome.value : undefined, again?.value]);
  assert.deepEqual(openSince(before), [], `${where}: descriptors are left open`);
  return { happened, outcome, where };
}

/** Makes a test of a call that is made again and again, each time with another fault. */
export function walkFaults(
  name: string,
  one: (countdown: number, code: string, number: number) => Promise<boolean>,
  errors = ERRORS,
): void {
  if (isListing) return;
  test(`${name} survives that any of its system calls fails`, async () => {
    isWarm ??= warmUp();
    await isWarm;
    let injected = 0;
    for (const [number, code] of errors) {
      for (let countdown = 0; ; countdown += 1) {
        assert.ok(countdown < MOST_CALLS, `${name} makes too many calls`);
        if (!(await one(countdown, code, number))) break;
        injected += 1;
      }
    }
    assert.ok(injected > 0, `${name} makes no system call`);
    tally.walks += 1;
    tally.faults += injected;
  });
}

/** Walks through all system calls of the call, in each of the ways that one can fail. */
function walkThrough<T>(walk: Walk<T>): void {
  let expected: unknown;
  let isKnown = false;
  walkFaults(walk.name, async (countdown, code, number) => {
    if (!isKnown) {
      // Twice, since the first one may open what all the others use.
      await outcomeOf(async () => walk.close(await walk.prepare(), undefined));
      const context = await walk.prepare();
      await walk.close(context, [await walk.call(context)]);
      const usual = await checkOne(walk, -1, 'nothing', 0);
      assert.ok(!('error' in usual.outcome), String(usual.outcome));
      expected = shape(usual.outcome.value);
      isKnown = true;
    }
    const { happened, outcome, where } = await checkOne(walk, countdown, code, number);
    if ('error' in outcome) {
      assert.notEqual(number, 0, where);
    } else if (happened) {
      const isRight =
        isDeepStrictEqual(shape(outcome.value), expected) ||
        walk.alsoRight?.(outcome.value, code) === true;
      assert.ok(isRight, `${where}: gave ${JSON.stringify(shape(outcome.value))}`);
    }
    return happened;
  });
}

/** Says which public names of a module a file walks through by means of its own. */
export function cover(module: string, names: readonly string[], walk: string): void {
  listed.push({ module, names, walk });
}

/** How the calls of one module are walked through. */
export function walksOf(module: string) {
  const walk = <T>(walk: Walk<T>): void => {
    cover(module, walk.covers ?? [walk.name.split(' ')[0] as string], walk.name);
    walkThrough(walk);
  };
  return {
    walk,
    /** Walks through a call on one new object. */
    on<T extends { close(): unknown }>(
      name: string,
      make: () => T | Promise<T>,
      call: (object: T) => unknown,
      rest: Partial<Walk<T>> = {},
    ): void {
      walk<T>({
        name,
        prepare: make,
        call,
        async close(object, result) {
          await object.close();
          await closeAll(result);
        },
        ...rest,
      });
    },
    /** Walks through a call that makes something out of nothing. */
    making(name: string, call: () => unknown, rest: Partial<Walk<null>> = {}): void {
      walk<null>({
        name,
        prepare: () => null,
        call,
        close: (_, result) => closeAll(result),
        ...rest,
      });
    },
    /** A call that makes no system call, so that none can fail. */
    pure(name: string, call: () => unknown): void {
      cover(module, [name], name);
      if (isListing) return;
      test(`${name} makes no system call`, async () => {
        faults.armFault(0, 4);
        const outcome = await outcomeOf(call);
        assert.equal(faults.disarmFault(), 0);
        assert.ok('value' in outcome, String((outcome as { error: unknown }).error));
      });
    },
  };
}

/** Closes what a call gave, in arrays as well. */
export async function closeAll(...values: unknown[]): Promise<void> {
  for (const value of values.flat(3)) {
    const isOurs = value instanceof blocking.socket || value instanceof promises.socket;
    if (isOurs) value.close();
    else if (isClosable(value)) await value.close();
  }
}

function isClosable(value: unknown): value is { close(): unknown } {
  return typeof (value as { close?: unknown } | null | undefined)?.close === 'function';
}

/** Whether a call that moves eight bytes, or two messages of eight, moved half of them. */
const isPart = (value: unknown): boolean =>
  (typeof value === 'number' && value === 4) ||
  (value instanceof Uint8Array && value.length === 4) ||
  (Array.isArray(value) && (isPart(value[0]) || isOneMessage(value)));

function isOneMessage(value: readonly unknown[]): boolean {
  if (value.length !== 1) return false;
  return value[0] === 8 || (Array.isArray(value[0]) && value[0][0] instanceof Uint8Array);
}

/** What else is right where a transfer may be short. */
export const short = {
  alsoRight: (value: unknown, code: string) => code.startsWith('a') && isPart(value),
};
