// What a fuzzing process says at its end.

/** Numbers of calls, and the first finding. */
export interface Report {
  readonly count: number;
  /** How many of them threw nothing. */
  readonly returned: number;
  /** How many calls each area had. */
  readonly calls: Readonly<Record<string, number>>;
  /** How often each function and method was called. */
  readonly used: Readonly<Record<string, number>>;
  readonly finding?: string;
  /** Where fast-check finds the smallest script that shows it. */
  readonly path?: string;
  readonly script?: string;
}
