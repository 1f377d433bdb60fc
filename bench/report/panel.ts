import { linear, type Scale } from '../../src/report/scale.ts';
import { element, path, text } from '../../src/report/svg.ts';
import { logarithmic, logTicks, spread } from './scale.ts';
import { LINES, type LineName, type LineStyle } from './style.ts';

/** Latencies in ms over per cent of zeros, in ascending order. */
export interface Line {
  runtime: LineName;
  points: readonly { sparsity: number; ms: number }[];
}

export interface PanelData {
  title: string;
  /** What stands at the axes, unless it is zeros in the weights and the time of one inference. */
  axes?: { x: string; y: string };
  lines: readonly Line[];
}

export const PANEL = { width: 450, height: 320 };
const INNER = { left: 58, right: 330, top: 40, bottom: 268 };
const LABEL_GAP = 14;
const LABEL_WIDTH = 18;
const AXES = { x: 'zeros in the weights, %', y: 'one inference, ms' };

/** Share of weights that are left, on a logarithmic scale: at constant speed a weight the lines are straight. */
const density = (sparsity: number): number => 1 - sparsity / 100;

/** One network: latency over sparsity, both logarithmic, a line for each runtime with its name at its end. */
export function panel({ title, axes = AXES, lines }: PanelData): string {
  const sparsities = [...new Set(lines.flatMap(({ points }) => points.map(({ sparsity }) => sparsity)))].sort(
    (a, b) => a - b,
  );
  const times = lines.flatMap(({ points }) => points.map(({ ms }) => ms));
  const ticks = logTicks(Math.min(...times), Math.max(...times));
  const y = ticks.length > 1 ? logarithmic([ticks[0], ticks.at(-1)!], [INNER.bottom, INNER.top]) : () => INNER.bottom;
  const x = sparsityScale(sparsities);
  return [
    text(INNER.left, 24, title, { class: 'ink title' }),
    ...ticks.flatMap((tick) => horizontal(tick, y(tick))),
    ...spaced(sparsities, x).flatMap((sparsity) => vertical(sparsity, x(sparsity))),
    element('path', {
      d: path([
        [INNER.left, INNER.top],
        [INNER.left, INNER.bottom],
        [INNER.right, INNER.bottom],
      ]),
      class: 'axis line',
    }),
    text((INNER.left + INNER.right) / 2, INNER.bottom + 36, axes.x, {
      class: 'muted',
      'text-anchor': 'middle',
    }),
    text(0, 0, axes.y, {
      class: 'muted',
      'text-anchor': 'middle',
      transform: `translate(18 ${(INNER.top + INNER.bottom) / 2}) rotate(-90)`,
    }),
    // Ours is drawn last, above all others.
    ...lines.toReversed().map((line) => drawLine(line, x, y)),
    ...labels(lines, x, y),
  ].join('\n');
}

/** Those of the ascending numbers whose labels do not run into the one before. */
function spaced(sparsities: readonly number[], x: Scale): number[] {
  let last = Number.NEGATIVE_INFINITY;
  return sparsities.filter((sparsity) => {
    if (x(sparsity) - last < LABEL_WIDTH) return false;
    last = x(sparsity);
    return true;
  });
}

function sparsityScale(sparsities: readonly number[]): Scale {
  const ends = [sparsities[0] ?? 0, sparsities.at(-1) ?? 0].map((s) => -Math.log(density(s)));
  const scale =
    ends[0] === ends[1]
      ? () => (INNER.left + INNER.right) / 2
      : linear([ends[0], ends[1]], [INNER.left + 10, INNER.right - 10]);
  return (sparsity) => scale(-Math.log(density(sparsity)));
}

const horizontal = (ms: number, y: number): string[] => [
  element('path', {
    d: path([
      [INNER.left, y],
      [INNER.right, y],
    ]),
    class: 'grid',
  }),
  text(INNER.left - 6, y + 4, String(ms), { class: 'muted small', 'text-anchor': 'end' }),
];

const vertical = (sparsity: number, x: number): string[] => [
  element('path', {
    d: path([
      [x, INNER.bottom],
      [x, INNER.bottom + 4],
    ]),
    class: 'axis',
  }),
  text(x, INNER.bottom + 18, String(sparsity), { class: 'muted small', 'text-anchor': 'middle' }),
];

function drawLine({ runtime, points }: Line, x: Scale, y: Scale): string {
  const { dash, width, marker } = LINES[runtime];
  const at = points.map(({ sparsity, ms }) => [x(sparsity), y(ms)] as const);
  const size = width > 2 ? 4 : 3;
  return element('g', { class: runtime, 'data-runtime': runtime }, [
    element('path', {
      d: path(at),
      class: 'line',
      'stroke-width': width,
      'stroke-dasharray': dash,
      'stroke-linejoin': 'round',
    }),
    ...at.map(([px, py]) => drawMarker(marker, px, py, size)),
  ]);
}

function drawMarker(marker: LineStyle['marker'], x: number, y: number, r: number): string {
  if (marker === 'circle') return element('circle', { cx: x, cy: y, r });
  const corners = {
    square: [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ],
    diamond: [
      [0, -1.4],
      [1.4, 0],
      [0, 1.4],
      [-1.4, 0],
    ],
    triangle: [
      [0, -1.3],
      [1.2, 0.9],
      [-1.2, 0.9],
    ],
  }[marker];
  return element('path', { d: `${path(corners.map(([dx, dy]) => [x + dx * r, y + dy * r] as const))}Z` });
}

/** Names at the ends of the lines, moved apart where they would overlap, and tied to their ends. */
function labels(lines: readonly Line[], x: Scale, y: Scale): string[] {
  const ends = lines.map(({ points }) => points.at(-1)!);
  const at = spread(
    ends.map(({ ms }) => y(ms)),
    LABEL_GAP,
    INNER.top,
    INNER.bottom,
  );
  return lines.map(({ runtime }, i) => {
    const { sparsity, ms } = ends[i];
    const tie = path([
      [x(sparsity) + 6, y(ms)],
      [INNER.right + 4, at[i]],
      [INNER.right + 10, at[i]],
    ]);
    return element('g', { class: runtime }, [
      element('path', { d: tie, class: 'line', 'stroke-width': 0.75, opacity: 0.6 }),
      text(INNER.right + 13, at[i] + 4, LINES[runtime].label, {
        'font-weight': runtime === 'zeroskip' ? 600 : undefined,
      }),
    ]);
  });
}
