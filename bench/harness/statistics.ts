// Turns the rounds of a case into medians and gates into verdicts.

import type { CaseResult, Figure, Gates, Scenario, Standing, Verdict } from './types.js';

/** What decides how a scenario's figures are compared. */
type Rules = Pick<Scenario, 'unit' | 'gates' | 'cpuGates'>;

/**
 * Returns the median, or nothing for an empty list.
 *
 * @param values numbers in any order
 */
export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  const lower = sorted.length % 2 === 0 ? sorted[middle - 1] : upper;
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}

/**
 * Compares two contenders round by round: what ran within the same second shared the machine's
 * mood, so the median of these comparisons is steadier than a comparison of medians.
 *
 * @returns the ratio, or for times the difference
 */
export function compare(
  unit: Scenario['unit'],
  figure: Figure,
  standing: Standing,
  rival: Standing,
): number | undefined {
  const rounds = Math.min(standing.rounds.length, rival.rounds.length);
  const comparisons = standing.rounds.slice(0, rounds).map((figures, round) => {
    const own = figures[figure] ?? Number.NaN;
    const other = rival.rounds[round]?.[figure] ?? Number.NaN;
    return isDifference(unit, figure) ? own - other : own / other;
  });
  return median(comparisons);
}

/** Whether two contenders are compared by their difference instead of their ratio. */
export function isDifference(unit: Scenario['unit'], figure: Figure): boolean {
  return figure === 'value' && (unit === 'milliseconds' || unit === 'microseconds');
}

/** Whether less of a figure is better. */
export function isLessBetter(unit: Scenario['unit'], figure: Figure): boolean {
  return figure === 'cpu' || unit === 'bytes' || isDifference(unit, figure);
}

/** Fills in the medians and verdicts of a case whose rounds are all done. */
export function judge(rules: Rules, result: CaseResult): void {
  for (const standing of Object.values(result.standings)) {
    const value = median(standing.rounds.map((figures) => figures.value));
    if (value !== undefined && standing.error === undefined) {
      const cpus = standing.rounds.flatMap(({ cpu }) => (cpu === undefined ? [] : [cpu]));
      standing.median = { value, cpu: median(cpus) };
    }
  }
  const { unit, gates, cpuGates = {} } = rules;
  result.verdicts = [
    ...verdicts(unit, 'value', gates, result),
    ...verdicts(unit, 'cpu', cpuGates, result),
  ];
}

function verdicts(
  unit: Scenario['unit'],
  figure: Figure,
  gates: Gates,
  result: CaseResult,
): Verdict[] {
  return Object.entries(gates).flatMap(([contender, rivals]) =>
    Object.entries(rivals).map(([rival, limit]) =>
      verdict(unit, result, { contender, rival, figure, limit }),
    ),
  );
}

function verdict(
  unit: Scenario['unit'],
  result: CaseResult,
  gate: Omit<Verdict, 'measured' | 'outcome'>,
): Verdict {
  const { contender, rival, figure, limit } = gate;
  const left = result.standings[contender];
  const right = result.standings[rival];
  if (left === undefined || right === undefined) {
    throw new Error(`a gate names "${contender}" and "${rival}", which are not both contenders`);
  }
  if (left.skipped !== undefined || right.skipped !== undefined) {
    return { ...gate, outcome: 'skipped' };
  }
  if (left.median === undefined || right.median === undefined) {
    return { ...gate, outcome: 'fail' };
  }
  const measured = compare(unit, figure, left, right) ?? Number.NaN;
  const passed = isLessBetter(unit, figure) ? measured <= limit : measured >= limit;
  return { ...gate, measured, outcome: passed ? 'pass' : 'fail' };
}
