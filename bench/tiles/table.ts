import { percent } from '../../src/cli/format.ts';
import type { TileRow } from './results.ts';

const MICRO = 1000;

/** A block of lines for one layer: both times in us at each share of zero tiles, and how many times faster skipping is. */
export function rowLines({ id, fixed, live, points, breakEven }: TileRow): string[] {
  const cells = (title: string, of: (point: TileRow['points'][number]) => string): string =>
    `  ${title.padEnd(24)}${points.map((point) => of(point).padStart(9)).join('')}`;
  return [
    id,
    cells('zero tiles', ({ zeros }) => percent(zeros)),
    cells(fixed, ({ fixedMs }) => (fixedMs * MICRO).toFixed(1)),
    cells(live, ({ liveMs }) => (liveMs * MICRO).toFixed(1)),
    cells('ratio', ({ fixedMs, liveMs }) => `${(fixedMs / liveMs).toFixed(2)}x`),
    `  ${breakEven === null ? 'skipping is never faster' : `skipping is faster from ${percent(breakEven)} zero tiles on`}`,
  ];
}
