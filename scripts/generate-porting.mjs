// Puts the programs of examples/porting/ into docs/porting.md, side by side, behind its mark.
//
// Usage: node scripts/generate-porting.mjs [--check]
// With --check nothing is written, and the exit status says whether the page is up to date.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}examples/porting/`;
const page = `${root}docs/porting.md`;
const MARK = '<!-- What follows is made by `npm run generate:docs` out of examples/porting/. -->\n';

/** The idioms in the order of the page: what the programs are called, and the heading. */
const IDIOMS = [
  ['client', 'A TCP client'],
  ['server', 'A TCP server'],
  ['udp', 'UDP'],
  ['timeouts', 'Timeouts'],
  ['non_blocking', 'Non-blocking, with select'],
  ['selectors_echo', 'Many clients, with selectors'],
  ['ping', 'ICMP: ping, with struct'],
  ['sniffer', 'A packet sniffer'],
  ['multicast', 'Multicast'],
  ['credentials', 'Credentials of a Unix peer'],
  ['descriptors', 'Passing descriptors'],
  ['lines', 'Lines of text, with makefile'],
  ['sendfile', 'Sending a file'],
  ['servers', 'The servers of socketserver'],
  ['http', 'HTTP by hand'],
  ['dns', 'A DNS query by hand'],
  ['syslog', 'Writing to syslog'],
  ['contexts', 'Context managers'],
  ['errors', 'Errors'],
  ['dual_stack', 'IPv4 and IPv6 with one server'],
  ['options', 'Socket options'],
  ['own_memory', "Receiving into memory of one's own"],
  ['control_messages', 'Control messages'],
  ['names', 'Names and addresses'],
];

/** What TypeScript does better than a translation, for some idioms. */
const HINTS = {
  selectors_echo: '`await selector.select_async(10)` waits without blocking the event loop.',
  ping: '`icmp.build` and `icmp.parse` of `berkeley-sockets/packet` do the packing.',
  sniffer: '`decode` and `summary` of `berkeley-sockets/packet` do the unpacking.',
  multicast: "`join_group(sock, GROUP, 'lo')` of `berkeley-sockets/options` does the first half.",
  credentials: '`peercred(connection)` of `berkeley-sockets/options` does the unpacking.',
  servers: '`AsyncTCPServer` serves all clients at once on the event loop; Python has none.',
  control_messages: '`berkeley-sockets/ancillary` knows these structures.',
};

/** The sentence that a program begins with, and the program without it. */
function take(file, comment) {
  const [first = '', ...rest] = readFileSync(folder + file, 'utf8').split('\n');
  if (!first.startsWith(comment)) throw new Error(`${file} does not begin with a comment`);
  return { sentence: first.slice(comment.length).trim(), code: rest.join('\n').trim() };
}

function fence(language, code) {
  return `\n\n\`\`\`${language}\n${code}\n\`\`\`\n\n`;
}

/** A heading, what the programs do, and both of them in a table of two columns. */
function describe([name, title]) {
  const python = take(`${name}.py`, '#');
  const typescript = take(`${name}.ts`, '//');
  if (python.sentence !== typescript.sentence) {
    throw new Error(`${name}.py and ${name}.ts begin with different sentences`);
  }
  const left = `<td valign="top">${fence('python', python.code)}</td>`;
  const right = `<td valign="top">${fence('ts', typescript.code)}</td>`;
  const hint = HINTS[name] === undefined ? '' : `\n${HINTS[name]}\n`;
  return `### ${title}\n\n${python.sentence}\n\n<table>\n<tr>${left}${right}</tr>\n</table>\n${hint}`;
}

const names = new Set(readdirSync(folder).map((file) => file.replace(/\.\w+$/, '')));
for (const [name] of IDIOMS) names.delete(name);
if (names.size > 0) throw new Error(`no heading for ${[...names].join(', ')}`);

const current = readFileSync(page, 'utf8');
const [written, ...more] = current.split(MARK);
if (more.length !== 1) throw new Error(`the mark is not once in ${page}: ${MARK}`);
const fresh = `${written}${MARK}\n${IDIOMS.map(describe).join('\n')}`;
if (process.argv.includes('--check')) {
  if (fresh !== current) {
    console.error('docs/porting.md is stale: npm run generate:docs');
    process.exitCode = 1;
  }
} else {
  writeFileSync(page, fresh);
}
