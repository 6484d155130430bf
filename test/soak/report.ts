// The report of a soak run as a table.

import type { Inventory } from './inventory.js';
import type { Report } from './protocol.js';

const MEBI = 2 ** 20;

/** Digits in groups of three. */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

export function mebibytes(bytes: number): string {
  return `${(bytes / MEBI).toFixed(1)} MiB`;
}

/** Lines with columns of equal width; all but the first column are numbers. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths?.[column] ?? 0;
          return column === 0 ? cell.padEnd(width) : cell.padStart(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function inventoryRow([when, inventory]: readonly [string, Inventory]): string[] {
  const { descriptors, threads, children, used, resident } = inventory;
  return [
    when,
    String(descriptors),
    String(threads),
    String(children),
    mebibytes(used),
    mebibytes(resident),
  ];
}

function byName([first]: readonly [string, number], [second]: readonly [string, number]): number {
  return first.localeCompare(second);
}

/** The report of a run, without its findings. */
export function formatReport(report: Report, signalsSent: number): string {
  const operations = report.counts.reduce((sum, [, count]) => sum + count, 0);
  const numbers = (rows: readonly (readonly [string, number])[]) =>
    table(rows.map(([name, count]) => [name, grouped(count)]));
  return [
    numbers(report.counts.toSorted(byName)),
    '',
    numbers([
      ['All operations and events', operations],
      ['Bytes compared', report.bytes],
      ['Signals sent', signalsSent],
      ['Most descriptors at once', report.mostDescriptors],
      ['Longest standstill of the event loop (ms)', report.longestPause],
      ['Seconds', report.seconds],
    ]),
    '',
    numbers(report.episodes.map(([actor, count]) => [`Episodes of ${actor}`, count])),
    '',
    table([
      ['', 'descriptors', 'threads', 'children', 'in use', 'resident'],
      ...report.inventories.map(inventoryRow),
    ]),
  ].join('\n');
}
