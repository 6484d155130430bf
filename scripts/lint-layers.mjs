// Checks that dependencies point down: lib, then native/binding, then native/core, then libc.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a file under a folder must not contain, and why. */
const RULES = [
  [
    /^native\/core\//,
    /#include\s*[<"](napi|node_api|js_native_api|uv)/,
    'core knows no JavaScript',
  ],
  [/^native\/core\//, /#include\s*"(binding|gen)\//, 'core knows nothing above it'],
  [
    /^native\/(?!core\/result\.h)/,
    /\berrno\b(?!\.h)(?=\s*[;,)=<>!]|\s*==)/,
    'only core/result.h reads errno',
  ],
  [/^native\//, /\b(abort\(|assert\(|throw\b)/, 'no abort, no exceptions'],
  [/^native\/(?!binding\/reactor_libuv\.cc)/, /\buv_[a-z]+_/, 'only reactor_libuv.cc knows libuv'],
  [/^lib\/(?!native\.ts$)/, /from '(bindings)'|\.node'/, 'only lib/native.ts knows the addon'],
  [
    /^lib\/(socket|io)\//,
    /from '(\.\.\/)+(index|promises|functions)\.js'/,
    'a lower module imports the public one',
  ],
];

const problems = [];
for (const folder of ['native', 'lib']) {
  for (const entry of readdirSync(root + folder, { recursive: true })) {
    const file = `${folder}/${entry}`;
    if (!/\.(h|cc|ts|list)$/.test(file) || file.startsWith('native/core/test/')) continue;
    const lines = readFileSync(root + file, 'utf8').split('\n');
    const code = lines.map((line) => line.replace(/^\s*(\/\/|\*|\/\*).*|\/\/ .*$/, ''));
    for (const [where, what, why] of RULES) {
      if (!where.test(file)) continue;
      const line = code.findIndex((text) => what.test(text));
      if (line >= 0) problems.push(`${file}:${line + 1}: ${why}: ${lines[line].trim()}`);
    }
    const isTable = /\/constants\.(ts|list)$/.test(file) || file.includes('/gen/');
    if (!isTable && lines.length > 401)
      problems.push(`${file}: ${lines.length} lines, at most 400`);
  }
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
