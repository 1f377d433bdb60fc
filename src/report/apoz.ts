import { type Colours, figure } from './figure.ts';
import { countTicks, linear, type Scale } from './scale.ts';
import { HIGH, histogram, type Summary, summarize } from './summary.ts';
import { element, path, text } from './svg.ts';

/** The zeros of one layer: the share of each channel. */
export interface ChartLayer {
  node: string;
  apoz: readonly number[];
}

const SIZE = { width: 330, height: 230 };
const INNER = { left: 52, right: 316, top: 52, bottom: 184 };
const BINS = 20;
const COLUMNS = 3;
const MOST_TICKS = 5;
const SHARES = [0, 0.2, 0.4, 0.6, 0.8, 1];
/** Characters that fit above a panel. */
const TITLE = 28;

/** Bars from {@link HIGH} on stand out. */
const COLOURS: Colours = { bar: ['#0072b2', '#56b4e9'], high: ['#d55e00', '#ff7f2a'] };

/**
 * Histograms of APoZ as an SVG file, a panel for each layer: how many of its channels have which average percentage of zeros, as in Network
 * Trimming [Hu et al. 2016]. Bars from 90 % on have another colour; a dashed line shows the mean.
 *
 * @param samples number of samples that were counted
 */
export function apozChart(layers: readonly ChartLayer[], samples: number): string {
  const drawn = layers.map((layer) => ({ ...layer, summary: summarize(layer.apoz) }));
  const description = drawn.map(
    ({ node, summary: { channels, mean, high } }) =>
      `${node}: ${channels} channels, mean ${percent(mean)}, ${high} above ${percent(HIGH)}.`,
  );
  return figure({
    caption: `Zeros behind each activation (APoZ) over ${samples} samples: channels by their average share of zeros. Dashed: the mean.`,
    description: description.join(' '),
    panels: drawn.map(({ node, apoz, summary }) => panel(node, apoz, summary)),
    size: SIZE,
    columns: COLUMNS,
    colours: COLOURS,
  });
}

const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`;

function panel(node: string, apoz: readonly number[], { channels, mean, high }: Summary): string {
  const bars = histogram(apoz, BINS);
  const ticks = countTicks(Math.max(1, ...bars), MOST_TICKS);
  const x = linear([0, 1], [INNER.left, INNER.right]);
  const y = linear([0, ticks.at(-1)!], [INNER.bottom, INNER.top]);
  return [
    text(INNER.left, 22, clip(node), { class: 'ink title' }),
    text(INNER.left, 40, `${channels} channels, mean ${percent(mean)}, ${high} above ${percent(HIGH)}`, {
      class: 'muted small',
    }),
    ...ticks.flatMap((tick) => horizontal(tick, y)),
    ...bars.flatMap((n, i) => (n > 0 ? bar(n, i, x, y) : [])),
    element('path', {
      d: segment([x(mean), INNER.top], [x(mean), INNER.bottom]),
      class: 'axis',
      'stroke-dasharray': '4 3',
    }),
    element('path', { d: segment([INNER.left, INNER.bottom], [INNER.right, INNER.bottom]), class: 'axis' }),
    ...SHARES.map((share) =>
      text(x(share), INNER.bottom + 16, String(100 * share), { class: 'muted small', 'text-anchor': 'middle' }),
    ),
    text((INNER.left + INNER.right) / 2, INNER.bottom + 34, 'APoZ, %', {
      class: 'muted small',
      'text-anchor': 'middle',
    }),
    text(0, 0, 'channels', {
      class: 'muted small',
      'text-anchor': 'middle',
      transform: `translate(14 ${(INNER.top + INNER.bottom) / 2}) rotate(-90)`,
    }),
  ].join('\n');
}

/** The end of a name tells layers apart. */
function clip(name: string): string {
  const characters = [...name];
  return characters.length <= TITLE ? name : `…${characters.slice(1 - TITLE).join('')}`;
}

const segment = (...ends: readonly (readonly [number, number])[]): string => path(ends);

const horizontal = (tick: number, y: Scale): string[] => [
  element('path', { d: segment([INNER.left, y(tick)], [INNER.right, y(tick)]), class: 'grid' }),
  text(INNER.left - 6, y(tick) + 4, String(tick), { class: 'muted small', 'text-anchor': 'end' }),
];

const bar = (n: number, bin: number, x: Scale, y: Scale): string =>
  element('rect', {
    x: x(bin / BINS) + 0.5,
    y: y(n),
    width: x(1 / BINS) - x(0) - 1,
    height: INNER.bottom - y(n),
    class: bin / BINS >= HIGH ? 'high' : 'bar',
    'stroke-width': 0,
    'data-count': n,
  });
