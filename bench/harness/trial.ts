// Runs one trial: starts the measured process and its peer, pinned to cores, and reads the result.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { TrialProcess } from './process.js';
import { median } from './statistics.js';
import { type Cores, type Interpreter, root, sourcePath } from './toolchain.js';
import type { Contender, Figures, Parameters, Program, Scenario, Trial } from './types.js';

/** A trial takes about a second; one that has not ended by then never will. */
const patienceMilliseconds = 20_000;

/** What the machine offers, found once at start. */
export interface Workshop {
  readonly python: Interpreter | undefined;
  readonly bun: Interpreter | undefined;
  readonly cores: Cores | undefined;
  /** Executables by C source. */
  readonly executables: ReadonlyMap<string, string>;
}

/** One scenario file, loaded. */
export interface LoadedScenario {
  readonly name: string;
  readonly file: string;
  readonly scenario: Scenario;
}

/** One contender in one case, ready to run. */
export interface Entry {
  readonly loaded: LoadedScenario;
  readonly name: string;
  readonly contender: Contender;
  readonly parameters: Parameters;
}

type Role = 'measured' | 'peer';

/** What the second process of a trial is told of the first. */
type Listener = Pick<Parameters, 'port' | 'pid'>;

/**
 * Runs one trial.
 *
 * @param signal ends the trial's processes early
 * @throws Error with the process's own complaint when it ends without a result
 */
export async function runTrial(
  workshop: Workshop,
  entry: Entry,
  signal: AbortSignal,
): Promise<Figures> {
  if (entry.contender.measured.language === 'command') {
    const value = wallTime(commandOf(workshop, entry, 'measured'), entry.parameters.count);
    return { value, cpu: undefined };
  }
  // A timer of its own: a signal of AbortSignal.any() over AbortSignal.timeout() may be collected
  // before it fires, since nothing but the composite refers to the timeout.
  const limit = new AbortController();
  const abort = () => limit.abort();
  const timer = setTimeout(abort, patienceMilliseconds);
  signal.addEventListener('abort', abort);
  const started: TrialProcess[] = [];
  const start = (role: Role, listener?: Listener) => {
    const command = commandOf(workshop, entry, role);
    const child = new TrialProcess(command, { ...entry.parameters, ...listener }, limit.signal);
    started.push(child);
    return child;
  };
  try {
    const { amount, seconds, cpu } = (await converse(entry, start)) as Trial;
    return { value: amount / seconds, cpu: cpu === undefined ? undefined : cpu / amount };
  } catch (error) {
    if (limit.signal.aborted && !signal.aborted) {
      const complaint = started.map((child) => child.complaint).find(Boolean);
      throw new Error(
        `no result after ${patienceMilliseconds / 1000} s: ${complaint ?? 'silence'}`,
      );
    }
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    await Promise.all(started.map((child) => child.stop()));
  }
}

/** Starts whoever listens first, tells the other of it, and returns the result's line. */
async function converse(
  entry: Entry,
  start: (role: Role, listener?: Listener) => TrialProcess,
): Promise<unknown> {
  if (entry.contender.peer === undefined) {
    return start('measured').nextLine();
  }
  const { listener = 'peer', reporter = 'measured' } = entry.loaded.scenario;
  const first = start(listener);
  const { port } = (await first.nextLine()) as { port: number };
  const second = start(listener === 'peer' ? 'measured' : 'peer', { port, pid: first.pid });
  return (listener === reporter ? first : second).nextLine();
}

function commandOf(workshop: Workshop, entry: Entry, role: Role): string[] {
  const { scenario } = entry.loaded;
  const program = role === 'peer' ? entry.contender.peer : entry.contender.measured;
  const core = role === 'peer' && scenario.peerCore !== 'same' ? 'other' : 'measured';
  const pin = workshop.cores ? ['taskset', '-c', String(workshop.cores[core])] : [];
  return program ? [...pin, ...unpinned(workshop, entry, role, program)] : [];
}

function unpinned(workshop: Workshop, entry: Entry, role: Role, program: Program): string[] {
  const { loaded, name } = entry;
  switch (program.language) {
    case 'node':
      return [process.execPath, join(import.meta.dirname, 'child.js'), loaded.file, name, role];
    case 'c':
      return [workshop.executables.get(program.source) ?? program.source, program.run];
    case 'python': {
      const files = [sourcePath('support/run_trial.py'), sourcePath(program.source)];
      return [workshop.python?.executable ?? 'python3', '-I', ...files, program.run];
    }
    case 'bun':
      return [workshop.bun?.executable ?? 'bun', sourcePath(program.source), program.run];
    case 'command':
      return [...program.command];
  }
}

/** The median wall time of a command in milliseconds, from before its start until its end. */
function wallTime([executable = '', ...rest]: string[], count: number): number {
  const times = Array.from({ length: count }, () => {
    const start = performance.now();
    const { status, stderr, error } = spawnSync(executable, rest, { cwd: root, encoding: 'utf8' });
    const elapsed = performance.now() - start;
    if (status !== 0) {
      const telling = stderr?.split('\n').find((line) => /^\w*Error\b/.test(line));
      throw error ?? new Error(telling ?? `ended with status ${status}`);
    }
    return elapsed;
  });
  return median(times) ?? Number.NaN;
}
