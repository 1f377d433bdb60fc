import { showDims } from '../tensor.ts';
import { count, duration, percent } from './format.ts';
import type { ProfiledLayer, ProfileFacts } from './profile.ts';
import { type Column, fields, table } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'op', least: 7 },
  { title: 'node', least: 10, worth: 2.5 },
  { title: 'kernel', least: 12 },
  { title: 'format', least: 6 },
  { title: 'weights', right: true },
  { title: 'zeros in', right: true },
  { title: 'zeros out', right: true },
  { title: 'skipped', right: true },
  { title: 'planned', right: true },
  { title: 'done', right: true },
  { title: 'time', right: true },
];

/** The text of `zeroskip profile`. */
export function printProfile({ package: file, target, engine, inputs, layers, totals }: ProfileFacts): string {
  const { multiplications, ms } = totals;
  const shown = inputs.map(({ name, dims }) => `${name} ${showDims(dims)}`).join(', ') || 'none';
  const { planned, done } = multiplications;
  const share = planned > 0 ? ` (${percent(done / planned)})` : '';
  return [
    ...fields([
      ['package', file],
      ['inputs', shown],
      ['kernels', `${target} build, ${engine} engine class`],
    ]),
    '',
    ...table(COLUMNS, layers.map(row)),
    '',
    ...fields([
      ['products', `${count(done)} of ${count(planned)}${share} that the weights leave`],
      ['time', time(ms)],
    ]),
  ].join('\n');
}

const time = (ms: number | null): string => (ms === null ? '-' : duration(ms));

const share = (part: { count: number; of: number } | undefined): string =>
  part ? percent(part.of > 0 ? part.count / part.of : 0) : '';

const row = ({ op, node, kernel, format, sparsity, ...layer }: ProfiledLayer): string[] => [
  op,
  node,
  kernel,
  format ?? '',
  sparsity === undefined ? '' : percent(sparsity),
  share(layer.zerosIn),
  share(layer.zerosOut),
  layer.skipped ? `${count(layer.skipped.count)} of ${count(layer.skipped.of)} ${layer.skipped.unit}` : '',
  layer.multiplications ? count(layer.multiplications.planned) : '',
  layer.multiplications ? count(layer.multiplications.done) : '',
  time(layer.ms),
];
