import * as Plot from '@observablehq/plot';
import { count, percent, tick } from '../../format.ts';
import { element, text } from '../../svg.ts';
import type { Histogram, LayerFacts, Picture, ReportData, ReportLayer } from '../data.ts';
import { layerTitle } from './names.ts';
import { type Figure, type Key, type Panel, WIDTH } from './panel.ts';
import { type Drawing, plotted } from './plot.ts';
import { base64, opacityPng } from './png.ts';
import { DENSE, PRUNED } from './style.ts';

export const shapeOf = ({ dims }: LayerFacts): string => dims.join(' × ');

/** The dense shape, and the pruned one where it is smaller. */
export const shapes = ({ dense, pruned }: ReportLayer): string =>
  !pruned || shapeOf(pruned) === shapeOf(dense) ? shapeOf(dense) : `${shapeOf(dense)} → ${shapeOf(pruned)}`;

/** Outline of the bars of a histogram. */
const steps = ({ limit, counts }: Histogram): { x: number; y: number }[] =>
  counts.flatMap((y, i) => [i, i + 1].map((edge) => ({ x: limit * ((2 * edge) / counts.length - 1), y })));

const AREA = { x: 'x', y1: 0, y2: 'y' };

/** Weights of each layer before and after. */
export function histograms({ layers, pruned }: ReportData): Figure {
  const keys: Key[] = pruned
    ? [
        { label: 'dense', colour: DENSE },
        { label: 'pruned', colour: PRUNED },
      ]
    : [];
  return {
    name: 'weights',
    title: 'Weights by value',
    caption:
      'How many weights of each layer have which value. Zeros are counted apart and left out of the bars, which they would flatten.',
    columns: 3,
    panels: layers.map((layer, i): Panel => {
      const { dense, pruned: own } = layer;
      const zeros = own
        ? `zeros: dense ${share(dense.histogram, dense)}, pruned ${share(own.histogram, own)}`
        : `zeros: ${share(dense.histogram, dense)}`;
      const { beyond } = dense.histogram;
      const drawing = plotted({
        width: WIDTH,
        height: 150,
        marginLeft: 52,
        marginRight: 14,
        marginBottom: 34,
        x: { label: 'weight', ticks: 5 },
        y: { label: 'weights', ticks: 4, grid: true, tickFormat: tick },
        marks: [
          Plot.areaY(steps(dense.histogram), { ...AREA, fill: DENSE }),
          ...(own ? [Plot.areaY(steps(own.histogram), { ...AREA, fill: PRUNED, fillOpacity: 0.85 })] : []),
          Plot.ruleY([0]),
        ],
      });
      return {
        title: layerTitle(layer.name, i),
        notes: [zeros, ...(beyond > 0 ? [`${count(beyond)} of the dense weights lie beyond the axis`] : [])],
        keys,
        description: `Histogram of the weights of ${layer.name}; ${zeros}.`,
        drawing,
      };
    }),
  };
}

const share = ({ zeros }: Histogram, { sparsity }: LayerFacts): string =>
  zeros === 0 ? 'none' : `${count(zeros)} (${percent(sparsity)})`;

/** Colour of a weight in pictures: seen on light and dark ground. */
const WEIGHT = [0x2f, 0x8f, 0xd0];
const PICTURE = { width: 300, height: 200, left: 28, top: 4, most: 8 };
const LEAST = 12;

/** Which weights of each layer are left. */
export function patterns({ layers, pruned }: ReportData): Figure {
  return {
    name: 'patterns',
    title: pruned ? 'Patterns of the pruned layers' : 'Patterns',
    caption:
      'Each layer as a matrix of outputs by inputs: what is coloured is not zero. Of large layers a pixel stands for several weights, and its shade for the share of them that is not zero: full colour for the densest.',
    columns: 3,
    panels: layers.map((layer, i): Panel => {
      const facts = layer.pruned ?? layer.dense;
      const { binRows, binCols } = facts.picture;
      const full = densest(facts.picture);
      const binned =
        binRows * binCols > 1
          ? `a pixel is ${binRows} × ${binCols} weights, full colour: ${percent(full)}`
          : 'a pixel is one weight';
      return {
        title: layerTitle(layer.name, i),
        notes: [`${shapes(layer)}, ${facts.pattern}, ${percent(facts.sparsity)} zeros; ${binned}`],
        description: `${facts.rows} outputs by ${facts.cols} inputs of ${layer.name}: ${facts.pattern}, ${percent(facts.sparsity)} of the weights are zero.`,
        drawing: picture(facts),
      };
    }),
  };
}

const densest = ({ densities }: Picture): number => densities.reduce((most, share) => Math.max(most, share), 0);

function picture({ picture }: LayerFacts): Drawing {
  const { rows, cols, densities } = picture;
  const full = densest(picture) || 1;
  const { left, top } = PICTURE;
  const scale = Math.min(PICTURE.width / cols, PICTURE.height / rows, PICTURE.most);
  const [width, height] = [Math.max(LEAST, cols * scale), Math.max(LEAST, rows * scale)];
  const png = base64(
    opacityPng(
      densities.map((share) => share / full),
      cols,
      rows,
      WEIGHT,
    ),
  );
  const label = { class: 'small muted' };
  return {
    markup: [
      element('image', {
        x: left,
        y: top,
        width,
        height,
        preserveAspectRatio: 'none',
        style: 'image-rendering:pixelated',
        href: `data:image/png;base64,${png}`,
      }),
      element('rect', { x: left, y: top, width, height, fill: 'none', stroke: 'currentColor', 'stroke-opacity': 0.4 }),
      text(left, top + height + 14, 'inputs × taps →', label),
      text(0, 0, height < 60 ? '' : '← outputs', {
        ...label,
        'text-anchor': 'end',
        transform: `translate(20 ${top}) rotate(-90)`,
      }),
    ].join(''),
    width: WIDTH,
    height: top + height + 22,
  };
}
