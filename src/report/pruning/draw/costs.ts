import * as Plot from '@observablehq/plot';
import { bytes, count, percent, time, timeUnit } from '../../format.ts';
import type { LayerFacts, ReportData } from '../data.ts';
import { labelRoom, ROW, rowLabel } from './names.ts';
import { type Figure, type Key, type Panel, WIDTH } from './panel.ts';
import { plotted } from './plot.ts';
import { DENSE, PRUNED } from './style.ts';

interface Measure {
  title: string;
  label: string;
  /** Units of the axis. */
  scale: number;
  of(facts: LayerFacts): number;
  show(value: number): string;
}

/** Bytes and time of every layer, dense and pruned. */
export function layerCosts(data: ReportData): Figure {
  const { layers, pruned, measured, summary } = data;
  const slowest = Math.max(...layers.map(({ dense }) => dense.cost?.ns ?? 0));
  const heaviest = Math.max(...layers.map(({ dense }) => dense.cost?.bytes ?? 0));
  const unit = timeUnit(slowest);
  const size = heaviest < 1e6 ? { unit: 'KB', scale: 1e3 } : { unit: 'MB', scale: 1e6 };
  const measures: Measure[] = [
    {
      title: 'Weights by layer',
      label: `bytes of the weights, ${size.unit}`,
      scale: size.scale,
      of: ({ cost }) => cost?.bytes ?? 0,
      show: bytes,
    },
    {
      title: 'Time by layer',
      label: `time (${measured ? 'measured' : 'modelled'}), ${unit.name}`,
      scale: unit.ns,
      of: ({ cost }) => cost?.ns ?? 0,
      show: time,
    },
  ];
  const rest = (side: 'dense' | 'pruned', of: (facts: LayerFacts) => number, total: number): number =>
    total - layers.reduce((sum, layer) => sum + of(layer[side]!), 0);
  const others = (side: 'dense' | 'pruned'): string =>
    `${bytes(rest(side, measures[0].of, summary[side]!.bytes))} and ${time(Math.max(0, rest(side, measures[1].of, summary[side]!.ns)))}`;
  return {
    name: 'costs',
    title: 'Bytes and time by layer',
    caption: `Weights with their row numbers, and the time of the kernel. All else (programs, biases, other operators) takes ${others('dense')} in the dense network${pruned ? `, ${others('pruned')} in the pruned one` : ''}.`,
    columns: 2,
    panels: measures.map((measure) => costPanel(data, measure)),
  };
}

function costPanel({ layers, pruned }: ReportData, { title, label, scale, of, show }: Measure): Panel {
  const rows = (side: 'dense' | 'pruned') =>
    layers.map((layer, y) => ({
      y: String(y),
      x: of(layer[side]!) / scale,
      title: `${layer.name}, ${side}: ${show(of(layer[side]!))}`,
    }));
  const keys: Key[] = pruned
    ? [
        { label: 'dense', colour: DENSE },
        { label: 'pruned', colour: PRUNED },
      ]
    : [];
  return {
    title,
    keys,
    description: layers
      .map(({ name, dense, pruned: own }) => `${name}: ${show(of(dense))}${own ? `, pruned ${show(of(own))}` : ''}.`)
      .join(' '),
    drawing: plotted({
      width: WIDTH,
      height: layers.length * ROW + 78,
      marginLeft: labelRoom(layers.map(({ name }) => name)),
      marginRight: 16,
      marginTop: 38,
      marginBottom: 40,
      x: { label, axis: 'both', grid: true, ticks: 4 },
      y: {
        label: null,
        domain: layers.map((_, y) => String(y)),
        tickSize: 0,
        tickFormat: (y: string) => rowLabel(layers[Number(y)].name, Number(y)),
      },
      marks: [
        Plot.barX(rows('dense'), { x: 'x', y: 'y', fill: DENSE, insetTop: 1.5, insetBottom: 1.5, title: 'title' }),
        ...(pruned
          ? [Plot.barX(rows('pruned'), { x: 'x', y: 'y', fill: PRUNED, insetTop: 5, insetBottom: 5, title: 'title' })]
          : []),
        Plot.ruleX([0]),
      ],
    }),
  };
}

/** What is left of the dense network. */
export function summaryChart({ summary: { dense, pruned }, measured }: ReportData): Figure | undefined {
  if (!pruned) return undefined;
  const rows = [
    { name: 'latency', share: pruned.ns / dense.ns, text: `${time(pruned.ns)} of ${time(dense.ns)}` },
    { name: 'package', share: pruned.bytes / dense.bytes, text: `${bytes(pruned.bytes)} of ${bytes(dense.bytes)}` },
    { name: 'multiplications', share: pruned.macs / dense.macs, text: `${count(pruned.macs)} of ${count(dense.macs)}` },
    {
      name: 'weights ≠ 0',
      share: pruned.nonZeros / dense.weights,
      text: `${count(pruned.nonZeros)} of ${count(dense.weights)}`,
    },
  ];
  return {
    name: 'summary',
    title: 'What is left',
    caption: `The pruned network in percent of the dense one; latency is ${measured ? 'measured' : 'modelled'}.`,
    columns: 1,
    panels: [
      {
        title: 'What is left of the dense network',
        description: rows.map(({ name, share, text }) => `${name}: ${percent(share)}, ${text}.`).join(' '),
        drawing: plotted({
          width: WIDTH,
          height: rows.length * 34 + 44,
          marginLeft: 100,
          marginRight: 18,
          marginTop: 8,
          marginBottom: 36,
          x: {
            label: '% of the dense network',
            domain: [0, Math.max(100, ...rows.map(({ share }) => 100 * share))],
            ticks: 5,
            grid: true,
          },
          y: { label: null, domain: rows.map(({ name }) => name), tickSize: 0 },
          marks: [
            Plot.barX(rows, { x: 100, y: 'name', fill: DENSE, insetTop: 3, insetBottom: 17 }),
            Plot.barX(rows, {
              x: (row: { share: number }) => 100 * row.share,
              y: 'name',
              fill: PRUNED,
              insetTop: 3,
              insetBottom: 17,
            }),
            Plot.text(rows, {
              x: 0,
              y: 'name',
              text: (row) => `${percent(row.share)}: ${row.text}`,
              textAnchor: 'start',
              dy: 9,
              dx: 2,
            }),
          ],
        }),
      },
    ],
  };
}
