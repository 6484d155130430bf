// Runs the core's unit tests, and programs of the tests that end in every way, under Valgrind's
// memcheck.
//
// An error counts wherever it is, unless scripts/valgrind.supp has it; of leaks those whose memory
// the addon allocated: Node.js leaves much to the end of the process. Words choose programs.

import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cases } from '../out/test/process/fixtures/waits.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = join(root, 'build-valgrind');
const fixtures = join(root, 'out/test/process/fixtures');
const core = join(root, 'build-core');

/** @typedef {{ command: string[]; code: number; thread?: boolean }} Program */

/** A program of test/process, and the code that it has to end with. */
const node = (code, name, ...args) => ({
  command: [process.execPath, '--expose-gc', join(fixtures, `${name}.js`), ...args],
  code,
});

const byTimeout = (wanted) => cases.filter(([, timeout]) => timeout === wanted);

/** @type {Program[]} */
const programs = [
  ...readdirSync(core)
    .filter((name) => name.endsWith('_test'))
    // One thread runs at a time here: where threads meet, a few rounds take long enough.
    .map((name) => ({ command: [join(core, name), '5'], code: 0 })),
  node(0, 'exit', 'end'),
  node(8, 'exit', 'exitCode'),
  node(7, 'exit', 'exit'),
  node(1, 'exit', 'throw'),
  node(1, 'exit', 'reject'),
  ...byTimeout('null').map(([call, timeout]) => node(7, 'exit', 'exit', call, timeout)),
  node(0, 'exit', 'end', 'recv', 'null'),
  node(1, 'exit', 'throw', 'accept', '600'),
  ...byTimeout('600').map(([call, timeout]) => node(0, 'terminate', call, timeout)),
  ...[false, true].flatMap((thread) =>
    [node(0, 'busy-workers', 'terminate'), node(0, 'busy-workers', 'leave')]
      .concat(node(7, 'busy-workers', 'exit'))
      .map((program) => ({ ...program, thread })),
  ),
  node(0, 'many-workers', '10'),
];

/** What Valgrind says of a process: all errors, and of the leaks those of the addon. */
function findings(file) {
  const lines = readFileSync(file, 'utf8').replaceAll(/^[=-]=\d+[=-]= ?/gm, '');
  return lines.split(/\n\s*\n/).filter((part) => {
    if (!/^ +(at|by) 0x/m.test(part)) return false;
    const isLeak = / in loss record /.test(part);
    return !isLeak || /\bberkeley::|berkeley_sockets\.node/.test(part);
  });
}

/** Runs a program; gives what is wrong. */
async function run({ command, code, thread = false }, index) {
  const log = join(reports, `${index}.log`);
  // Threads of the pool may be at work when the process exits: what they hold is "possibly lost".
  const options = ['--leak-check=full', '--show-leak-kinds=definite'];
  // Names of functions are wanted also of an addon that a worker's end has unloaded.
  options.push(`--suppressions=${join(root, 'scripts/valgrind.supp')}`);
  options.push('--keep-debuginfo=yes', '--num-callers=40', '--fair-sched=yes');
  const child = spawn('valgrind', ['-q', `--log-file=${log}`, ...options, ...command], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, BERKELEY_SOCKETS_REACTOR_THREAD: thread ? '1' : undefined },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  }
  const [ended, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (...ending) => resolve(ending));
  });
  const problems = findings(log);
  if (ended !== code) problems.push(`ended with ${signal ?? ended} instead of ${code}\n${said}`);
  return problems;
}

const words = process.argv.slice(2);
const titled = programs
  .map((program) => {
    const title = program.command.slice(program.command[1] === '--expose-gc' ? 2 : 0).join(' ');
    return { program, title: title.replaceAll(root, '') + (program.thread ? ' (thread)' : '') };
  })
  .filter(({ title }) => words.length === 0 || words.some((word) => title.includes(word)));

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
let failed = 0;
const queue = titled.entries();
const work = async () => {
  for (const [index, { program, title }] of queue) {
    const problems = await run(program, index);
    console.log(`${problems.length === 0 ? 'clean ' : 'WRONG '} ${title}`);
    for (const problem of problems) console.log(problem);
    failed += problems.length === 0 ? 0 : 1;
  }
};
await Promise.all(Array.from({ length: availableParallelism() }, work));
console.log(`${titled.length} programs, ${failed} with findings`);
process.exit(failed === 0 && titled.length > 0 ? 0 : 1);
