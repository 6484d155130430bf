// Makes docs/reference.md: every public name, what it is in Python, and what differs.
//
// Usage: node scripts/generate-reference.mjs [--check]
// The names and their documentation are those of the built types (dist/), Python's those of
// scripts/reference/python-names.json, the differences those of docs/api.md. A name of Python that is
// neither here nor explained is an error. With --check nothing is written, and the exit status says
// whether the page is up to date.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readModule } from './reference/declarations.mjs';
import { readDifferences } from './reference/differences.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const PAGE = `${root}docs/reference.md`;
const read = (path) => readFileSync(root + path, 'utf8');
const python = JSON.parse(read('scripts/reference/python-names.json')).modules;
const absent = JSON.parse(read('scripts/reference/absent.json'));
const differences = readDifferences(read('docs/api.md'));
const problems = [];

/** The modules of the package, `index` first, and where Python has the like. */
const PYTHON = {
  index: ['socket', 'io', 'builtins'],
  select: ['select'],
  selectors: ['selectors'],
  socketserver: ['socketserver', 'io'],
};
const modules = Object.keys(JSON.parse(read('package.json')).exports)
  .filter((path) => !path.endsWith('.json'))
  .map((path) => (path === '.' ? 'index' : path.slice(2)));

/** What Python calls a member that has another name here. */
const MEMBERS = {
  '[Symbol.dispose]': 'with',
  '[Symbol.asyncDispose]': 'with',
  '[Symbol.iterator]': 'iter()',
  toString: 'repr()',
};

const code = (text) => `\`${text}\``;
const cell = (text) => text.replaceAll('|', '\\|');

function table(head, rows) {
  if (rows.length === 0) return '';
  const lines = [head, head.map(() => '---'), ...rows].map(
    (row) => `|${row.map((text) => (text === '' ? ' ' : ` ${text} `)).join('|')}|`,
  );
  return `\n${lines.join('\n')}\n`;
}

const signature = ({ name, parameters, isStatic }, prefix = '') =>
  code(
    prefix + (isStatic ? 'static ' : '') + name + (parameters ? `(${parameters.join(', ')})` : ''),
  );

/** What Python calls it, with its arguments, as code; – if there is no such thing. */
function equalOf(module, name) {
  for (const each of PYTHON[module] ?? []) {
    const found = python[each].names[name];
    if (found !== undefined) return code(each === 'io' ? `io.${found}` : found);
  }
  return '–';
}

function memberEqual(module, className, name) {
  const pythonName = MEMBERS[name] ?? name;
  if (pythonName === 'repr()') return code(pythonName);
  for (const each of PYTHON[module] ?? []) {
    const classes = python[each].members;
    if (classes[className] === undefined) continue;
    // A class of Python has what its bases have.
    const found =
      classes[className][pythonName] ??
      Object.values(classes).find((members) => pythonName in members)?.[pythonName];
    if (found !== undefined) return code(found);
  }
  return '–';
}

/** The sentence about a name; each has to have one. */
function describe(module, { name, summary }) {
  if (summary === '') problems.push(`${module}: ${name} has no documentation`);
  return cell(summary);
}

const HEAD = ['Name', 'Python', 'What it is', 'Difference'];

function rowOf(module, item) {
  const difference = differences.of(module, '', item.name);
  const prefix = item.kind === 'class' ? 'new ' : '';
  const what = describe(module, item);
  return [
    signature(item, item.parameters ? prefix : ''),
    equalOf(module, item.name),
    what,
    difference,
  ];
}

function classText(module, item) {
  const { name, members, base, summary } = item;
  const isPublic = (member) =>
    !member.startsWith('_') || /^_(?:fields|make|replace|asdict)$/.test(member);
  // What a socket can do is listed with the class that programs use.
  const listed = name === 'SocketType' ? [] : members;
  const rows = listed
    .filter((member) => isPublic(member.name))
    .map((member) => [
      signature(member),
      memberEqual(module, name, member.name),
      describe(`${module}.${name}`, member),
      differences.of(module, name, member.name),
    ]);
  const heir = base === undefined || base.endsWith('_base') ? '' : ` It extends ${code(base)}.`;
  const difference = differences.of(module, '', name);
  const equal = equalOf(module, name);
  const besides = equal === '–' ? '. Python has none.' : `; in Python ${equal}.`;
  const made = `${signature(item, 'new ')}${besides} ${difference}`.trim();
  return `\n#### ${code(name)}\n\n${summary}${heir} ${made}\n${table(HEAD, rows)}`;
}

/** Whether a class is thrown: then its name says what Python calls it. */
const isException = ({ path, kind }) =>
  kind === 'class' && /(?:errors|malformed)\.d\.ts$/.test(path);
const isConstant = ({ path, kind }) => kind === 'const' && /constants\.d\.ts$/.test(path);

/** Constants by prefix: those that Python has, too, and the others. */
function constantsText(module, names) {
  const known = new Set(
    (PYTHON[module] ?? []).flatMap((each) => [
      ...python[each].constants,
      ...python[each].elsewhere,
    ]),
  );
  const groups = new Map();
  for (const name of names) {
    const prefix = name.includes('_') ? name.split('_')[0] : (/^E?POLL/.exec(name)?.[0] ?? name);
    const group = groups.get(prefix) ?? [[], []];
    groups.set(prefix, group);
    const isKnown = known.has(name) || equalOf(module, name) !== '–';
    group[isKnown ? 0 : 1].push(code(name));
  }
  const rows = [...groups].map(([, lists]) => lists.map((list) => list.join(' ')));
  return table(["Constants that are Python's, too", 'Constants that Python lacks'], rows);
}

/** The functions and constants of a namespace such as `ipv4`. */
function namespaceText({ name, path }) {
  const items = readModule(path);
  const rows = items
    .filter(({ kind }) => kind !== 'const')
    .map((item) => [signature(item, `${name}.`), describe(name, item)]);
  const constants = items.filter(({ kind }) => kind === 'const').map((item) => code(item.name));
  const more = constants.length === 0 ? '' : `\nConstants: ${constants.join(', ')}.\n`;
  return `\n#### ${code(name)}\n${table(['Name', 'What it is'], rows)}${more}`;
}

/** Every name of Python has to be here, or to have a reason why it is not. */
function compareWithPython(module, items) {
  const rows = [];
  const own = PYTHON[module]?.[0];
  if (own === undefined) return '';
  const here = new Map(items.map((item) => [item.name, item]));
  const explain = (name) => {
    const reason = absent[own][name];
    if (reason === undefined)
      problems.push(`Python's ${own}.${name} is neither here nor explained`);
    rows.push([code(name), reason ?? '']);
  };
  const { names, constants, members } = python[own];
  for (const name of [...Object.keys(names), ...constants]) {
    if (!here.has(name)) explain(name);
  }
  for (const [className, list] of Object.entries(members)) {
    const all = here.get(className)?.all;
    if (all === undefined) continue;
    const missing = (member) =>
      !Object.keys(MEMBERS).some((mine) => MEMBERS[mine] === member && all.has(mine)) &&
      !all.has(member) &&
      member !== 'repr()';
    for (const member of Object.keys(list).filter(missing)) explain(`${className}.${member}`);
  }
  for (const name of Object.keys(absent[own])) {
    if (!rows.some(([each]) => each === code(name)))
      problems.push(`${own}.${name} is here, after all`);
  }
  const elsewhere = python[own].elsewhere.filter((name) => !here.has(name));
  if (elsewhere.length > 0) {
    rows.push([
      elsewhere.map(code).join(' '),
      'Python has these on other systems than Linux only.',
    ]);
  }
  return rows.length === 0
    ? ''
    : `\n### What Python has besides\n${table(['Name', 'Why it is not here'], rows)}`;
}

function moduleText(module, items) {
  const public_ = items.filter((item) => !isConstant(item));
  const functions = public_.filter(({ kind }) => kind === 'function' || kind === 'const');
  const classes = public_.filter((item) => item.kind === 'class' && !isException(item));
  const exceptions = public_.filter(isException);
  const types = public_.filter(({ kind }) => kind === 'type' || kind === 'interface');
  const namespaces = public_.filter(({ kind }) => kind === 'namespace');
  const constants = items.filter(isConstant).map(({ name }) => name);
  const part = (title, text) => (text === '' ? '' : `\n### ${title}\n${text}`);
  const rows = (list) => list.map((item) => rowOf(module, item));
  return [
    part('Functions and values', table(HEAD, rows(functions))),
    part('Classes', classes.map((item) => classText(module, item)).join('')),
    part('Exceptions', table(HEAD, rows(exceptions))),
    part('Namespaces', namespaces.map(namespaceText).join('')),
    part(
      'Types',
      table(
        ['Name', 'What it is'],
        types.map((item) => [code(item.name), describe(module, item)]),
      ),
    ),
    part('Constants', constants.length === 0 ? '' : constantsText(module, constants)),
    compareWithPython(module, items),
  ].join('');
}

/** The promise flavour: what returns a promise, and what only it has. */
function promisesText(items, blocking) {
  const known = new Set(blocking.map(({ name }) => name));
  const list = (names) => names.map((name) => code(name)).join(', ');
  const awaited = items.filter(({ isAwaited }) => isAwaited).map(({ name }) => name);
  const sock = items.find(({ name }) => name === 'socket');
  const methods = sock.members.filter(({ isAwaited }) => isAwaited).map(({ name }) => name);
  const added = items.filter(({ name }) => !known.has(name));
  const { all } = blocking.find(({ name }) => name === 'socket');
  const own = sock.members.filter(({ name }) => !all.has(name));
  const rows = [
    ...added.map((item) => [signature(item), describe('promises', item)]),
    ...own.map((item) => [
      signature(item, item.name.startsWith('[') ? 'socket' : 'socket.'),
      describe('promises.socket', item),
    ]),
  ];
  return `
The names of \`berkeley-sockets\`. These functions return promises: ${list(awaited)}. So do these methods
of \`socket\`: ${list(methods)}. This flavour has besides:
${table(['Name', 'What it is'], rows)}`;
}

const contents = Object.fromEntries(
  modules.map((module) => [module, readModule(`${root}dist/${module}.d.ts`)]),
);
let page = `# Every name

All that the package exports, module by module, with what Python calls it. The column *Python* has
Python 3.13's signature, – where Python has nothing of the kind. [api.md](api.md) has the same by
subject, with more words. This page is made by \`npm run generate:docs\` from the types, from their
documentation and from a list of Python's names.
`;
for (const module of modules) {
  const specifier = module === 'index' ? 'berkeley-sockets' : `berkeley-sockets/${module}`;
  page += `\n## The module ${code(specifier)}\n`;
  const items = contents[module];
  page += module === 'promises' ? promisesText(items, contents.index) : moduleText(module, items);
}
page = page.replaceAll(/ +$/gm, '').replaceAll(/\n{3,}/g, '\n\n');

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else if (!process.argv.includes('--check')) writeFileSync(PAGE, page);
else if (read('docs/reference.md') !== page) {
  console.error('docs/reference.md is stale: npm run generate:docs');
  process.exitCode = 1;
}
