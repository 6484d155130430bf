// Runs the built tests under the runtimes that load the addon: several versions of Node.js, Bun, Deno.
//
// Usage: node scripts/test-runtimes.mjs [RUNTIME…] [WORD…]
// Without names all runtimes are used; a word chooses the test files whose names contain it. The
// runtimes come from npm, into a folder of the user's cache; remove that to get newer ones. What
// dist/, out/ and build/Release hold is tested as it is.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'berkeley-sockets');
const target = `${process.platform}-${process.arch}`;
/** Milliseconds after which a test file counts as hung. */
const LIMIT = 180_000;

const NODE = {
  command: ['--expose-gc', '--enable-source-maps', '--test-reporter=tap'],
  excluded: {},
};

/** Whole folders of tests that are about Node.js itself. */
const ABOUT_NODE = {
  'interop/': "it is about Node's own streams, net, tls and http; those of this runtime are others",
};

/**
 * The runtimes: the package that has the binary, the arguments before a test file, and the test
 * files (or folders) that say nothing about this package there, each with the reason. Single tests that a runtime
 * cannot pass say so themselves (test/support/runtime.ts).
 */
const RUNTIMES = {
  node20: { ...NODE, from: `node-${target}@20`, binary: 'bin/node' },
  node22: { ...NODE, from: `node-${target}@22`, binary: 'bin/node' },
  node24: { ...NODE, from: `node-${target}@24`, binary: 'bin/node' },
  node26: { ...NODE, from: `node-${target}@26`, binary: 'bin/node' },
  bun: {
    from: `@oven/bun-${target.replace('arm64', 'aarch64')}@1`,
    binary: 'bin/bun',
    command: ['test', '--timeout=60000', `--preload=${join(root, 'scripts/bun/gc.mjs')}`],
    excluded: {
      ...ABOUT_NODE,
      'select/differential': 'a child process gets its input as a file, and from Node as a pipe',
    },
  },
  deno: {
    from: `@deno/${target}${process.platform === 'linux' ? '-glibc' : ''}@2`,
    binary: 'deno',
    command: [
      'run',
      '--allow-all',
      '--no-check',
      '--v8-flags=--expose-gc',
      `--import-map=${join(root, 'scripts/deno/imports.json')}`,
    ],
    excluded: {
      ...ABOUT_NODE,
      'process/stale-interruption':
        'Deno takes signals in any of its threads, so that they do not always end the wait',
      'socketserver/examples': 'Deno takes signals in any of its threads',
      'socketserver/processes': 'ref() of a child process that has ended throws in Deno',
      'socketserver/trouble': 'Deno ends with a panic where no descriptor is left',
      'socketserver/locating':
        'Deno finds a package only where package.json names it, and its programs have none',
      'promises/wait': "Deno's node:fs knows only the descriptors that it opened itself",
      'promises/scale': 'it counts the sockets of the process, and Deno has some of its own',
      'process/broken-pipe': 'SIGPIPE never has its default, because Deno keeps its handler of it',
    },
  },
};

/** Installs the runtime unless it is there; gives the path of its program. */
function install(name, { from, binary }) {
  const folder = join(cache, name);
  const packageName = from.slice(0, from.lastIndexOf('@'));
  const program = join(folder, 'node_modules', packageName, binary);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  console.log(`installing ${from} into ${folder}`);
  // The package holds the program itself, so that no script of it has to run.
  execFileSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent', from],
    {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  return program;
}

/** Runs a program to its end, or to its time limit; gives its status and all that it printed. */
function run(program, args) {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1' };
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

/** Whether the name of a file, or of a folder of some, is among the names. */
function covers(files, start) {
  return files.some((file) => file === start || (start.endsWith('/') && file.startsWith(start)));
}

/** Runs the files one after the other; whether all went well. */
async function testRuntime(name, runtime, files) {
  const program = install(name, runtime);
  const version = (await run(program, ['--version'])).text.match(/\d+\.\d+\.\d+/)?.[0];
  const start = performance.now();
  const sum = { files: 0, pass: 0, fail: 0, skipped: 0 };
  const failures = [];
  const excluded = Object.entries(runtime.excluded).filter(([start]) => covers(files, start));
  for (const file of files) {
    if (excluded.some(([start]) => covers([file], start))) continue;
    const { status, text } = await run(program, [...runtime.command, `./out/test/${file}.test.js`]);
    const passed = count(text, 'pass');
    const failed = count(text, 'fail') + count(text, 'cancelled');
    const skipped = count(text, 'skipped') + count(text, 'skip');
    sum.files += 1;
    sum.pass += passed;
    sum.fail += failed;
    sum.skipped += skipped;
    if (status !== 0 || passed + skipped === 0) {
      failures.push(file);
      // A crash, a hang or a leak makes a file fail without any of its tests.
      if (failed === 0) sum.fail += 1;
      console.log(`\n--- ${name}: ${file} ended with ${status}\n${text.trimEnd()}\n`);
    }
  }
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(
    `${name.padEnd(7)} ${version.padEnd(8)} ${sum.files} files, ${sum.pass} tests passed, ` +
      `${sum.fail} failed, ${sum.skipped} skipped, ${seconds} s`,
  );
  for (const file of failures) console.log(`        failed: ${file}`);
  for (const [start, reason] of excluded) console.log(`        excluded: ${start}: ${reason}`);
  return failures.length === 0;
}

const names = Object.keys(RUNTIMES);
const args = process.argv.slice(2);
const wanted = names.filter((name) => args.includes(name));
const words = args.filter((word) => !names.includes(word));
const files = readdirSync(join(root, 'out/test'), { recursive: true })
  .filter((file) => file.endsWith('.test.js'))
  .map((file) => file.slice(0, -'.test.js'.length))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();
if (files.length === 0) {
  console.error(`no such test; the runtimes are ${names.join(', ')}`);
  process.exit(1);
}
for (const name of wanted.length === 0 ? names : wanted) {
  if (!(await testRuntime(name, RUNTIMES[name], files))) process.exitCode = 1;
}
