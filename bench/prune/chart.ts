import { figure } from '../../src/report/figure.ts';
import { linear } from '../../src/report/scale.ts';
import { element, path, text } from '../../src/report/svg.ts';
import { PANEL } from '../report/panel.ts';
import { spread } from '../report/scale.ts';
import { ALLOCATIONS, type Allocation, type Curve, type PruneResults } from './results.ts';

const INNER = { left: 58, right: 350, top: 40, bottom: 268 };
const LABEL_GAP = 14;
const COLOURS = {
  magnitude: ['#59636e', '#9198a1'],
  wanda: ['#009e73', '#2fbf94'],
  sparsegpt: ['#0072b2', '#56b4e9'],
  obc: ['#d55e00', '#ff7f2a'],
} as const;
const NAMES = { magnitude: 'magnitude', wanda: 'Wanda', sparsegpt: 'SparseGPT', obc: 'OBC' } as const;
const SHARES: Record<Allocation, string> = {
  uniform: 'same share in each layer',
  erk: 'larger layers lose more (ERK)',
};

/** Accuracy over sparsity without training: a panel for each network and way to share zeros out, a line for each method. */
export function pruneChart({ samples, digits, networks }: PruneResults): string {
  const accuracy = (correct: number): number => (100 * correct) / digits;
  const panels = networks.flatMap(({ name, correct, curves }) =>
    ALLOCATIONS.map((allocation) => ({
      title: `${name}, ${SHARES[allocation]}`,
      dense: accuracy(correct),
      curves: curves
        .filter((curve) => curve.allocation === allocation)
        .map((curve) => ({ ...curve, points: curve.points.map(({ sparsity, correct }) => [sparsity, accuracy(correct)] as const) })), // biome-ignore format: one line
    })),
  );
  const description = panels.map(
    ({ title, dense, curves }) =>
      `${title}, dense ${dense.toFixed(1)} %: ${curves.map(({ method, within }) => `${NAMES[method]} within a point up to ${within} % zeros`).join(', ')}.`,
  );
  return figure({
    caption: `Accuracy over zeros in the weights, pruned once and not trained again; ${samples} training digits calibrate, ${digits} test digits count.`,
    description: description.join(' '),
    panels: panels.map(panel),
    size: PANEL,
    columns: 2,
    colours: COLOURS,
  });
}

interface PanelData {
  title: string;
  dense: number;
  curves: readonly (Omit<Curve, 'points'> & { points: readonly (readonly [number, number])[] })[];
}

function panel({ title, dense, curves }: PanelData): string {
  const sparsities = curves.flatMap(({ points }) => points.map(([sparsity]) => sparsity));
  const least = Math.min(...sparsities);
  const x = linear([least, 100], [INNER.left, INNER.right]);
  const y = linear([0, 100], [INNER.bottom, INNER.top]);
  const ends = curves.map(({ points }) => y(points.at(-1)![1]));
  const at = spread(ends, LABEL_GAP, INNER.top, INNER.bottom);
  const line = (points: (readonly [number, number])[], attributes: Record<string, string>) =>
    element('path', { d: path(points), ...attributes });
  return [
    text(INNER.left, 24, title, { class: 'ink title' }),
    ...[0, 20, 40, 60, 80, 100].flatMap((tick) => [
      line([[INNER.left, y(tick)], [INNER.right, y(tick)]], { class: 'grid' }), // biome-ignore format: one line
      text(INNER.left - 6, y(tick) + 4, String(tick), { class: 'muted small', 'text-anchor': 'end' }),
    ]),
    ...[50, 60, 70, 80, 90, 100]
      .filter((tick) => tick >= least)
      .map((tick) => text(x(tick), INNER.bottom + 18, String(tick), { class: 'muted small', 'text-anchor': 'middle' })),
    line([[INNER.left, INNER.top], [INNER.left, INNER.bottom], [INNER.right, INNER.bottom]], { class: 'axis line' }), // biome-ignore format: one line
    line([[INNER.left, y(dense)], [INNER.right, y(dense)]], { class: 'axis', 'stroke-dasharray': '5 3' }), // biome-ignore format: one line
    text((INNER.left + INNER.right) / 2, INNER.bottom + 36, 'zeros in the weights, %', {
      class: 'muted',
      'text-anchor': 'middle',
    }),
    text(0, 0, 'accuracy, %', {
      class: 'muted',
      'text-anchor': 'middle',
      transform: `translate(18 ${(INNER.top + INNER.bottom) / 2}) rotate(-90)`,
    }),
    ...curves.map(({ method, points }, i) =>
      element('g', { class: method }, [
        line(points.map(([sparsity, share]) => [x(sparsity), y(share)]), { class: 'line', 'stroke-width': '2' }), // biome-ignore format: one line
        ...points.map(([sparsity, share]) => element('circle', { cx: x(sparsity), cy: y(share), r: 2.5 })),
        text(INNER.right + 4, at[i] + 4, NAMES[method]),
      ]),
    ),
  ].join('\n');
}
