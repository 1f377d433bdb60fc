import { bytes, duration, shorten } from '../../src/cli/format.ts';
import type { Row } from '../lib/results.ts';
import { isFigure, summarise } from './summarise.ts';

interface Column {
  title: string;
  width: number;
  right?: boolean;
}

const COLUMNS: readonly Column[] = [
  { title: 'network', width: 20 },
  { title: 'runtime', width: 14 },
  ...['min', 'p10', 'median', 'p90'].map((title) => ({ title, width: 8, right: true })),
  { title: 'ours x', width: 7, right: true },
  { title: 'runs', width: 9, right: true },
  { title: 'error', width: 7, right: true },
  { title: 'model', width: 7, right: true },
];

const line = (cells: readonly string[]): string =>
  COLUMNS.map(({ width, right }, i) => {
    const text = shorten(cells[i] ?? '', width);
    return right ? text.padStart(width) : text.padEnd(width);
  })
    .join('  ')
    .trimEnd();

/** The lines above the first row. */
export const heading = (): string[] => [
  line(COLUMNS.map(({ title }) => title)),
  COLUMNS.map(({ width }) => '-'.repeat(width)).join('  '),
];

/** `5.94` to two digits behind the point below 10, to one below 100. */
export const factor = (x: number): string => x.toFixed(x < 9.995 ? 2 : x < 99.95 ? 1 : 0);

/** The lines of one network, one a runtime; what failed says why. */
export function block(row: Row): string[] {
  return summarise(row).map((entry, i) => {
    const start = [i === 0 ? row.id : '', entry.runtime];
    if (!isFigure(entry)) return `${line(start).padEnd(36)}  ${entry.failed ? 'ERROR' : '-'}: ${entry.reason}`;
    const { min, p10, median, p90, ratio, ratios, error, bytes: size } = entry;
    return line([
      ...start,
      ...[min, p10, median, p90].map(duration),
      factor(ratio),
      `${factor(ratios[0])}-${factor(ratios[1])}`,
      error.toExponential(0),
      bytes(size),
    ]);
  });
}

/** Remarks on the figures of a row, one line each. */
export const remarks = (row: Row): string[] =>
  summarise(row)
    .filter(isFigure)
    .filter(({ runtime }) => !runtime.startsWith('zeroskip'))
    .flatMap(({ runtime, notes }) => notes.map((note) => `${''.padEnd(20)}  ${runtime}: ${note}`));

/** What the columns mean. */
export const LEGEND = [
  'min: least time of one inference over all processes; p10, median, p90: medians over the processes;',
  'ours x: how many times ours the least time is, median over the processes, and beside it (runs) least and largest;',
  'error: relative error of the output against ours; model: the file that the runtime loads',
];
