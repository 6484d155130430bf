// Checks that docs/api.md names everything that the package exports, and nothing else.
//
// The names are those in code spans in the first column of its tables. What the package has is
// asked of the built package itself; types and the constants of other systems, which are not there
// at run time, are read from the sources.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path) => readFileSync(root + path, 'utf8');
const page = 'docs/api.md';

/** The tables of the page: for each heading, the code spans of the first column, with their lines. */
function readTables() {
  const tables = new Map();
  let chapter = '';
  let heading = '';
  for (const [index, line] of read(page).split('\n').entries()) {
    const title = /^(##+) (.+)$/.exec(line);
    if (title) {
      heading = title[2].replaceAll('`', '');
      if (title[1] === '##') chapter = heading;
      continue;
    }
    const cell = /^\| (.*?) (?<!\\)\|/.exec(line)?.[1];
    if (cell === undefined) continue;
    for (const [, span] of cell.matchAll(/`([^`]+)`/g)) {
      const name = /^(?:new )?(\[Symbol\.\w+\]|\w+\*?)/.exec(span)?.[1];
      if (name !== undefined) addTo(tables, chapter, { name, heading, line: index + 1 });
    }
  }
  return tables;
}

function addTo(map, key, value) {
  if (!map.has(key)) map.set(key, []);
  map.get(key).push(value);
}

/** Members that carry `@internal`, by name: they are exported for other modules of the package. */
function internalMembers() {
  const sources = ['lib/socket/blocking.ts', 'lib/socket/base.ts', 'lib/socket/endpoint.ts'];
  const pattern = /@internal[^/]*\*\/\s+(?:(?:static|readonly|override|get|set) )*(\w+)/g;
  return new Set(
    sources.flatMap((path) => [...read(path).matchAll(pattern)].map(([, name]) => name)),
  );
}

const internal = internalMembers();

/** The public members of a class with those it inherits. */
function membersOf(constructor) {
  const names = new Set();
  for (let at = constructor.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const key of Reflect.ownKeys(at)) {
      const name = typeof key === 'string' ? key : symbolName(key);
      if (name !== undefined && name !== 'constructor' && !internal.has(name)) names.add(name);
    }
  }
  return names;
}

/** `[Symbol.iterator]` and `[Symbol.dispose]`, which Node 20 calls otherwise; no other symbol. */
function symbolName(symbol) {
  const name = /(iterator|dispose)$/.exec(symbol.description ?? '')?.[1];
  return name === undefined ? undefined : `[Symbol.${name}]`;
}

/** The types that a public module exports. */
function exportedTypes(module) {
  const names = new Set();
  const own = read(`lib/${module}.ts`);
  for (const [, name] of own.matchAll(/^export (?:type|interface) (\w+)/gm)) names.add(name);
  for (const [, list] of own.matchAll(/export type \{([^}]+)\}/g)) {
    for (const name of list.split(',')) if (name.trim() !== '') names.add(name.trim());
  }
  for (const [, path] of own.matchAll(/export \* from '\.\/(.+)\.js'/g)) {
    const source = read(`lib/${path}.ts`);
    for (const [, name] of source.matchAll(/^export (?:type|interface) (\w+)/gm)) names.add(name);
    for (const [, list] of source.matchAll(/^export type \{([^}]+)\} from/gm)) {
      for (const name of list.split(',')) if (name.trim() !== '') names.add(name.trim());
    }
  }
  return names;
}

/** Where a module's parts are, if not in a folder of its name. */
const FOLDERS = { socketserver: ['server', 'io'] };

/** The members that a class of a public module has of its own, fields among them, as declared. */
function declaredMembers(module, className) {
  const sources = (FOLDERS[module] ?? [module])
    .flatMap((folder) => readdirSync(`${root}dist/${folder}`).map((file) => `${folder}/${file}`))
    .filter((file) => file.endsWith('.d.ts'));
  const declaration = new RegExp(`class ${className}\\b[^]*?\n\\}`);
  const [body = ''] = sources.flatMap((file) => declaration.exec(read(`dist/${file}`))?.[0] ?? []);
  const members = Array.from(
    body.matchAll(/^ {4}(?:(?:static|abstract|readonly|get) )*([A-Za-z_]\w*)[<(:?]/gm),
    ([, m]) => m,
  );
  return new Set(members.filter((member) => member !== 'constructor'));
}

const problems = [];

/** Compares a chapter of the page with the names that should be in it. */
function compare(chapter, actual, documented) {
  const seen = new Set();
  for (const { name, line } of documented) {
    if (!actual.has(name)) problems.push(`${page}:${line}: there is no ${name} (${chapter})`);
    if (seen.has(name)) problems.push(`${page}:${line}: ${name} is there twice (${chapter})`);
    seen.add(name);
  }
  for (const name of actual) {
    if (!seen.has(name)) problems.push(`${page}: ${name} is missing (${chapter})`);
  }
}

/** Constants are given by their prefixes, `AF_*`, or by name. */
function compareConstants(documented) {
  const names = [...read('lib/constants.ts').matchAll(/^export const (\w+)/gm)].map(([, n]) => n);
  const matches = (pattern, name) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
  for (const { name: pattern, line } of documented) {
    if (!names.some((name) => matches(pattern, name))) {
      problems.push(`${page}:${line}: no constant is called ${pattern}`);
    }
  }
  for (const name of names) {
    if (!documented.some(({ name: pattern }) => matches(pattern, name))) {
      problems.push(`${page}: ${name} is missing (Constants)`);
    }
  }
}

/** Each kind of file has the members of its own table and those of the table for all. */
function compareFiles(documented, classes) {
  const common = documented.filter(({ heading }) => heading === 'Every file object');
  const listed = documented.filter(({ heading }) => heading === 'File objects');
  compare('File objects', new Set(Object.keys(classes)), listed);
  for (const [className, constructor] of Object.entries(classes)) {
    const own = documented.filter(({ heading }) => heading === className);
    compare(className, membersOf(constructor), [...common, ...own]);
  }
}

const exported = await import('berkeley-sockets').catch((cause) => {
  throw new Error('the package must be built first: npm run build', { cause });
});

const constantNames = new Set(read('lib/constants.ts').match(/(?<=^export const )\w+/gm));
const groups = { functions: new Set(), exceptions: new Set(), enumerations: new Set() };
const files = {};
const data = new Set();
for (const [name, value] of Object.entries(exported)) {
  if (constantNames.has(name)) continue;
  const isClass = typeof value === 'function' && /^class\b/.test(String(value));
  if (isClass && value.prototype instanceof Error) groups.exceptions.add(name);
  else if (isClass && 'readable' in value.prototype) files[name] = value;
  else if (isClass && value.prototype instanceof Object) data.add(name);
  else if (typeof value === 'function') groups.functions.add(name);
  else if (typeof value === 'object') groups.enumerations.add(name);
  else groups.functions.add(name);
}
for (const name of ['socket', 'SocketType', 'MessageBatch']) data.delete(name);
for (const name of data) problems.push(`scripts/check-api-docs.mjs knows no chapter for ${name}`);

const tables = readTables();
const chapter = (title) => tables.get(title) ?? [];
compare('Functions', groups.functions, chapter('Functions'));
compare('Exceptions', groups.exceptions, chapter('Exceptions'));
compare('Enumerations', groups.enumerations, chapter('Enumerations'));
compare('Types', exportedTypes('index'), chapter('Types'));
const socketMembers = membersOf(exported.socket).add('socket').add('SocketType');
compare('Sockets', socketMembers, chapter('Sockets'));
compare(
  'Batches',
  declaredMembers('socket', 'MessageBatch').add('MessageBatch'),
  chapter('Batches'),
);
compareFiles(chapter('File objects'), files);
compareConstants(chapter('Constants'));

// The other modules have a chapter each, which names the types, too.
for (const [title, documented] of tables) {
  const name = /^The module berkeley-sockets\/([\w-]+)$/.exec(title)?.[1];
  if (name === undefined) continue;
  const module = await import(`berkeley-sockets/${name}`);
  // A heading that is the name of a class has its members below it.
  const classes = new Set(
    documented.map(({ heading }) => heading).filter((text) => text in module),
  );
  const all = new Set([...Object.keys(module), ...exportedTypes(name)]);
  // `POLL*` stands for all constants that begin so.
  const names = documented
    .filter(({ heading }) => !classes.has(heading))
    .flatMap((row) => {
      if (!row.name.endsWith('*')) return [row];
      const prefix = row.name.slice(0, -1);
      return [...all]
        .filter((each) => each.startsWith(prefix))
        .map((each) => ({ ...row, name: each }));
    });
  compare(title, all, names);
  for (const className of classes) {
    const members = documented.filter(({ heading }) => heading === className);
    const declared = [...declaredMembers(name, className)];
    // Of names with an underscore, which Node calls or Python's named tuples have, some are public.
    const isPublic = (member) =>
      !member.startsWith('_') || members.some(({ name }) => name === member);
    compare(className, new Set(declared.filter(isPublic)), members);
  }
}

for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
