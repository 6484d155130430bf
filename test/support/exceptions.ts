// What calls throw, as one line of text, and calls with arguments that their types forbid.

import assert from 'node:assert/strict';

/** An object whose methods take anything: for arguments that TypeScript would refuse. */
export type Loose = Record<string, (...given: unknown[]) => unknown>;

/** The object without the types of its methods. */
export function loose(object: object): Loose {
  return object as unknown as Loose;
}

/** The last line of a Python traceback: `'TypeError: bad'`. Nothing thrown is `'nothing'`. */
export function thrownBy(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof Error, `thrown was ${String(error)}`);
    return `${error.name}: ${error.message}`;
  }
  return 'nothing';
}

/** Bad calls of one kind: what is wrong, the call, and what it throws. */
export type Refusals<T> = readonly (readonly [
  what: string,
  call: (target: T) => unknown,
  text: string,
])[];

/** Makes all the calls and compares what they throw. */
export function assertRefusals<T>(target: T, refusals: Refusals<T>): void {
  const differences = refusals
    .map(([what, call, text]) => ({ what, seen: thrownBy(() => call(target)), expected: text }))
    .filter(({ seen, expected }) => seen !== expected);
  assert.deepEqual(differences, []);
}

/** "'str' object cannot be interpreted as an integer". */
export function notInteger(type: string): string {
  return `TypeError: '${type}' object cannot be interpreted as an integer`;
}

/** "a bytes-like object is required, not 'str'". */
export function notBytes(type: string): string {
  return `TypeError: a bytes-like object is required, not '${type}'`;
}
