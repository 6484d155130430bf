// Runs fixture programs as child processes: what they say, how they end, where their threads block.

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ownFiles } from './runtime.js';

/** Milliseconds after which a program or a state that was waited for counts as failed. */
const LIMIT = 60_000;
/** Milliseconds between two looks at a state that the kernel announces to nobody. */
const GLANCE = 2;

/** The directory of the package under test. */
export const packageRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** The path of a compiled fixture of test/process/fixtures. */
export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../process/fixtures/${name}.js`, import.meta.url));
}

/** How a program ended. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The lines of standard output that {@link Program.line} did not take. */
  lines: string[];
  stderr: string;
}

/** What to start a fixture with. */
export interface ProgramOptions extends SpawnOptions {
  /** Options of Node's, such as `--expose-gc`. */
  execArgv?: string[];
  /** A command in front, such as `ip netns exec NAME`, that becomes the program (execve). */
  command?: string[];
  /** Milliseconds after which the program is killed. */
  limit?: number;
}

/** A running fixture. */
export class Program {
  /** Settles when the program has ended; rejects if it had to be killed because it hung. */
  readonly ended: Promise<Ending>;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #takers: ((line: string | undefined) => void)[] = [];
  #isOver = false;

  constructor(child: ChildProcess, title: string, limit: number) {
    this.#child = child;
    this.pid = child.pid ?? -1;
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const taker = this.#takers.shift();
        if (taker === undefined) this.#lines.push(line);
        else taker(line);
      });
    }
    this.ended = new Promise((resolve, reject) => {
      let isHung = false;
      const timer = setTimeout(() => {
        isHung = true;
        child.kill('SIGKILL');
      }, limit);
      child.once('error', reject);
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        this.#isOver = true;
        for (const taker of this.#takers.splice(0)) taker(undefined);
        if (isHung) reject(new Error(`${title} still ran after ${limit} ms\n${stderr}`));
        else resolve({ code, signal, lines: this.#lines, stderr });
      });
    });
    // Whoever does not ask how the program ended still must not be ended by it.
    this.ended.catch(() => {});
  }

  /** The next line that the program prints. */
  async line(): Promise<string> {
    const waiting = this.#lines.shift();
    if (waiting !== undefined) return waiting;
    const line = this.#isOver
      ? undefined
      : await new Promise<string | undefined>((resolve) => this.#takers.push(resolve));
    if (line !== undefined) return line;
    const { code, signal, stderr } = await this.ended;
    throw new Error(`the program ended (${code ?? signal}) without a further line\n${stderr}`);
  }

  /** Waits for a line with exactly this text. */
  async says(text: string): Promise<void> {
    const line = await this.line();
    if (line !== text) throw new Error(`the program said ${line} instead of ${text}`);
  }

  /** The next line, parsed as JSON. */
  async message<T>(): Promise<T> {
    return JSON.parse(await this.line());
  }

  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** Kills the program if it still runs, and waits until it is gone. */
  async stop(): Promise<void> {
    if (!this.#isOver) this.#child.kill('SIGKILL');
    await this.ended.catch(() => {});
  }
}

/** Starts a fixture, which is killed when the test ends. */
export function start(
  context: TestContext,
  name: string,
  args: readonly string[] = [],
  { execArgv = [], command = [], limit = LIMIT, ...options }: ProgramOptions = {},
): Program {
  const [file, ...rest] = [...command, process.execPath, ...execArgv, fixturePath(name), ...args];
  const child = spawn(file as string, rest, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const program = new Program(child, [name, ...args].join(' '), limit);
  context.after(() => program.stop());
  return program;
}

/** Runs a fixture to its end. */
export function run(
  context: TestContext,
  name: string,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): Promise<Ending> {
  return start(context, name, args, options).ended;
}

/** Looks until `condition` gives something other than undefined. */
export async function until<T>(what: string, condition: () => T | undefined): Promise<T> {
  const end = performance.now() + LIMIT;
  for (;;) {
    const found = condition();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await delay(GLANCE);
  }
}

// The numbers of poll, ppoll, select, pselect6, epoll_wait, sendfile, connect, accept, accept4,
// sendto, recvfrom, sendmsg and recvmsg, as /proc/PID/task/TID/syscall shows them. A thread of
// Node's own sleeps in none of them, but in epoll_pwait, which arm64 has instead of epoll_wait.
const WAITING_CALLS: Readonly<Record<string, readonly number[]>> = {
  x64: [7, 271, 23, 270, 232, 40, 42, 43, 288, 44, 45, 46, 47],
  arm64: [73, 72, 71, 203, 202, 242, 206, 207, 211, 212],
};

function isBlocked(pid: number | 'self', tid: string): boolean {
  try {
    const [call] = readFileSync(`/proc/${pid}/task/${tid}/syscall`, 'latin1').split(' ', 1);
    return (WAITING_CALLS[process.arch] ?? []).includes(Number(call));
  } catch {
    return false;
  }
}

/** Waits until `count` threads of a process sleep in a call of a socket's; gives their numbers. */
export function untilBlocked(pid: number | 'self', count = 1): Promise<number[]> {
  return until(`${count} blocked threads`, () => {
    const blocked = readdirSync(`/proc/${pid}/task`).filter((tid) => isBlocked(pid, tid));
    return blocked.length >= count ? blocked.map(Number) : undefined;
  });
}

/** Waits until no signal sent to the process is still to be delivered. */
export async function untilSignalsTaken(pid: number): Promise<void> {
  await until('signals to be taken', () => {
    const pending = /^ShdPnd:\s*0+$/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return pending || undefined;
  });
}

/** How many epoll sets this process has open, those of the event loops of its threads included. */
export function openSets(): number {
  return descriptorTargets().filter(([, target]) => target.includes('[eventpoll]')).length;
}

/** How many sockets this process has open, besides those of the runtime. */
export function openSockets(): number {
  const own = ownFiles();
  const targets = descriptorTargets().map(([, target]) => target);
  return targets.filter((target) => target.startsWith('socket:') && !own.has(target)).length;
}

/** The descriptors of this process and what they are: `[5, 'socket:[4711]']`. */
export function descriptorTargets(): [fd: number, target: string][] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [[Number(fd), readlinkSync(`/proc/self/fd/${fd}`)] as [number, string]];
    } catch {
      // The descriptor that lists the directory is gone by now.
      return [];
    }
  });
}

/**
 * A copy of the package in a directory of its own, as a second installation would be.
 *
 * @param binary where the copy has its addon, below its directory; null for none
 */
export function copyPackage(context: TestContext, binary: string | null): string {
  const copy = mkdtempSync(join(tmpdir(), 'berkeley-copy-'));
  context.after(() => rmSync(copy, { recursive: true }));
  cpSync(join(packageRoot, 'package.json'), join(copy, 'package.json'));
  cpSync(join(packageRoot, 'dist'), join(copy, 'dist'), { recursive: true });
  symlinkSync(join(packageRoot, 'node_modules'), join(copy, 'node_modules'));
  if (binary !== null) {
    const file = 'berkeley_sockets.node';
    cpSync(join(packageRoot, 'build/Release', file), join(copy, binary, file));
  }
  return copy;
}
