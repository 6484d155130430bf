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
  // No byte of a peer's may become code, a module or a file's name: see docs/security.md.
  [
    /^lib\//,
    /\beval\(|\bFunction\(|['"](node:)?vm['"]|\brunIn(This|New)?Context\b/,
    'nothing is made code of',
  ],
  [
    /^lib\/(?!server\/location\.ts$)/,
    /(?<!typeof )\bimport\(/,
    'only lib/server/location.ts loads modules that the program names',
  ],
  [
    /^lib\/server\/(?!(child|entry|location)\.ts$)/,
    /\bfs\.|['"](node:)?fs(\/promises)?['"]/,
    'servers touch no files but their own modules and the pipe of a child',
  ],
  [
    /^lib\/(?!server\/(child|request-message)\.ts$)/,
    /\bdeserialize\(/,
    'only what the server itself has serialized is deserialized',
  ],
  [
    /^lib\/(socket|io)\//,
    /from '(\.\.\/)+(index|promises|functions)\.js'/,
    'a lower module imports the public one',
  ],
];

/** System calls, and what of libc makes them: not those of other classes' and of namespaces. */
const SYSTEM_CALL = new RegExp(
  '(?<![\\w.>:~])(socket|socketpair|bind|listen|accept4?|connect|shutdown|close|recv|recvfrom|' +
    'recvmsg|recvmmsg|send|sendto|sendmsg|sendmmsg|sendfile|read|write|poll|select|epoll_create1|' +
    'epoll_ctl|epoll_wait|eventfd|fcntl|ioctl|[gs]etsockopt|getsockname|getpeername|dup3?|fstat|' +
    'prctl|sigtimedwait|[gs]ethostname|getaddrinfo|getnameinfo|if_nameindex|if_indextoname)' +
    '\\((?!\\))',
);
/** What a fault can be injected into, by the name of what makes the call or of what is made later. */
const INJECTABLE =
  /\b(Once|Retry|Always|Begin|Find|Ask|WaitIn|WaitForAny|AttemptOnce)\(|(attempt|control) = \[/;
/** How many lines before a call that may be. */
const REACH = 4;

/** The line of a system call that the tests of errors could not make fail; -1 if there is none. */
function plainSystemCall(file, code) {
  const isMaker = !/^native\/(core|binding)\/.*\.(cc|h)$/.test(file) || file.endsWith('_calls.h');
  if (isMaker) return -1;
  return code.findIndex((text, index) => {
    const call = text.replace(/\bResult \w+\(.*/, '');
    if (!SYSTEM_CALL.test(call)) return false;
    return !INJECTABLE.test(code.slice(Math.max(0, index - REACH), index + 1).join('\n'));
  });
}

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
    const plain = plainSystemCall(file, code);
    if (plain >= 0) {
      problems.push(`${file}:${plain + 1}: a system call that no fault reaches: ${lines[plain]}`);
    }
    const isTable = /\/constants\.(ts|list)$/.test(file) || file.includes('/gen/');
    if (!isTable && lines.length > 401)
      problems.push(`${file}: ${lines.length} lines, at most 400`);
  }
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
