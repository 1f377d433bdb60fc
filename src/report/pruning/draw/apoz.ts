import * as Plot from '@observablehq/plot';
import { clipName, percent } from '../../format.ts';
import { HIGH, histogram, summarize } from '../../summary.ts';
import { TITLE } from './names.ts';
import { type Figure, type Panel, WIDTH } from './panel.ts';
import { plotted } from './plot.ts';
import { colour } from './style.ts';

/** The zeros of one layer: the share of each channel. */
export interface ApozShares {
  node: string;
  apoz: readonly number[];
}

const BINS = 20;
const BAR = colour('blue');
/** Bars from {@link HIGH} on stand out. */
const HIGH_BAR = colour('vermilion');

/**
 * Histograms of APoZ, a panel for each layer: how many of its channels have which average percentage of zeros, as in Network Trimming
 * [Hu et al. 2016]. Bars from 90 % on have another colour; a dashed line shows the mean. With a pruned network its channels are an outline.
 *
 * @param samples number of samples that were counted
 */
export function apozFigure(layers: readonly ApozShares[], samples: number, pruned: readonly ApozShares[] = []): Figure {
  const others = new Map(pruned.map((layer) => [layer.node, layer.apoz]));
  const also = pruned.length > 0 ? ' Line: the pruned network.' : '';
  return {
    name: 'apoz',
    title: 'Zeros behind activations',
    caption: `Zeros behind each activation (APoZ) over ${samples} samples: channels by their average share of zeros. Dashed: the mean.${also}`,
    columns: 3,
    panels: layers.map((layer) => panel(layer, others.get(layer.node))),
  };
}

const short = (share: number): string => `${Number((100 * share).toFixed(1))} %`;

const describe = (apoz: readonly number[]): string => {
  const { channels, mean, high } = summarize(apoz);
  return `${channels} channels, mean ${short(mean)}, ${high} above ${short(HIGH)}`;
};

function panel({ node, apoz }: ApozShares, pruned: readonly number[] | undefined): Panel {
  const bars = histogram(apoz, BINS).map((count, bin) => ({
    x1: (100 * bin) / BINS,
    x2: (100 * (bin + 1)) / BINS,
    count,
    title: `${count} of ${percent(bin / BINS)} to ${percent((bin + 1) / BINS)}`,
  }));
  const of = (high: boolean) => bars.filter(({ x1, count }) => count > 0 && x1 / 100 >= HIGH === high);
  const outline = histogram(pruned ?? [], BINS).flatMap((y, bin) =>
    [bin, bin + 1].map((edge) => ({ x: (100 * edge) / BINS, y })),
  );
  const most = Math.max(1, ...bars.map(({ count }) => count), ...outline.map(({ y }) => y));
  const rect = { x1: 'x1', x2: 'x2', y1: 0, y2: 'count', insetLeft: 0.5, insetRight: 0.5, title: 'title' };
  return {
    title: clipName(node, TITLE),
    notes: [describe(apoz), ...(pruned ? [`pruned: ${describe(pruned)}`] : [])],
    description: `${node}: ${describe(apoz)}.${pruned ? ` Pruned: ${describe(pruned)}.` : ''}`,
    drawing: plotted({
      width: WIDTH,
      height: 170,
      marginLeft: 44,
      marginRight: 14,
      marginBottom: 38,
      x: { label: 'APoZ, %', domain: [0, 100], ticks: 5 },
      y: { label: 'channels', domain: [0, most], grid: true, nice: true, ticks: Math.min(4, most) },
      marks: [
        Plot.rect(of(false), { ...rect, fill: BAR }),
        Plot.rect(of(true), { ...rect, fill: HIGH_BAR }),
        ...(pruned ? [Plot.line(outline, { x: 'x', y: 'y', stroke: 'currentColor', strokeWidth: 1.5 })] : []),
        Plot.ruleX([100 * summarize(apoz).mean], { strokeDasharray: '4 3' }),
        Plot.ruleY([0]),
      ],
    }),
  };
}
