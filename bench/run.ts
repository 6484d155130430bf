// The command line of the benchmarks: `node out/bench/run.js <suite> [options]`.

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { writeChart } from './harness/chart.js';
import { countVerdicts, describeMachine, formatScenario } from './harness/report.js';
import { listSuites, loadSuite, prepareWorkshop, runScenario } from './harness/suite.js';
import type { ScenarioResult } from './harness/types.js';

/** Fewer rounds give a median that one busy second can move. */
const fewestRounds = 7;

const usage = `usage: node out/bench/run.js <suite> [options]

  --rounds N      how often each contender runs (default ${fewestRounds})
  --filter TEXT   only the scenarios whose name or title contains TEXT
  --json FILE     write every trial, median and gate to FILE
  --charts DIR    write an SVG chart per scenario into DIR
  --check         exit with status 1 when a gate fails; needs at least ${fewestRounds} rounds
  --list          print the scenarios and run nothing
  --help          print this`;

/** A mistake on the command line. */
class UsageError extends Error {}

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: String(fewestRounds) },
      filter: { type: 'string', default: '' },
      json: { type: 'string' },
      charts: { type: 'string' },
      check: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new UsageError(`--rounds must be a positive integer, not "${values.rounds}"`);
  }
  if (values.check && rounds < fewestRounds) {
    throw new UsageError(`--check needs at least ${fewestRounds} rounds`);
  }
  return { ...values, rounds, suite: positionals[0] };
}

async function main(): Promise<number> {
  const options = readArguments();
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const suites = await listSuites();
  if (options.suite === undefined || !suites.includes(options.suite)) {
    throw new UsageError(`name one of these suites: ${suites.join(', ')}`);
  }
  const scenarios = await loadSuite(options.suite, options.filter);
  if (options.list || scenarios.length === 0) {
    console.log(scenarios.map(({ name, scenario }) => `${name}: ${scenario.title}`).join('\n'));
    return scenarios.length === 0 ? 2 : 0;
  }

  const preparation = await prepareWorkshop(scenarios);
  const machine = describeMachine(preparation);
  for (const [name, value] of Object.entries(machine)) {
    console.log(`${name}: ${value}`);
  }
  console.log('');

  const trials = scenarios.map(
    ({ scenario }) =>
      Object.keys(scenario.cases).length * Object.keys(scenario.contenders).length * options.rounds,
  );
  // Redrawing happens while trials run, hence rarely.
  const bar = new SingleBar({
    format: '{bar} {value}/{total}  {label}',
    fps: 2,
    hideCursor: true,
    clearOnComplete: true,
  });
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort(new Error('interrupted')));
  const results: ScenarioResult[] = [];
  bar.start(
    trials.reduce((sum, count) => sum + count, 0),
    -1,
    { label: '' },
  );
  try {
    for (const loaded of scenarios) {
      results.push(
        await runScenario(preparation, loaded, options.rounds, interruption.signal, (label) =>
          bar.increment(1, { label }),
        ),
      );
    }
  } finally {
    bar.stop();
  }

  for (const result of results) {
    console.log(formatScenario(result));
    if (options.charts !== undefined) {
      await writeChart(options.charts, result);
    }
  }
  if (options.json !== undefined) {
    const report = { suite: options.suite, rounds: options.rounds, machine, scenarios: results };
    await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  }
  const { pass, fail, skipped } = countVerdicts(results);
  console.log(`gates: ${pass} passed, ${fail} failed, ${skipped} skipped`);
  if (options.rounds < fewestRounds) {
    console.log(`fewer than ${fewestRounds} rounds: a glance, not a verdict`);
  }
  return options.check && fail !== 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof UsageError) {
    console.error(usage);
  }
  process.exitCode = 2;
}
