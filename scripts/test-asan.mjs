// Runs the tests against an addon built with AddressSanitizer and UndefinedBehaviorSanitizer.
//
// The package is copied to build-asan/package and built there, so that the ordinary build stays as
// it is. Names of test files may be given. What the sanitizers find goes to build-asan/reports and
// not to standard error, which some tests compare.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildVariant, nodeWith, sanitizerOptions } from './variant.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = join(root, 'build-asan/reports');
const compilerFlags = '-fsanitize=address,undefined -fno-sanitize-recover=all';
const copy = buildVariant('build-asan', {
  CXXFLAGS: `${compilerFlags} -fno-omit-frame-pointer -O1 -g`,
  LDFLAGS: compilerFlags,
});
const node = nodeWith('build-asan', ['libasan.so', 'libubsan.so']);

/** Runs test files; gives whether they passed. */
function run(files, detectLeaks) {
  if (files.length === 0) return true;
  const addressOptions = {
    log_path: join(reports, 'address'),
    // Opens the report at once: opened later it would look like a descriptor that a test left open.
    // A program that gives up root could not open the report again after its execve.
    verbosity: detectLeaks ? 1 : 0,
    detect_leaks: detectLeaks ? 1 : 0,
    detect_stack_use_after_return: 1,
    strict_string_checks: 1,
    // Tests ask for more memory than there is and expect an exception.
    allocator_may_return_null: 1,
    // Freed memory is kept aside to recognise its use; the default is too much for many workers.
    quarantine_size_mb: 16,
  };
  // This one reports on standard error, and ends the process with a code that no test expects.
  const undefinedOptions = { print_stacktrace: 1, exitcode: 77 };
  // Leaks are judged below: Node leaves much to the end of the process, and so do the python3,
  // sh and ip that tests start.
  const leakOptions = { exitcode: 0 };
  const { status } = spawnSync(node, ['scripts/run-tests.mjs', '--seconds=900', ...files], {
    cwd: copy,
    stdio: 'inherit',
    env: {
      ...process.env,
      ASAN_OPTIONS: sanitizerOptions(addressOptions),
      UBSAN_OPTIONS: sanitizerOptions(undefinedOptions),
      LSAN_OPTIONS: sanitizerOptions(leakOptions),
    },
  });
  return status === 0;
}

/**
 * Whether the addon has allocated what leaked: its frames have its sources, or its file where it
 * has no line numbers. A worker's end may have unloaded it, then the caller of malloc is unknown;
 * code that V8 made, unknown too, never calls malloc itself. What V8's heap notes about itself, in
 * JavaScript that the addon has called, is no memory of the addon's.
 */
function isOurs(leak) {
  if (/#1 0x\w+ in v8::internal::/.test(leak)) return false;
  return /\bberkeley::|berkeley_sockets\.node|#1 0x\w+ +\(<unknown module>\)/.test(leak);
}

/** The findings of a report: all errors, and of the leaks those of the addon. */
function findings(report) {
  const text = readFileSync(join(reports, report), 'utf8');
  if (text.includes('ERROR: AddressSanitizer')) return [text];
  return text.split('\n\n').filter((part) => /leak of \d+ byte/.test(part) && isOurs(part));
}

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
// Some tests start programs as another user.
chmodSync(reports, 0o777);

const wanted = process.argv.slice(2);
const files = readdirSync(join(copy, 'out/test'), { recursive: true })
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)));
// Programs that give up root there may not be traced, which the search for leaks has to do.
const givesUpRoot = (file) =>
  /AS_NOBODY|setpriv/.test(readFileSync(join(copy, 'out/test', file), 'utf8'));
const passed = [
  run(
    files.filter((file) => !givesUpRoot(file)),
    true,
  ),
  run(files.filter(givesUpRoot), false),
];
const found = readdirSync(reports).flatMap((report) =>
  findings(report).map((text) => `${report}:\n${text}`),
);
for (const text of found) console.error(text);
console.error(`${found.length} findings of the sanitizers`);
process.exit(passed.every(Boolean) && found.length === 0 ? 0 : 1);
