import { duration, percent, plural } from '../../src/cli/format.ts';
import { type Column, table } from '../../src/cli/table.ts';
import type { CandidateTime, Layer } from './layers.ts';
import { isNear, ratioOf, summarise } from './summary.ts';

const COLUMNS: readonly Column[] = [
  { title: 'layer', least: 12 },
  { title: 'shape', least: 24, worth: 2 },
  { title: 'zeros', right: true },
  { title: 'chosen' },
  { title: 'time', right: true },
  { title: 'best' },
  { title: 'time', right: true },
  { title: 'ratio', right: true },
];

const WIDTH = 130;

const time = ({ ns }: CandidateTime): string => duration(ns / 1e6);

function cells(layer: Layer): string[] {
  const { name, shape, zeros, chosen, best } = layer;
  const start = [name, shape, zeros === null ? '' : `${Math.round(100 * zeros)} %`, chosen.kernel, time(chosen)];
  if (best.kernel === chosen.kernel) return [...start, '', '', ''];
  return [...start, best.kernel, time(best), `${ratioOf(layer).toFixed(2)}${isNear(layer) ? '' : ' !'}`];
}

/** Table of the layers of a network, and its summary. */
export const block = (id: string, layers: readonly Layer[]): string[] => [
  id,
  ...table(COLUMNS, layers.map(cells), WIDTH),
  summaryLine(layers),
];

/** `27 of 28 layers (96.4 %) within 10 % of the best kernel; their choices lose 0.8 % of 5.21 ms` */
export function summaryLine(layers: readonly Layer[]): string {
  const { near, chosenNs, lost } = summarise(layers);
  const share = layers.length ? near / layers.length : 1;
  return (
    `${near} of ${plural(layers.length, 'layer')} (${percent(share)}) within 10 % of the best kernel; ` +
    `their choices lose ${percent(lost)} of ${duration(chosenNs / 1e6)}`
  );
}

/** What the columns mean. */
export const LEGEND = [
  'time: the kernel measured alone, plus what the planner counts where the layer stands: modelled conversions of its operands, and',
  'what the readers of its output pay more than behind the best maker; best: the kernel with the least such time, empty where it is',
  'the chosen one; !: more than 10 % slower than that. Layers that only one kernel can run are left out.',
];
