// Starts programs, in TypeScript or in Python, whose lines and whose end a test waits for.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

/** Milliseconds after which a program is ended that should have ended by itself. */
const LIMIT = 60_000;

/** A program that runs. */
export interface Program {
  readonly pid: number | undefined;
  /** The next line that it prints. */
  line(): Promise<string>;
  /** The lines that are left once it has ended; fails unless it ended well, without complaints. */
  rest(): Promise<string[]>;
}

/** Starts a program, and ends it with the test at the latest. */
export function start(
  context: TestContext,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Program {
  const child = spawn(command, args, {
    env,
    timeout: LIMIT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  context.after(() => child.kill());
  const closed = once(child, 'close');
  const complaints = text(child.stderr);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  return {
    pid: child.pid,
    async line() {
      const { value, done } = await lines.next();
      if (done) assert.fail(`${args.join(' ')} printed nothing: ${await complaints}`);
      return value;
    },
    async rest() {
      const found: string[] = [];
      for await (const line of lines) found.push(line);
      const [status, signal] = await closed;
      assert.deepEqual([status, signal, await complaints], [0, null, ''], args.join(' '));
      return found;
    },
  };
}
