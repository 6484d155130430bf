// Prints what was measured: medians, ratios and gates as text, and everything as JSON.

import { cpus, release } from 'node:os';
import { compare, isDifference, isLessBetter } from './statistics.js';
import type { Preparation } from './suite.js';
import type { CaseResult, ScenarioResult, Standing, Verdict } from './types.js';

/** The machine and the versions, without which numbers mean little. */
export function describeMachine({ workshop, compiler }: Preparation): Record<string, string> {
  const { cores, python, bun } = workshop;
  const processors = cpus();
  return {
    processor: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    kernel: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    python: python ? `${python.version} (${python.executable})` : 'not found',
    bun: bun ? `${bun.version} (${bun.executable})` : 'not found',
    compiler: compiler ?? 'not found',
    pinning: cores ? `measured on core ${cores.measured}, peers on ${cores.other}` : 'none',
  };
}

/**
 * Formats a value in a scenario's unit for people.
 *
 * @param value operations or bytes per second, bytes, milliseconds or microseconds
 */
export function formatValue(value: number, unit: ScenarioResult['unit']): string {
  if (unit === 'milliseconds') {
    return `${value.toFixed(1)} ms`;
  }
  if (unit === 'microseconds') {
    return `${value.toFixed(1)} µs`;
  }
  if (unit === 'bytes') {
    return `${(value / 1024).toFixed(2)} KiB`;
  }
  if (value < 1000 && unit === 'operations/s') {
    return `${value.toFixed(1)} /s`;
  }
  const [scaled, prefix] =
    value >= 1e9 ? [value / 1e9, 'G'] : value >= 1e6 ? [value / 1e6, 'M'] : [value / 1e3, 'k'];
  return unit === 'bytes/s'
    ? `${scaled.toFixed(2)} ${prefix}B/s`
    : `${scaled.toFixed(1)} ${prefix}/s`;
}

/** Formats a scenario's medians, ratios and gates as lines of text. */
export function formatScenario(result: ScenarioResult): string {
  const blocks = result.cases.map((one) => formatCase(result, one));
  return [`${result.name}: ${result.title}`, ...blocks, ''].join('\n');
}

function formatCase({ unit }: ScenarioResult, result: CaseResult): string {
  const standings = Object.entries(result.standings);
  const width = Math.max(...standings.map(([name]) => name.length));
  // C is the measure of all; without it, whoever is listed first.
  const reference = result.standings.c ? 'c' : (standings[0]?.[0] ?? '');
  const rows = standings.map(([name, standing]) => {
    const shown = describeStanding(unit, standing, reference, result.standings[reference]);
    return `    ${name.padEnd(width)}  ${shown}`;
  });
  return [
    `  ${result.name}`,
    ...rows,
    ...result.verdicts.map((one) => formatVerdict(unit, one)),
  ].join('\n');
}

function describeStanding(
  unit: ScenarioResult['unit'],
  standing: Standing,
  name: string,
  reference: Standing | undefined,
): string {
  if (standing.skipped !== undefined) {
    return `skipped: ${standing.skipped}`;
  }
  if (standing.median === undefined) {
    return `error: ${standing.error?.replace(/^Error: /, '') ?? 'nothing was measured'}`;
  }
  const median = formatValue(standing.median.value, unit).padStart(12);
  const values = standing.rounds.map(({ value }) => value);
  const range = [Math.min(...values), Math.max(...values)].map((value) => formatValue(value, unit));
  const relative =
    reference?.median !== undefined && !isDifference(unit, 'value')
      ? `${(compare(unit, 'value', standing, reference) ?? Number.NaN).toFixed(2)} of ${name}`
      : '';
  const cpu = formatProcessorTime(standing.median.cpu, unit).padStart(13);
  return `${median}  ${relative.padStart(7 + name.length)}  ${cpu}  (${range.join(' to ')})`;
}

/** Formats the processor time of one operation or byte in a unit that suits it. */
function formatProcessorTime(seconds: number | undefined, unit: ScenarioResult['unit']): string {
  if (seconds === undefined) {
    return '';
  }
  return unit === 'bytes/s'
    ? `${(seconds * 1e12).toFixed(0)} ms CPU/GB`
    : `${(seconds * 1e6).toFixed(2)} µs CPU`;
}

function formatVerdict(unit: ScenarioResult['unit'], verdict: Verdict): string {
  const { contender, rival, figure, limit, measured, outcome } = verdict;
  const label = { pass: 'pass', fail: 'FAIL', skipped: 'skip' }[outcome];
  const what = figure === 'cpu' ? ' of the processor time' : '';
  const bound = isLessBetter(unit, figure) ? 'at most' : 'at least';
  const shown = isDifference(unit, figure)
    ? `${formatValue(measured ?? Number.NaN, unit)} above ${rival}, ${bound} ${limit} ${unit === 'microseconds' ? 'µs' : 'ms'}`
    : `${measured?.toFixed(2) ?? 'no result'}${what} of ${rival}, ${bound} ${limit.toFixed(2)}`;
  return `    ${label}  ${contender}: ${shown}`;
}

/** Counts the gates by outcome over all scenarios. */
export function countVerdicts(results: readonly ScenarioResult[]): Record<string, number> {
  const counts = { pass: 0, fail: 0, skipped: 0 };
  for (const verdict of results.flatMap((result) => result.cases).flatMap((one) => one.verdicts)) {
    counts[verdict.outcome]++;
  }
  return counts;
}
