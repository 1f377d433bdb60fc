import * as Plot from '@observablehq/plot';
import type { MetricName } from '../../../prune/metric.ts';
import { percent, time, timeUnit } from '../../format.ts';
import type { ReportData, SensitivityFacts, TradeoffFacts } from '../data.ts';
import { goodness } from '../goodness.ts';
import { labelRoom, layerTitle, ROW, rowLabel } from './names.ts';
import { type Figure, type Key, type Panel, WIDTH } from './panel.ts';
import { plotted } from './plot.ts';
import { CURVES, PRUNED } from './style.ts';

const SYMBOLS = ['circle', 'diamond', 'square', 'triangle', 'cross', 'wye', 'star'] as const;

interface Mark {
  x: number;
  y: number;
  title: string;
}

/** Quality over sparsity and over latency, a curve for each criterion. */
export function tradeoffCurves(data: ReportData): Figure | undefined {
  const { tradeoff, metric, measured } = data;
  if (!tradeoff || !metric) return undefined;
  const unit = timeUnit(Math.max(tradeoff.dense.ns, ...tradeoff.points.map(({ ns }) => ns)));
  const axes = [
    { which: 'sparsity' as const, label: 'zeros in the pruned layers, %', of: (p: Cost) => 100 * p.sparsity },
    {
      which: 'latency' as const,
      label: `latency (${measured ? 'measured' : 'modelled'}), ${unit.name}`,
      of: (p: Cost) => p.ns / unit.ns,
    },
  ];
  return {
    name: 'tradeoff',
    title: 'Trade-off',
    caption: `The network pruned by each criterion at several sparsities (pattern ${tradeoff.pattern}, scope ${tradeoff.scope}, ${tradeoff.layers.length} layers), without repair or fine-tuning, on ${data.samples} samples. No other point of the curves is better than one of the Pareto front in both directions.`,
    columns: 2,
    panels: axes.map(({ which, label, of }) => curvePanel(data, tradeoff, metric, which, label, of)),
  };
}

type Cost = { sparsity: number; ns: number };

const qualityLabel = (metric: MetricName): string => (metric === 'accuracy' ? 'accuracy, %' : '1 - output error, %');

function curvePanel(
  data: ReportData,
  tradeoff: TradeoffFacts,
  metric: MetricName,
  which: 'sparsity' | 'latency',
  label: string,
  x: (point: Cost) => number,
): Panel {
  const mark = (point: Cost & { quality: { mse: number; hits: number; accuracy?: number } }, name: string): Mark => {
    const y = Math.max(0, 100 * goodness(point.quality, metric));
    return {
      x: x(point),
      y,
      title: `${name}: ${percent(point.sparsity)} zeros, ${time(point.ns)}, ${qualityLabel(metric)} ${y.toFixed(1)}`,
    };
  };
  const criteria = [...new Set(tradeoff.points.map(({ criterion }) => criterion))];
  const curves = criteria.map((criterion, i) => ({
    criterion,
    stroke: CURVES[i % CURVES.length],
    symbol: SYMBOLS[i % SYMBOLS.length],
    marks: tradeoff.points.filter((p) => p.criterion === criterion).map((p) => mark(p, criterion)),
  }));
  const front = tradeoff.front[which].map((i) => mark(tradeoff.points[i], 'front'));
  const dense = mark(tradeoff.dense, 'dense');
  const own = prunedCost(data, tradeoff);
  const pruned = own && mark(own, 'pruned');
  const keys: Key[] = [
    ...curves.map(({ criterion, stroke }): Key => ({ label: criterion, colour: stroke, mark: 'line' })),
    { label: 'Pareto front', colour: 'currentColor', mark: 'dashed' },
    { label: 'dense', colour: 'currentColor', mark: 'dot' },
    ...(pruned ? [{ label: 'pruned network', colour: PRUNED, mark: 'star' } as const] : []),
  ];
  const place = { x: 'x', y: 'y' };
  return {
    title: `${metric === 'accuracy' ? 'Accuracy' : '1 - output error'} over ${which}`,
    keys,
    description: [
      ...curves.map(
        (c) => `${c.criterion}: ${c.marks.map((m) => `${m.x.toFixed(1)} to ${m.y.toFixed(1)}`).join(', ')}.`,
      ),
      ...(pruned ? [pruned.title] : []),
    ].join(' '),
    drawing: plotted({
      width: WIDTH,
      height: 260,
      marginLeft: 44,
      marginRight: 18,
      marginBottom: 38,
      x: { label, grid: true, ticks: 6, nice: true },
      y: { label: qualityLabel(metric), grid: true, ticks: 6, nice: true },
      marks: [
        Plot.line(front, { ...place, stroke: 'currentColor', strokeWidth: 5, strokeOpacity: 0.18 }),
        ...curves.flatMap(({ marks, stroke, symbol }) => [
          Plot.line(marks, { ...place, stroke, strokeWidth: 2 }),
          Plot.dot(marks, { ...place, stroke, fill: stroke, symbol, r: 3, title: 'title' }),
        ]),
        Plot.line(front, { ...place, stroke: 'currentColor', strokeDasharray: '4 3' }),
        Plot.dot([dense], { ...place, stroke: 'currentColor', r: 4.5, strokeWidth: 2, title: 'title' }),
        ...(pruned
          ? [Plot.dot([pruned], { ...place, fill: PRUNED, stroke: PRUNED, symbol: 'star', r: 7, title: 'title' })]
          : []),
      ],
    }),
  };
}

/** The pruned network among the curves: what was removed counts as zero. */
function prunedCost({ layers, summary }: ReportData, tradeoff: TradeoffFacts) {
  const { pruned } = summary;
  if (!pruned?.quality) return undefined;
  const own = layers.filter(({ name }) => tradeoff.layers.includes(name));
  const weights = own.reduce((sum, { dense }) => sum + dense.rows * dense.cols, 0);
  const kept = own.reduce((sum, layer) => sum + layer.pruned!.nonZeros, 0);
  return { sparsity: 1 - kept / weights, ns: pruned.ns, quality: pruned.quality };
}

/** Layers that lines tell apart. */
const LINES = 6;

/** The loss of each layer that is pruned alone: lines, or a heat map of many layers. */
export function sensitivities({ sensitivity, metric, samples }: ReportData): Figure | undefined {
  if (!sensitivity || !metric) return undefined;
  const loss = metric === 'accuracy' ? 'accuracy lost, percentage points' : 'output error, % of the output';
  return {
    name: 'sensitivity',
    title: 'Sensitivity',
    caption: `What the network loses when one layer is pruned alone (${sensitivity.criterion}, ${sensitivity.pattern}), on ${samples} samples. Layers that lose little can be pruned further.`,
    columns: 2,
    panels: [sensitivity.layers.length <= LINES ? lines(sensitivity, loss) : heatMap(sensitivity, loss)],
  };
}

const describe = ({ layers, sparsities }: SensitivityFacts): string =>
  layers
    .map(
      ({ name, losses }) =>
        `${name}: ${losses.map((loss, s) => `${(100 * loss).toFixed(1)} at ${percent(sparsities[s])}`).join(', ')}.`,
    )
    .join(' ');

function lines(facts: SensitivityFacts, label: string): Panel {
  const { layers, sparsities } = facts;
  const place = { x: 'x', y: 'y' };
  const curves = layers.map(({ name, losses }, i) => ({
    name: layerTitle(name, i),
    stroke: CURVES[i],
    symbol: SYMBOLS[i],
    marks: losses.map(
      (loss, s): Mark => ({
        x: 100 * sparsities[s],
        y: 100 * loss,
        title: `${name}: ${(100 * loss).toFixed(2)} at ${percent(sparsities[s])} zeros`,
      }),
    ),
  }));
  return {
    title: 'Loss over the sparsity of one layer',
    keys: curves.map(({ name, stroke }) => ({ label: name, colour: stroke, mark: 'line' })),
    description: describe(facts),
    drawing: plotted({
      width: WIDTH,
      height: 260,
      marginLeft: 44,
      marginRight: 18,
      marginBottom: 38,
      x: { label: 'zeros in the layer, %', grid: true, ticks: 6 },
      y: { label, grid: true, ticks: 6, nice: true },
      marks: [
        Plot.ruleY([0]),
        ...curves.flatMap(({ marks, stroke, symbol }) => [
          Plot.line(marks, { ...place, stroke, strokeWidth: 2 }),
          Plot.dot(marks, { ...place, stroke, fill: stroke, symbol, r: 3, title: 'title' }),
        ]),
      ],
    }),
  };
}

function heatMap(facts: SensitivityFacts, label: string): Panel {
  const { layers, sparsities } = facts;
  const most = Math.max(...layers.flatMap(({ losses }) => losses), 1e-9);
  const cells = layers.flatMap(({ name, losses }, y) =>
    losses.map((loss, s) => ({
      x: `${Number((100 * sparsities[s]).toFixed(1))}`,
      y: String(y),
      level: Math.sqrt(Math.min(1, Math.max(0, loss / Math.min(1, most)))),
      label: (100 * loss).toFixed(1),
      title: `${name}: ${(100 * loss).toFixed(2)} at ${percent(sparsities[s])} zeros`,
    })),
  );
  return {
    title: 'Loss by layer and sparsity',
    notes: [`numbers: ${label}; darker is worse`],
    description: describe(facts),
    drawing: plotted({
      width: WIDTH,
      height: layers.length * ROW + 44,
      marginLeft: labelRoom(layers.map(({ name }) => name)),
      marginRight: 6,
      marginTop: 38,
      marginBottom: 4,
      x: { label: 'zeros in the layer, %', axis: 'top', domain: cells.slice(0, sparsities.length).map(({ x }) => x) },
      y: {
        label: null,
        domain: layers.map((_, y) => String(y)),
        tickSize: 0,
        tickFormat: (y: string) => rowLabel(layers[Number(y)].name, Number(y)),
      },
      color: { type: 'linear', domain: [0, 1], scheme: 'blues' },
      marks: [
        Plot.cell(cells, { x: 'x', y: 'y', fill: 'level', inset: 0.5, title: 'title' }),
        Plot.text(cells, {
          x: 'x',
          y: 'y',
          text: 'label',
          fontSize: 10,
          fill: (cell: { level: number }) => (cell.level > 0.6 ? '#ffffff' : '#000000'),
          className: 'cells',
        }),
      ],
    }),
  };
}
