// A name whose look-up takes until the test lets it go on, without a name server. Linux with glibc.

import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { runtime } from './runtime.js';

/** Why look-ups cannot be held up here; false if they can. For the option `skip` of a test. */
export function cannotHoldNames(): string | false {
  if (process.platform !== 'linux') return 'aliases of hosts are read by glibc only';
  if (runtime === 'bun') return 'Bun does not tell the C library of changes to process.env';
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  if (header.glibcVersionRuntime === undefined) return 'aliases of hosts are read by glibc only';
  try {
    const hosts = /^hosts:.*/m.exec(readFileSync('/etc/nsswitch.conf', 'latin1'))?.[0] ?? 'dns';
    return hosts.includes('dns') ? false : 'hosts are not looked up by DNS';
  } catch {
    return false;
  }
}

/** How much of a file the C library reads at once. */
const BLOCK = 4096;
/** As many look-ups as the pipe holds blocks for. */
const MOST_LOOKUPS = 16;

/**
 * Names without a dot are looked up in the file that HOSTALIASES names first (hostname(7)), and
 * opening a named pipe waits for whoever writes to it. The alias that is written then is no name,
 * so that no server is asked either.
 */
export class SlowName {
  readonly name = 'slowhost';
  readonly #directory = mkdtempSync(join(tmpdir(), 'berkeley-'));
  readonly #pipe = join(this.#directory, 'aliases');
  #writer: number | undefined;

  constructor(context: TestContext) {
    execFileSync('mkfifo', [this.#pipe]);
    process.env.HOSTALIASES = this.#pipe;
    context.after(() => {
      delete process.env.HOSTALIASES;
      if (this.#writer !== undefined) closeSync(this.#writer);
      rmSync(this.#directory, { recursive: true });
    });
  }

  /** Lets the look-ups of the name go on; they find nothing. */
  release(): void {
    // Linux opens a pipe for both directions without waiting (fifo(7)).
    this.#writer = openSync(this.#pipe, 'r+');
    const block = `${this.name} a..b\n`.padEnd(BLOCK - 1, '#');
    writeSync(this.#writer, `${block}\n`.repeat(MOST_LOOKUPS));
  }
}
