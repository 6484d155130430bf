// Descriptors to wait for: pipes, numbers that are not open, and what waiting tells.

import type { TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import { pair } from './sockets.js';

/** A byte to send. */
export const X = Buffer.from('x');

/** Two connected sockets, the first of which has something to read. */
export function readablePair(context: TestContext) {
  const [first, second] = pair(context);
  second.send(X);
  return [first, second] as const;
}

/** The number of a descriptor that was closed just now: it is not open. */
export function closedNumber(): number {
  const [first, second] = socket.socketpair();
  const fd = first.detach();
  second.close();
  socket.close(fd);
  return fd;
}

/** Something with a descriptor that is no socket of this package. */
export function withFileno(result: unknown): { fileno(): number } {
  return {
    fileno: () => {
      if (result instanceof Error) throw result;
      return result as number;
    },
  };
}

/** How long a call took, in milliseconds, and what it gave. */
export function timed<T>(call: () => T): [result: T, milliseconds: number] {
  const start = performance.now();
  const result = call();
  return [result, performance.now() - start];
}
