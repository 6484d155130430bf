// Looks for data races: runs the core's unit tests, and the tests of the package in which threads
// meet, built with ThreadSanitizer.
//
// The package is copied to build-tsan/package and built there. Node.js itself is not built with the
// sanitizer: what it does is neither watched nor reported, but its locks are seen, so that what the
// addon's code in one thread hands to its code in another is. Names of test files may be given;
// `--rounds N` says how often the core's threads meet.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildVariant, nodeWith, sanitizerOptions } from './variant.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = join(root, 'build-tsan/reports');
const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '500' } },
  allowPositionals: true,
});
/** Tests with workers, with look-ups on the pool, and all that may wait in the reactor's thread. */
const THREADED = ['process/', 'promises/', 'resolve.test', 'socketserver/', 'robbed', 'waiting'];

/** Runs the core's unit tests, then those again in which threads meet, many times. */
function testCore() {
  const script = join(root, 'scripts/test-core-sanitized.sh');
  execFileSync('bash', [script, 'thread'], { stdio: 'inherit' });
  for (const name of ['readiness', 'sharing', 'lookup', 'lookup_locked']) {
    const program = join(root, 'build-core-thread', `${name}_test`);
    // Says how many checks were made, and fails if there was a race.
    execFileSync(program, [values.rounds], { stdio: 'inherit' });
  }
}

/** Runs test files of the copy; gives whether they passed. */
function run(words, variables) {
  const { status } = spawnSync(node, ['scripts/run-tests.mjs', '--seconds=900', ...words], {
    cwd: copy,
    stdio: 'inherit',
    env: {
      ...process.env,
      ...variables,
      TSAN_OPTIONS: sanitizerOptions({
        log_path: join(reports, 'thread'),
        ignore_noninstrumented_modules: 1,
        // Tests judge how their programs end.
        exitcode: 0,
        // Node's own handlers stay.
        handle_segv: 0,
        handle_sigbus: 0,
        handle_sigfpe: 0,
      }),
    },
  });
  return status === 0;
}

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const flag = '-fsanitize=thread';
const copy = buildVariant('build-tsan', {
  CXXFLAGS: `${flag} -fno-omit-frame-pointer -O1 -g`,
  LDFLAGS: flag,
});
const node = nodeWith('build-tsan', ['libtsan.so']);
const words = positionals.length > 0 ? positionals : THREADED;
if (positionals.length === 0) testCore();
const passed = [
  run(words, { BERKELEY_SOCKETS_REACTOR_THREAD: '1' }),
  // What works alike with any reactor was tried with the one of this package.
  positionals.length > 0 || run(['process/workers', 'process/exit', 'robbed'], {}),
];
const found = readdirSync(reports).map((name) => readFileSync(join(reports, name), 'utf8'));
for (const text of found) console.error(text);
console.error(`${found.length} processes with findings of ThreadSanitizer`);
process.exit(passed.every(Boolean) && found.length === 0 ? 0 : 1);
