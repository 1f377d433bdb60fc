import { figure } from '../../src/report/figure.ts';
import { linear } from '../../src/report/scale.ts';
import { element, path, text } from '../../src/report/svg.ts';
import { groupBy } from '../lib/group.ts';
import { PANEL } from '../report/panel.ts';
import { spread } from '../report/scale.ts';
import type { MaskResults, MaskRow } from './results.ts';

const INNER = { left: 58, right: 330, top: 40, bottom: 268 };
const COLOURS = {
  dense: ['#59636e', '#9198a1'],
  fine: ['#d55e00', '#ff7f2a'],
  coarse: ['#0072b2', '#56b4e9'],
} as const;
const CLASSES = ['fine', 'coarse'];
const LABEL_GAP = 14;

interface Line {
  name: string;
  label: string;
  dash?: string;
  points: { share: number; ms: number }[];
}

/** Time over the share of active blocks: a panel for each region, a line for each size of block, dashed: without a mask. */
export function maskChart({ host, variant, rows }: MaskResults): string {
  const groups = [...groupBy(rows, ({ title }) => title)];
  const panels = groups.map(([title, own]) => ({ title, lines: linesOf(own) }));
  const description = panels
    .map(({ title, lines }) => `${title}: ${lines.map(({ label, points }) => `${label} ${ends(points)}`).join(', ')}.`)
    .join(' ');
  return figure({
    caption: `Time of a masked region over its share of active blocks, one thread, Node ${host.version}, ${variant} build.`,
    description,
    panels: panels.map(({ title, lines }) => panel(title, lines)),
    size: PANEL,
    columns: 2,
    colours: COLOURS,
  });
}

const round = (ms: number): number => Number(ms.toPrecision(3));

const ends = (points: Line['points']): string => `from ${round(points[0].ms)} to ${round(points.at(-1)!.ms)} ms`;

function linesOf(rows: readonly MaskRow[]): Line[] {
  const least = Math.min(...rows.flatMap(({ points }) => points.map(({ dense }) => dense.min)));
  const dense = { name: 'dense', label: 'no mask', dash: '5 3', points: [0, 1].map((share) => ({ share, ms: least })) };
  const masked = rows.map(({ block, blocks, points }, i) => ({
    name: CLASSES[i % CLASSES.length],
    label: `blocks of ${block} x ${block}`,
    points: points.map(({ active, masked: { min } }) => ({ share: active / blocks, ms: min })),
  }));
  return [dense, ...masked];
}

function panel(title: string, lines: readonly Line[]): string {
  const most = Math.max(...lines.flatMap(({ points }) => points.map(({ ms }) => ms)));
  const step = [0.5, 1, 2, 5, 10, 20, 50, 100].find((size) => most / size <= 6) ?? 200;
  const ticks = Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
  const x = linear([0, 1], [INNER.left, INNER.right - 10]);
  const y = linear([0, ticks.at(-1)!], [INNER.bottom, INNER.top]);
  const at = spread(lines.map(({ points }) => y(points.at(-1)!.ms)), LABEL_GAP, INNER.top, INNER.bottom); // biome-ignore format: one line
  const line = (points: [number, number][], kind: string) => element('path', { d: path(points), class: kind });
  return [
    text(INNER.left, 24, title, { class: 'ink title' }),
    ...ticks.flatMap((tick) => [
      line([[INNER.left, y(tick)], [INNER.right, y(tick)]], 'grid'), // biome-ignore format: one line
      text(INNER.left - 6, y(tick) + 4, String(tick), { class: 'muted small', 'text-anchor': 'end' }),
    ]),
    ...[0, 0.2, 0.4, 0.6, 0.8, 1].map((share) =>
      text(x(share), INNER.bottom + 18, String(share * 100), { class: 'muted small', 'text-anchor': 'middle' }),
    ),
    line([[INNER.left, INNER.top], [INNER.left, INNER.bottom], [INNER.right, INNER.bottom]], 'axis line'), // biome-ignore format: one line
    text((INNER.left + INNER.right) / 2, INNER.bottom + 36, 'active blocks, %', {
      class: 'muted',
      'text-anchor': 'middle',
    }),
    text(0, 0, 'one inference, ms', {
      class: 'muted',
      'text-anchor': 'middle',
      transform: `translate(18 ${(INNER.top + INNER.bottom) / 2}) rotate(-90)`,
    }),
    ...lines.map(({ name, label, dash, points }, i) =>
      element('g', { class: name }, [
        element('path', {
          d: path(points.map(({ share, ms }) => [x(share), y(ms)])),
          class: 'line',
          'stroke-width': dash ? 1.75 : 2.5,
          'stroke-dasharray': dash,
        }),
        ...(dash ? [] : points.map(({ share, ms }) => element('circle', { cx: x(share), cy: y(ms), r: 3 }))),
        text(INNER.right + 4, at[i] + 4, label),
      ]),
    ),
  ].join('\n');
}
