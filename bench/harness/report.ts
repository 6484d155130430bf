// Prints what was measured: medians, ratios and gates as text, and everything as JSON.

import { cpus, release } from 'node:os';
import { compare } from './statistics.js';
import type { Preparation } from './suite.js';
import type { CaseResult, ScenarioResult, Standing, Verdict } from './types.js';

/** The machine and the versions, without which numbers mean little. */
export function describeMachine({ workshop, compiler }: Preparation): Record<string, string> {
  const { cores, python } = workshop;
  const processors = cpus();
  return {
    processor: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    kernel: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    python: python ? `${python.version} (${python.executable})` : 'not found',
    compiler: compiler ?? 'not found',
    pinning: cores ? `measured on core ${cores.measured}, peers on ${cores.other}` : 'none',
  };
}

/**
 * Formats a value in a scenario's unit for people.
 *
 * @param value operations or bytes per second, or milliseconds
 */
export function formatValue(value: number, unit: ScenarioResult['unit']): string {
  if (unit === 'milliseconds') {
    return `${value.toFixed(1)} ms`;
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
  const reference = result.standings.c ?? standings[0]?.[1];
  const rows = standings.map(([name, standing]) => {
    const shown = describeStanding(unit, standing, reference);
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
  reference: Standing | undefined,
): string {
  if (standing.skipped !== undefined) {
    return `skipped: ${standing.skipped}`;
  }
  if (standing.median === undefined) {
    return `error: ${standing.error?.replace(/^Error: /, '') ?? 'nothing was measured'}`;
  }
  const median = formatValue(standing.median, unit).padStart(12);
  const [lowest, highest] = [Math.min(...standing.values), Math.max(...standing.values)];
  const range = `${formatValue(lowest, unit)} to ${formatValue(highest, unit)}`;
  const relative =
    reference?.median !== undefined && unit !== 'milliseconds'
      ? `${(compare(unit, standing, reference) ?? Number.NaN).toFixed(2)} of C`
      : '';
  return `${median}  ${relative.padStart(9)}  (${range})`;
}

function formatVerdict(unit: ScenarioResult['unit'], verdict: Verdict): string {
  const { contender, rival, limit, measured, outcome } = verdict;
  const label = { pass: 'pass', fail: 'FAIL', skipped: 'skip' }[outcome];
  const shown =
    unit === 'milliseconds'
      ? `${measured?.toFixed(1) ?? 'no'} ms above ${rival}, at most ${limit} ms`
      : `${measured?.toFixed(2) ?? 'no result'} of ${rival}, at least ${limit.toFixed(2)}`;
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
