// What a server writes about an error.

/** An error as Node.js would print it: the stack, and the errors that caused it. */
export function describeError(error: unknown): string {
  const { inspect } = process.getBuiltinModule('node:util');
  if (!(error instanceof Error) || error.cause !== undefined || error instanceof AggregateError) {
    return inspect(error);
  }
  return typeof error.stack === 'string' ? error.stack : inspect(error);
}
