// What the type tests state their expectations with; the compiler checks them, nothing runs.

/** `true` if the two types are the same, also where `any` is one of them. */
export type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Does not compile unless its type argument is `true`: `expectTrue<Same<A, B>>()`. */
export function expectTrue<_Holds extends true>(): void {}

/** A value of any type, for tests that are only about types. */
export declare function some<T>(): T;

/** Takes values that a test has no other use for. */
export declare function use(...values: unknown[]): void;
