// Performs the scripts of one seed, and says how many calls that were and what it found. Run by
// api.ts, in namespaces and limits of its own.

import { mkdtempSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { toNetSocket } from 'berkeley-sockets/interop';
import * as promises from 'berkeley-sockets/promises';
import fc from 'fast-check';
import { Journal } from './journal.js';
import { scripts } from './recipes.js';
import type { Report } from './report.js';
import { areas } from './subjects.js';
import { OwnError } from './values.js';
import { isMistaken } from './verdict.js';
import { Finding, World } from './world.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    scripts: { type: 'string', default: '100' },
    path: { type: 'string' },
    area: { type: 'string' },
    survey: { type: 'boolean' },
    journal: { type: 'string', default: 'journal' },
  },
});

const findings: Finding[] = [];
const report = (what: string) => (error: unknown) => {
  if (error instanceof OwnError || error instanceof DOMException) return;
  // A stream that was destroyed with what is no error.
  if ((error as NodeJS.ErrnoException).code === 'ERR_UNHANDLED_ERROR') return;
  const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  if (isMistaken(text)) return;
  findings.push(new Finding(`${what}: ${text}`));
};
process.on('unhandledRejection', report('a rejection that nobody handles'));
process.on('uncaughtException', report('an exception out of the event loop'));
process.on('warning', () => {});
// Errors of requests, which a server reports.
process.stderr.write = () => true;

// AF_UNIX sockets are bound to arbitrary paths.
const directory = mkdtempSync(join(tmpdir(), 'berkeley-fuzz-'));
process.chdir(directory);
process.on('exit', () => {
  empty();
  rmdirSync(directory);
});

/** Removes what was made, whose names may be no UTF-8. */
function empty(): void {
  for (const name of readdirSync(directory, { encoding: 'buffer' })) {
    unlinkSync(Buffer.concat([Buffer.from(`${directory}/`), name]));
  }
}

const journal = new Journal(values.journal);
const calls: Record<string, number> = {};
const used: Record<string, number> = {};
let script = -1;
let count = 0;
let returned = 0;
const forced = values.area === undefined ? undefined : Number(values.area);

const seen = new Set<string>();

/** Prints each finding once, and goes on; for a look at all there are. */
function survey(error: unknown): undefined {
  if (!values.survey) throw error;
  const text = error instanceof Error ? (error.stack ?? '') : String(error);
  const lines = text.split('\n').filter((line) => !/fast-check|fuzz\/(world|child)/.test(line));
  const key = lines.slice(0, 3).join('\n').replace(/\d+/g, '');
  if (seen.has(key)) return;
  seen.add(key);
  console.log(`script ${script}: ${lines.slice(0, 7).join('\n')}`);
}

const property = fc.asyncProperty(scripts(areas.length), async ({ area, steps }) => {
  script += 1;
  const index = forced ?? area;
  const world = new World(index, findings);
  const name = areas[index]?.name ?? '';
  try {
    for (const [step, what] of steps.entries()) {
      const note = (name: string) => journal.write({ script, step, name });
      const callable = await world.perform(what, note).catch(survey);
      if (callable === undefined) continue;
      count += 1;
      calls[name] = (calls[name] ?? 0) + 1;
      if (world.hasReturned) returned += 1;
      used[callable.name] = (used[callable.name] ?? 0) + 1;
    }
  } finally {
    journal.write({ script, step: -1, name: 'closing' });
    await world.end().catch(survey);
  }
  if (script % 50 === 0) empty();
});

// The reactor, and whatever the runtime opens when it is first needed, is there before the count.
const [near, far] = promises.socketpair();
await Promise.all([near.recv(1), far.send(Buffer.from('x'))]);
await promises.getaddrinfo('localhost', 1);
near.close();
far.close();
const [one, other] = promises.socketpair();
// libuv keeps a descriptor in reserve from its first stream on.
toNetSocket(one).destroy();
other.close();
await new Promise((resolve) => setTimeout(resolve, 10));

const path = values.path === undefined ? {} : { path: values.path };
const details = await fc.check(property, {
  seed: Number(values.seed),
  numRuns: Number(values.scripts),
  interruptAfterTimeLimit: 240_000,
  ...path,
});
const { failed, counterexample, counterexamplePath, errorInstance } = details;
const result: Report = {
  count,
  returned,
  calls,
  used,
  ...(failed && {
    finding: errorInstance instanceof Error ? (errorInstance.stack ?? '') : String(errorInstance),
    path: counterexamplePath ?? '',
    script: fc.stringify(counterexample?.[0]),
  }),
};
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(failed ? 1 : 0));
