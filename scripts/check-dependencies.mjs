// Checks that docs/security.md lists the packages that the package needs at run time, those that these
// need in turn included, each with its licence.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = 'docs/security.md';

/** What is installed: the licence of each package that is reached from `from`, by name. */
function installed(from, found = new Map()) {
  const { dependencies = {} } = JSON.parse(readFileSync(from, 'utf8'));
  const { resolve } = createRequire(from);
  for (const name of Object.keys(dependencies)) {
    if (found.has(name)) continue;
    const path = resolve(`${name}/package.json`);
    found.set(name, JSON.parse(readFileSync(path, 'utf8')).license);
    installed(path, found);
  }
  return found;
}

/** What the page says: a package's name in a code span and its licence, in a row of the table. */
function listed() {
  const [, chapter = ''] = readFileSync(root + page, 'utf8').split('\n## Dependencies\n');
  const rows = chapter.split('\n## ')[0].matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm);
  return new Map([...rows].map(([, name, licence]) => [name, licence.trim()]));
}

const needed = installed(`${root}package.json`);
const told = listed();
const problems = [
  ...[...needed]
    .filter(([name, licence]) => told.get(name) !== licence)
    .map(([name, licence]) => `${page}: no row for ${name} with its licence, ${licence}`),
  ...[...told.keys()]
    .filter((name) => !needed.has(name))
    .map((name) => `${page}: ${name} is no dependency`),
];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
