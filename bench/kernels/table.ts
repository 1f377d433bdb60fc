import { duration, shorten } from '../../src/cli/format.ts';
import type { Ceiling } from './ceiling.ts';
import type { KernelRow, Regression } from './results.ts';

const line = (site: string, kernel: string, zeros: string, cells: readonly string[]): string =>
  [
    shorten(site, 36).padEnd(36),
    shorten(kernel, 20).padEnd(20),
    zeros.padStart(5),
    ...cells.map((c) => c.padStart(10)),
  ].join('  ');

export const heading = (): string[] => {
  const titles = line('layer', 'kernel', 'zeros', ['min', 'GFLOP/s', 'of ceiling', 'GB/s']);
  return [titles, '-'.repeat(titles.length)];
};

const number = (x: number | null): string => (x === null ? '' : x.toFixed(1));

/** One line of the table; GFLOP/s count the non-zeros only, GB/s the stored weights. */
export function rowLine({ site, kernel, sparsity, seconds, gflops, ofCeiling, gbytes }: KernelRow): string {
  const share = ofCeiling === null ? '' : `${Math.round(100 * ofCeiling)} %`;
  return line(site, kernel, `${sparsity} %`, [
    duration(1000 * Math.min(...seconds)),
    number(gflops),
    share,
    number(gbytes),
  ]);
}

export function ceilingLines({ mulAdd, madd, loads }: Ceiling): string[] {
  return [
    `multiply and add    ${mulAdd.toFixed(1)} GFLOP/s`,
    `relaxed multiply-add ${madd === null ? 'this host has none' : `${madd.toFixed(1)} GFLOP/s`}`,
    ...Object.entries(loads).map(([size, rate]) => `loads of ${size.padEnd(10)} ${rate.toFixed(1)} GB/s`),
  ];
}

export const regressionLines = (found: readonly Regression[]): string[] =>
  found.map(({ id, before, now, ratio }) => {
    const times = `${duration(1000 * before)} before, ${duration(1000 * now)} now`;
    return `${id}: ${ratio.toFixed(2)}x as long (${times})`;
  });
