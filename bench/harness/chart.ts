// Draws one SVG per scenario: a bar for each contender's median, a dot for each round.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BarChart, ScatterChart } from 'echarts/charts';
import { GridComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { formatValue } from './report.js';
import { isLessBetter } from './statistics.js';
import type { ScenarioResult } from './types.js';

use([BarChart, ScatterChart, GridComponent, TitleComponent, SVGRenderer]);

const colours = { ours: '#2f7d4f', rival: '#9aa5b1', round: '#1c2b39' };
const rowHeight = 30;
const characterWidth = 7;

/**
 * Writes a scenario's chart.
 *
 * @param directory where to write `<scenario>.svg`; it is made if it is missing
 * @returns the path of the file
 */
export async function writeChart(directory: string, result: ScenarioResult): Promise<string> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${result.name}.svg`);
  await writeFile(path, renderChart(result));
  return path;
}

function renderChart(result: ScenarioResult): string {
  const { unit } = result;
  const severalCases = result.cases.length > 1;
  const rows = result.cases.flatMap((one) =>
    Object.entries(one.standings).flatMap(([name, standing]) => {
      if (standing.median === undefined) {
        return [];
      }
      const { value: median } = standing.median;
      const values = standing.rounds.map(({ value }) => value);
      const label = severalCases ? `${name}, ${one.name}` : name;
      return [{ name, median, values, label: `${label}: ${formatValue(median, unit)}` }];
    }),
  );
  const notes = severalCases ? [] : result.cases.map((one) => one.name);
  notes.push(isLessBetter(unit, 'value') ? 'less is better' : 'more is better');
  const longest = Math.max(0, ...rows.map(({ label }) => label.length));
  const chart = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: 760,
    height: 110 + rows.length * rowHeight,
  });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: result.title, subtext: notes.join('; '), left: 'center' },
    // Without a browser there is no font to measure, so the room for labels is reckoned.
    grid: { left: 20 + longest * characterWidth, right: 40, top: 64, bottom: 40 },
    xAxis: {
      type: 'value',
      splitNumber: 4,
      axisLabel: { formatter: (value: number) => formatValue(value, unit) },
    },
    yAxis: { type: 'category', inverse: true, data: rows.map(({ label }) => label) },
    series: [
      {
        type: 'bar',
        barWidth: 16,
        data: rows.map(({ name, median }) => ({
          value: median,
          itemStyle: { color: name.startsWith('ours') ? colours.ours : colours.rival },
        })),
      },
      {
        type: 'scatter',
        symbolSize: 4,
        itemStyle: { color: colours.round, opacity: 0.5 },
        data: rows.flatMap(({ values }, row) => values.map((value) => [value, row])),
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
