// Calls every function and method of the public modules with arbitrary values, in processes of
// their own: only exceptions that are documented may come out. Run by `npm run fuzz`.
//
// Usage: node out/test/fuzz/api.js [--seconds N | --calls N] [--seed N [--path PATH]]
//          [--area N] [--scripts N] [--verbose]

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { type Place, readPlace } from './journal.js';
import { scripts } from './recipes.js';
import type { Report } from './report.js';
import { Stillness } from './stillness.js';
import { areas } from './subjects.js';

/** Scripts of one process, unless told otherwise. */
const SCRIPTS = '1500';
const LOOK = 250;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    calls: { type: 'string' },
    seed: { type: 'string' },
    path: { type: 'string' },
    area: { type: 'string' },
    scripts: { type: 'string' },
    verbose: { type: 'boolean' },
  },
});

/**
 * What the scripts do to the network, to names and to the machine stays in namespaces. No core
 * files, few descriptors, no large files; and if one is closed that was not meant, it is the
 * process's own.
 */
const SHELL = 'ip link set lo up && ulimit -c 0 && ulimit -n 512 && ulimit -f 100000 && exec "$@"';
const CONTAINED = ['unshare', '--net', '--uts', '--ipc', 'sh', '-c', SHELL, 'sh'] as const;

const directory = mkdtempSync(join(tmpdir(), 'berkeley-fuzz-api-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
const journal = join(directory, 'journal');
const program = fileURLToPath(new URL('./child.js', import.meta.url));

/** Runs the scripts of a seed; gives the finding, if there is one. */
async function run(seed: number, total: Totals): Promise<string | undefined> {
  const args = ['--seed', `${seed}`, '--journal', journal, '--scripts', values.scripts ?? SCRIPTS];
  for (const name of ['path', 'area'] as const) {
    const value = values[name];
    if (value !== undefined) args.push(`--${name}`, value);
  }
  const [command, ...rest] = CONTAINED;
  const node = [process.execPath, '--expose-gc', '--no-warnings', program, ...args];
  const child = spawn(command, [...rest, ...node], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  const stillness = new Stillness(child.pid as number);
  while (!isOver) {
    await Promise.race([ended, delay(LOOK)]);
    if (isOver || !stillness.isHanging(readJournal())) continue;
    const state = stateOf(child.pid as number);
    child.kill('SIGKILL');
    await ended;
    return `a call hangs\n${whatAt(seed)}\n${state}`;
  }
  const line = output.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) return `died: ${await ended}\n${whatAt(seed)}\n${errors}`;
  const report: Report = JSON.parse(line);
  total.add(report);
  if (report.finding === undefined) return undefined;
  return `${report.finding}\n${report.script}\nagain: --seed ${seed} --path ${report.path}`;
}

function readJournal(): string {
  try {
    return readFileSync(journal, 'latin1');
  } catch {
    return '';
  }
}

/** What the process did last, from where it said it was. */
function whatAt(seed: number): string {
  const place: Place | undefined = readJournal() === '' ? undefined : readPlace(journal);
  if (!place) return 'before the first call';
  const path = values.path ?? `${place.script}`;
  const [script] = fc.sample(scripts(areas.length), { seed, path, numRuns: 1 });
  const area = values.area === undefined ? (script?.area ?? 0) : Number(values.area);
  const lines = [
    `area ${areas[area]?.name}, script ${place.script}, call ${place.step}: ${place.name}`,
  ];
  for (const [index, step] of (script?.steps ?? []).entries()) {
    const isLast = place.step < 0 || index === place.step;
    if (isLast || index < place.step) lines.push(`${isLast ? '>' : ' '} ${fc.stringify(step)}`);
  }
  return [...lines, `again: --seed ${seed} --path ${path}`].join('\n');
}

/** Where in the kernel a process is. */
function stateOf(pid: number): string {
  return ['wchan', 'syscall', 'stack']
    .map((name) => {
      const { stdout } = spawnSync('cat', [`/proc/${pid}/${name}`], { encoding: 'utf8' });
      return `${name}: ${stdout.trim()}`;
    })
    .join('\n');
}

class Totals {
  count = 0;
  returned = 0;
  readonly calls = new Map<string, number>();
  readonly used = new Map<string, number>();

  add({ count, returned, calls, used }: Report): void {
    this.count += count;
    this.returned += returned;
    for (const [name, more] of Object.entries(calls)) sum(this.calls, name, more);
    for (const [name, more] of Object.entries(used)) sum(this.used, name, more);
  }

  print(): void {
    for (const [name, count] of this.calls) console.log(`  ${name}: ${count}`);
    const least = [...this.used].sort((one, other) => one[1] - other[1]);
    if (values.verbose) for (const [name, count] of least) console.log(`    ${name}: ${count}`);
    const seldom = least[0] ? `, each at least ${least[0][1]} times` : '';
    const part = Math.round((100 * this.returned) / Math.max(1, this.count));
    const what = `${this.count} calls of ${this.used.size} functions and methods`;
    console.log(`${what}${seldom}; ${part} % threw nothing`);
  }
}

function sum(map: Map<string, number>, name: string, more: number): void {
  map.set(name, (map.get(name) ?? 0) + more);
}

async function main(): Promise<number> {
  const probe = spawnSync(CONTAINED[0], [...CONTAINED.slice(1), 'true'], { encoding: 'utf8' });
  if (probe.status !== 0) {
    console.log(`0 calls: no namespaces can be made here: ${probe.stderr?.trim()}`);
    return 0;
  }
  const end = performance.now() + Number(values.seconds ?? (values.calls ? 1e6 : 5)) * 1000;
  const most = Number(values.calls ?? Number.POSITIVE_INFINITY);
  const total = new Totals();
  let seed = Number(values.seed ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  let finding: string | undefined;
  do {
    finding = await run(seed, total);
    seed += 1;
  } while (!finding && values.path === undefined && performance.now() < end && total.count < most);
  if (finding) console.error(finding);
  total.print();
  return finding ? 1 : 0;
}

process.exitCode = await main();
