// A started process of which only its lines of output, its complaint and its end matter.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { root } from './toolchain.js';
import type { Parameters } from './types.js';

/** A process of a trial. */
export class TrialProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  readonly #lines: AsyncIterator<string> | undefined;
  #diagnostics = '';

  /**
   * @param command the executable and its arguments
   * @param parameters what the process is told through its environment
   * @param signal kills the process
   */
  constructor(command: readonly string[], parameters: Parameters, signal: AbortSignal) {
    const variables = Object.entries(parameters).map(([key, value]) => [
      `BENCH_${key.toUpperCase()}`,
      String(value),
    ]);
    const [executable = '', ...rest] = command;
    this.#child = spawn(executable, rest, {
      cwd: root,
      env: { ...process.env, ...Object.fromEntries(variables) },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    });
    this.#ended = once(this.#child, 'close');
    // Only nextLine() cares why a process ended; elsewhere its end is not an error.
    this.#ended.catch(() => undefined);
    this.#child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.#diagnostics += text;
    });
    if (this.#child.stdout !== null) {
      this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    }
  }

  /** Its number: what pins it to a core replaces itself by it (exec). */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /**
   * Returns the next line of output, parsed as JSON.
   *
   * @throws Error with the process's complaint when it ends without one
   */
  async nextLine(): Promise<unknown> {
    const line = await this.#lines?.next();
    if (line !== undefined && !line.done) {
      return JSON.parse(line.value);
    }
    const [code, signal] = await this.#ended;
    throw new Error(this.complaint ?? `ended without a result (${signal ?? `status ${code}`})`);
  }

  /** The most telling line of what it wrote to its standard error, if it wrote anything. */
  get complaint(): string | undefined {
    const lines = this.#diagnostics.split('\n').filter((line) => line.trim() !== '');
    // Node prints the message before the stack, Python after it.
    const telling = lines.find((line) => /^\w*Error\b.*:/.test(line)) ?? lines.at(-1);
    return telling?.trim();
  }

  /** Ends the process, whatever it does, and waits until it has gone. */
  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended.catch(() => undefined);
  }
}
