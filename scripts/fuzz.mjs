// Builds the fuzzers of native/fuzz with clang and runs each; then the fuzzer of the API.
//
// Usage: node scripts/fuzz.mjs [--minutes N] [NAME…]
// The time is shared evenly; without it each runs for a few seconds. What is found interesting is
// added to native/fuzz/corpus, and an input that fails is kept in build-fuzz.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const directory = join(root, 'build-fuzz');
const corpora = join(root, 'native/fuzz/corpus');
/** Bytes of the longest input. */
const LONGEST = 512;
const API = 'api';

const { values, positionals } = parseArgs({
  options: { minutes: { type: 'string' } },
  allowPositionals: true,
});

function build() {
  const options = ['-DCMAKE_CXX_COMPILER=clang++', '-DBERKELEY_SOCKETS_FUZZ=ON'];
  const run = (...args) => execFileSync('cmake', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  run('-S', root, '-B', directory, ...options, '-DBERKELEY_SOCKETS_TESTS=OFF');
  run('--build', directory, '--parallel');
}

/** Runs one fuzzer of the core; gives its last line. */
function fuzzCore(name, seconds) {
  const corpus = join(corpora, name);
  // What is new is kept only if it is shorter or reaches more: the corpus stays small.
  const found = join(directory, 'found', name);
  mkdirSync(corpus, { recursive: true });
  mkdirSync(found, { recursive: true });
  const program = join(directory, `${name}_fuzz`);
  const result = spawnSync(
    program,
    [
      `-max_total_time=${seconds}`,
      `-max_len=${LONGEST}`,
      `-artifact_prefix=${directory}/${name}-`,
      found,
      corpus,
    ],
    { encoding: 'utf8' },
  );
  const lines = result.stderr.trim().split('\n');
  if (result.status !== 0) {
    console.error(lines.slice(-40).join('\n'));
    return { passed: false, line: `a finding, see build-fuzz/${name}-*` };
  }
  spawnSync(program, ['-merge=1', `-max_len=${LONGEST}`, corpus, found]);
  return { passed: true, line: lines.at(-1) };
}

/** Runs the fuzzer of the API. */
function fuzzApi(seconds) {
  const program = join(root, 'out/test/fuzz/api.js');
  const { status, stdout } = spawnSync(process.execPath, [program, '--seconds', String(seconds)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { passed: status === 0, line: stdout.trim().split('\n').at(-1) };
}

/** The names of the fuzzers of the core, once they are built. */
function coreNames() {
  return readdirSync(directory)
    .map((file) => /^(\w+)_fuzz$/.exec(file)?.[1])
    .filter((name) => name !== undefined);
}

// The one of the API needs no compiler.
const isApiOnly = positionals.length > 0 && positionals.every((name) => name === API);
if (!isApiOnly) build();
const cores = isApiOnly ? [] : coreNames();
const names = [...cores, API].filter(
  (name) => positionals.length === 0 || positionals.includes(name),
);
if (names.length === 0) throw new Error(`no such fuzzer; there are ${cores.join(', ')} and ${API}`);
const SHORT = 5;
const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
if (Number.isNaN(minutes)) throw new Error('--minutes takes a number');
const seconds = minutes === undefined ? SHORT : Math.ceil((minutes * 60) / names.length);
let passed = true;
for (const name of names) {
  const result = name === API ? fuzzApi(seconds) : fuzzCore(name, seconds);
  passed &&= result.passed;
  console.log(`${name}: ${result.line}`);
}
process.exit(passed ? 0 : 1);
