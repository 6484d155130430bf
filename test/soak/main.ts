// The soak run: `npm run soak -- --minutes N [--seed TEXT]`. Watches the arena, a process of its own
// in which everything happens, sends it signals and limits its descriptors.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { prepareBytes, writeTable } from './bytes.js';
import type { LimitAnswer, Message, Plan, Progress, Report } from './protocol.js';
import { actors } from './registry.js';
import { formatReport, grouped, mebibytes } from './report.js';
import type { Found } from './world.js';

const names = actors.map(({ name }) => name);

const usage = `usage: npm run soak -- [--minutes N] [--seed TEXT] [ACTOR…]

  --minutes N   how long it runs (default 1), besides the time until the first inventory
  --seed TEXT   what the choices of chance follow from; a new one unless given
  ACTOR…        those that act, all unless given: ${names.join(', ')}`;

/** Milliseconds between two signals. */
const SIGNAL_PERIOD = 1;
/** Milliseconds between two lines, where there is no terminal. */
const LINE_PERIOD = 30_000;
/** Milliseconds without a word of the arena after which it counts as standing still. */
const SILENCE = 90_000;
/** Milliseconds in which the arena ends by itself once it has reported. */
const ENDING = 20_000;
/** Seconds until the first inventory, at most. */
const WARM_UP = 60;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const isKnown = positionals.every((name) => names.includes(name));
if (values.help || !(minutes > 0) || !isKnown) {
  console.error(usage);
  process.exit(values.help ? 0 : 2);
}
const seed = values.seed ?? String(Math.floor(Math.random() * 2 ** 32));

let findings = 0;
let signalsSent = 0;
let heard = performance.now();
let report: Report | undefined;

/** Says what was found, at once: a run of hours need not be waited for. */
function complain(text: string): void {
  findings++;
  console.log(`\nFINDING ${text}`);
}

function tell({ actor, last, text }: Found): void {
  complain(`${actor}, ${last}:\n${text}`);
}

/** Where each thread of a process is, which says something of one that stands still. */
function describeThreads(pid: number): string {
  const read = (thread: string, file: string) => {
    try {
      return readFileSync(`/proc/${pid}/task/${thread}/${file}`, 'latin1').trim();
    } catch {
      return '?';
    }
  };
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => ['comm', 'wchan', 'syscall'].map((file) => read(thread, file)).join(' '))
    .join('\n');
}

/** Limits the descriptors of the arena: the soft limit, which may be raised again. */
function limit(arena: ChildProcess, usual: string, count: number | null): void {
  const args = ['--pid', String(arena.pid), `--nofile=${count ?? usual}:`];
  execFile('prlimit', args, (error) => {
    if (arena.connected)
      arena.send({ kind: 'limited', done: error === null } satisfies LimitAnswer);
  });
}

function usualLimit(pid: number): string {
  const limits = readFileSync(`/proc/${pid}/limits`, 'latin1');
  return /^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? '1024';
}

/** Shows how far it is: a bar on a terminal, else a line now and then. */
function progressTo(seconds: number): (progress?: Progress) => void {
  const text = ({ operations, bytes, descriptors, findings }: Progress) =>
    `${grouped(operations)} operations, ${mebibytes(bytes)}, ${descriptors} descriptors, ` +
    `${findings} findings`;
  if (process.stdout.isTTY) {
    const bar = new SingleBar({ format: '{bar} {value}/{total} s | {phase} | {text}' });
    bar.start(Math.ceil(seconds), 0, { phase: '', text: '' });
    return (progress) => {
      if (progress === undefined) bar.stop();
      else
        bar.update(Math.floor(progress.elapsed), { phase: progress.phase, text: text(progress) });
    };
  }
  let shown = performance.now();
  return (progress) => {
    if (progress === undefined || performance.now() < shown + LINE_PERIOD) return;
    shown = performance.now();
    console.log(`${progress.phase}, ${Math.floor(progress.elapsed)} s: ${text(progress)}`);
  };
}

async function watch(plan: Plan): Promise<void> {
  const program = fileURLToPath(new URL('arena.js', import.meta.url));
  const options = ['--expose-gc', '--no-warnings', '--enable-source-maps'];
  const arena = spawn(process.execPath, [...options, program, JSON.stringify(plan)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const pid = arena.pid as number;
  const usual = usualLimit(pid);
  const show = progressTo(plan.seconds);
  let killer: NodeJS.Timeout | undefined;
  const stop = () => arena.kill('SIGKILL');
  process.once('SIGINT', stop).once('SIGTERM', stop);
  let storm: NodeJS.Timeout | undefined;
  const silence = setInterval(() => {
    if (performance.now() < heard + SILENCE || report !== undefined) return;
    complain(`the event loop stands still:\n${describeThreads(pid)}`);
    stop();
  }, 1000);
  arena.on('message', (message: Message) => {
    heard = performance.now();
    // Before its first word it has no listeners yet, and a signal would end it.
    storm ??= setInterval(() => {
      arena.kill(signalsSent++ % 2 === 0 ? 'SIGUSR2' : 'SIGWINCH');
    }, SIGNAL_PERIOD);
    if (message.kind === 'limit') limit(arena, usual, message.count);
    else if (message.kind === 'progress') show(message);
    else if (message.kind === 'finding') tell(message.found);
    else {
      report = message;
      clearInterval(storm);
      killer = setTimeout(() => {
        complain(`the process does not end by itself:\n${describeThreads(pid)}`);
        stop();
      }, ENDING);
    }
  });
  const [code, signal] = await once(arena, 'exit');
  clearInterval(silence);
  clearInterval(storm);
  clearTimeout(killer);
  process.off('SIGINT', stop).off('SIGTERM', stop);
  show();
  if (code !== 0) complain(`the process has ended with ${code ?? signal}`);
}

const directory = mkdtempSync(join(tmpdir(), 'berkeley-soak-'));
const seconds = minutes * 60;
console.log(`soak: ${minutes} minutes, seed ${seed}`);
try {
  const file = join(directory, 'table');
  prepareBytes(seed);
  writeTable(file);
  const acting = positionals.length === 0 ? names : positionals;
  await watch({ seed, seconds, warmUp: Math.min(WARM_UP, seconds / 4), actors: acting, file });
} finally {
  rmSync(directory, { recursive: true });
}
if (report === undefined) complain('there is no report');
else console.log(`\n${formatReport(report, signalsSent)}`);
console.log(`\nsoak: ${findings} findings, seed ${seed}`);
process.exit(findings === 0 ? 0 : 1);
