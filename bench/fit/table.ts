import { percent } from '../../src/cli/format.ts';
import { table } from '../../src/cli/table.ts';
import type { GroupFit } from './fit.ts';

const COLUMNS = [
  { title: 'constant' },
  { title: 'source', right: true },
  { title: 'fitted', right: true },
  { title: 'error of source', right: true },
  { title: 'error of fit', right: true },
];

/** Constants of all groups, in ns; errors are relative, mean and worst. */
export const fitTable = (fits: readonly GroupFit[]): string[] =>
  table(
    COLUMNS,
    fits.flatMap(({ group, points, disturbed, source, fitted, errors }) => [
      [`${group} (${points} measurements, ${disturbed} disturbed)`, '', '', pair(errors.source), pair(errors.fitted)],
      ...Object.keys(source).map((name) => [`  ${name}`, String(source[name]), String(fitted[name]), '', '']),
    ]),
  );

const pair = ({ mean, worst }: { mean: number; worst: number }): string => `${percent(mean)}, ${percent(worst)}`;

/** What fits worst in each group. */
export const worstLines = (fits: readonly GroupFit[]): string[] =>
  fits.map(({ group, worst: { id, ratio } }) => `${group}: ${id}: modelled ${ratio.toFixed(2)}x as long as it is`);
