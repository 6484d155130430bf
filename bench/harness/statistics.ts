// Turns the rounds of a case into medians and gates into verdicts.

import type { CaseResult, Gates, Scenario, Standing, Verdict } from './types.js';

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
 * @returns the ratio for rates, the difference for milliseconds
 */
export function compare(
  unit: Scenario['unit'],
  standing: Standing,
  rival: Standing,
): number | undefined {
  const rounds = Math.min(standing.values.length, rival.values.length);
  const comparisons = standing.values.slice(0, rounds).map((value, round) => {
    const other = rival.values[round] ?? Number.NaN;
    return unit === 'milliseconds' ? value - other : value / other;
  });
  return median(comparisons);
}

/** Fills in the medians and verdicts of a case whose rounds are all done. */
export function judge(unit: Scenario['unit'], gates: Gates, result: CaseResult): void {
  for (const standing of Object.values(result.standings)) {
    if (standing.error === undefined && standing.skipped === undefined) {
      standing.median = median(standing.values);
    }
  }
  result.verdicts = Object.entries(gates).flatMap(([contender, rivals]) =>
    Object.entries(rivals).map(([rival, limit]) => verdict(unit, result, contender, rival, limit)),
  );
}

function verdict(
  unit: Scenario['unit'],
  result: CaseResult,
  contender: string,
  rival: string,
  limit: number,
): Verdict {
  const left = result.standings[contender];
  const right = result.standings[rival];
  if (left === undefined || right === undefined) {
    throw new Error(`a gate names "${contender}" and "${rival}", which are not both contenders`);
  }
  if (left.skipped !== undefined || right.skipped !== undefined) {
    return { contender, rival, limit, outcome: 'skipped' };
  }
  if (left.median === undefined || right.median === undefined) {
    return { contender, rival, limit, outcome: 'fail' };
  }
  const measured = compare(unit, left, right) ?? Number.NaN;
  const passed = unit === 'milliseconds' ? measured <= limit : measured >= limit;
  return { contender, rival, limit, measured, outcome: passed ? 'pass' : 'fail' };
}
