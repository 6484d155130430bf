// Makes docs/api.md: every public name with its signature, what Python calls it, and what differs.
//
// Usage: node scripts/generate-api.mjs [--check]
// The order and the text between the tables are those of scripts/reference/outline.md. The names and
// what they do come from the built types (dist/) with their documentation, what Python calls them
// from scripts/reference/python-names.json, and the differences from docs/differences.md. A name that
// the outline lacks is an error, and so is a name of Python's that is neither here nor explained.
// With --check nothing is written, and the exit status says whether the page is up to date.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readModule } from './reference/declarations.mjs';
import { readDifferences } from './reference/differences.mjs';
import { contentsOf, fillOutline } from './reference/outline.mjs';
import { readPython } from './reference/python.mjs';
import { makeTables } from './reference/tables.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const PAGE = 'docs/api.md';
const read = (path) => readFileSync(root + path, 'utf8');

const modules = new Map(
  Object.keys(JSON.parse(read('package.json')).exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => (path === '.' ? 'index' : path.slice(2)))
    .map((name) => [name, readModule(`${root}dist/${name}.d.ts`)]),
);
const problems = [];
const python = readPython(
  JSON.parse(read('scripts/reference/python-names.json')).modules,
  JSON.parse(read('scripts/reference/absent.json')),
);
const differences = readDifferences(read('docs/differences.md'), modules, problems);
const tables = makeTables(modules, python, differences, problems);
const text = fillOutline(read('scripts/reference/outline.md'), tables, problems);
problems.push(...tables.missing(), ...python.missing(modules));
const page = text
  .replace('{contents}', () => contentsOf(text))
  .replaceAll(/ +$/gm, '')
  .replaceAll(/\n{3,}/g, '\n\n');

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else if (!process.argv.includes('--check')) writeFileSync(root + PAGE, page);
else if (read(PAGE) !== page) {
  console.error(`${PAGE} is stale: npm run generate:docs`);
  process.exitCode = 1;
}
