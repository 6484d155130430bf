// Runs the built tests under the runtimes that load the addon: several versions of Node.js, Bun, Deno.
//
// Usage: node scripts/test-runtimes.mjs [--write] [RUNTIME…] [WORD…]
// Without names all runtimes are used; a word chooses the test files whose names contain it. The
// runtimes come from npm, into a folder of the user's cache; remove that to get newer ones. What
// dist/, out/ and build/Release hold is tested as it is.
//
// What came of each file is kept in out/runtimes.json as long as the sources are the same, so that a
// long run can be made in parts. For each runtime in which all have run, a row of the table in
// README.md is printed; --write alone puts those rows there, and runs nothing.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RUNTIMES } from './runtimes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const RESULTS = join(root, 'out/runtimes.json');
const README = join(root, 'README.md');
/** Milliseconds after which a test file counts as hung. */
const LIMIT = 180_000;
/** Test files that run at once. */
const JOBS = 3;

const NODE = ['--expose-gc', '--enable-source-maps', '--test-reporter=tap'];
/**
 * What each runtime is told before the name of a test file. What a runtime cannot do is said by the
 * tests of that themselves (test/support/runtime.ts).
 */
const OPTIONS = {
  bun: ['test', '--timeout=60000', `--preload=${join(root, 'scripts/bun/gc.mjs')}`],
  deno: [
    '--no-check',
    '--v8-flags=--expose-gc',
    `--import-map=${join(root, 'scripts/deno/imports.json')}`,
  ],
};

/** Runs a program to its end, or to its time limit; gives its status and all that it printed. */
function run([program, ...args]) {
  return new Promise((resolve) => {
    // Deno's look for updates would count among the packets of the tests.
    const env = { ...process.env, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' };
    const child = spawn(program, args, { cwd: root, env });
    child.stdin.end();
    const output = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => output.push(data));
    const timer = setTimeout(() => {
      output.push(Buffer.from(`\nkilled after ${LIMIT} ms\n`));
      child.kill('SIGKILL');
    }, LIMIT);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ status: code ?? signal, text: Buffer.concat(output).toString() });
    });
  });
}

/** How many tests of a kind a report counts: `# pass 3` of node:test, ` 3 pass` of Bun. */
function count(text, kind) {
  const found = new RegExp(`^(?:# ${kind} (\\d+)| *(\\d+) ${kind})$`, 'm').exec(text);
  return Number(found?.[1] ?? found?.[2] ?? 0);
}

/** Runs the files, a few at a time, since most of them wait; gives how many of their tests passed. */
async function testRuntime(name, files) {
  const { title, start } = RUNTIMES[name];
  const starter = start();
  const version = (await run([starter[0], '--version'])).text.match(/\d+\.\d+\.\d+/)?.[0];
  const runtime = `${title.split(' ')[0]} ${version}`;
  const begin = performance.now();
  const results = {};
  const test = async (file) => {
    const command = [...starter, ...(OPTIONS[name] ?? NODE), `./out/test/${file}.test.js`];
    const { status, text } = await run(command);
    const passed = count(text, 'pass');
    const skipped = count(text, 'skipped') + count(text, 'skip');
    let failed = count(text, 'fail') + count(text, 'cancelled');
    if (status !== 0 || passed + skipped === 0) {
      // A crash, a hang or a leak makes a file fail without any of its tests.
      failed ||= 1;
      console.log(`\n--- ${runtime}: ${file} ended with ${status}\n${text.trimEnd()}\n`);
    }
    results[file] = { passed, skipped, failed };
  };
  const rest = files.values();
  const work = async () => {
    for (const file of rest) await test(file);
  };
  await Promise.all(Array.from({ length: JOBS }, work));
  const seconds = Math.round((performance.now() - begin) / 1000);
  console.log(`${row(runtime, results)}  ${seconds} s`);
  return { runtime, results };
}

/** A row of the table: how many files, and how many tests that passed, were skipped and failed. */
function row(runtime, results) {
  const all = Object.values(results);
  const sums = ['passed', 'skipped', 'failed'].map((kind) =>
    all.reduce((sum, result) => sum + result[kind], 0),
  );
  const cells = [all.length, ...sums].map((number) => number.toLocaleString('en'));
  return `| ${[runtime, ...cells].join(' | ')} |`;
}

/** What the sources are called, and what came of files with them, by the runtimes' names. */
function recall() {
  const options = { cwd: root, encoding: 'utf8' };
  const sources = execFileSync('git', ['describe', '--always', '--dirty'], options).trim();
  const known = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : {};
  return known.sources === sources ? known : { sources, runs: {} };
}

function remember(name, { runtime, results }) {
  const known = recall();
  const before = known.runs[name]?.runtime === runtime ? known.runs[name].results : {};
  known.runs[name] = { runtime, results: { ...before, ...results } };
  writeFileSync(RESULTS, `${JSON.stringify(known, null, 2)}\n`);
}

function write(rows) {
  const table = /(?<=\| Runtime \|.*\n\| --- .*\n)(\|.*\n)+/;
  const text = readFileSync(README, 'utf8');
  if (!table.test(text)) throw new Error('README.md has no table of the runtimes');
  writeFileSync(README, text.replace(table, `${rows.join('\n')}\n`));
}

const names = Object.keys(RUNTIMES);
const args = process.argv.slice(2);
const isWriting = args.includes('--write');
const words = args.filter((word) => !names.includes(word) && word !== '--write');
const wanted = names.filter((name) => args.includes(name));
const all = readdirSync(join(root, 'out/test'), { recursive: true })
  .filter((file) => file.endsWith('.test.js'))
  .map((file) => file.slice(0, -'.test.js'.length))
  .sort();
const files = all.filter((file) => words.length === 0 || words.some((word) => file.includes(word)));
if (files.length === 0) {
  console.error(`no such test; the runtimes are ${names.join(', ')}`);
  process.exit(1);
}
const isOnlyWriting = isWriting && args.length === 1;
for (const name of isOnlyWriting ? [] : wanted.length > 0 ? wanted : names) {
  const outcome = await testRuntime(name, files);
  if (Object.values(outcome.results).some(({ failed }) => failed > 0)) process.exitCode = 1;
  remember(name, outcome);
}
const { sources, runs } = recall();
const whole = names.filter((name) => all.every((file) => runs[name]?.results[file]));
const rows = whole.map((name) => row(runs[name].runtime, runs[name].results));
if (rows.length > 0) console.log(`\nall tests with ${sources}:\n${rows.join('\n')}`);
if (isWriting) write(rows);
