// Finds what the contenders need on this machine: a C compiler, Python, processor cores to pin to.

import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The package's root, seen from `out/bench/harness`. */
export const root = join(import.meta.dirname, '..', '..', '..');
const sources = join(root, 'bench');
const binaries = join(root, 'build', 'bench');

/** Another language's interpreter. */
export interface Interpreter {
  readonly executable: string;
  readonly version: string;
}

/** Where single processes and peers are pinned; nothing is pinned on a single core. */
export interface Cores {
  readonly measured: number;
  readonly other: number;
}

/**
 * Returns the Python to compare with, or nothing when there is none: `BENCH_PYTHON` if it is set,
 * else `python3.13`, else `python3`.
 */
export async function findPython(): Promise<Interpreter | undefined> {
  const chosen = process.env.BENCH_PYTHON;
  for (const name of chosen ? [chosen] : ['python3.13', 'python3']) {
    try {
      const question = 'import sys, platform; print(sys.executable, platform.python_version())';
      const { stdout } = await run(name, ['-I', '-c', question]);
      // A version manager's wrapper on the PATH would cost each trial a shell, hence its answer.
      const [executable, version] = stdout.trim().split(/ (?=\S+$)/);
      if (executable && version) {
        return { executable, version };
      }
    } catch {
      // This name is not installed; the next one may be.
    }
  }
  return undefined;
}

/** Returns the Bun to compare with, `BENCH_BUN` or `bun`, or nothing when there is none. */
export async function findBun(): Promise<Interpreter | undefined> {
  const executable = process.env.BENCH_BUN || 'bun';
  try {
    return { executable, version: (await run(executable, ['--version'])).stdout.trim() };
  } catch {
    return undefined;
  }
}

/** Returns the C compiler's version line, or nothing when there is no compiler. */
export async function findCompiler(): Promise<string | undefined> {
  try {
    return (await run('cc', ['--version'])).stdout.split('\n')[0];
  } catch {
    return undefined;
  }
}

/**
 * Compiles one C program together with the support code.
 *
 * @param source its path, relative to `bench/`
 * @returns the path of the executable
 */
export async function compile(source: string): Promise<string> {
  await mkdir(binaries, { recursive: true });
  const output = join(binaries, basename(source, '.c'));
  const support = join(sources, 'support');
  const options = ['-O2', '-std=gnu17', '-Wall', '-Wextra', '-I', support, '-o', output];
  await run('cc', [...options, join(sources, source), join(support, 'trial.c')]);
  return output;
}

/**
 * Returns the path of a source that is run as it is, such as a Python scenario.
 *
 * @param source its path, relative to `bench/`
 */
export function sourcePath(source: string): string {
  return join(sources, source);
}

/** Picks two cores among those this process may use, or nothing where pinning is impossible. */
export function findCores(): Cores | undefined {
  if (!existsSync('/usr/bin/taskset') && !existsSync('/bin/taskset')) {
    return undefined;
  }
  const allowed = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  const cores = (allowed?.[1] ?? '').split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: Math.min(last - first, 1) + 1 }, (_, index) => first + index);
  });
  const [other, measured] = cores;
  return other === undefined || measured === undefined ? undefined : { measured, other };
}
