import type { SampleData } from '../../calibrate/samples.ts';
import { ensure, ZeroskipError } from '../../errors.ts';
import type { Graph } from '../../graph/ir.ts';
import { didYouMean } from '../../words.ts';
import { gatherStats } from '../calibration.ts';
import { type Shapes, weightsOf, withWeights } from '../layers.ts';
import type { Layer, Masks, Stats } from '../types.ts';
import { reestimateBatchNorm } from './batch_norm.ts';
import { correctBias } from './bias_correction.ts';
import { leastSquares, optimalBrainUpdate } from './least_squares.ts';
import type { Repaired } from './repaired.ts';

/** What can be done about weights that stay, by name. */
export const REPAIRS = {
  'least-squares': 'fits the weights that stay to the outputs of the dense layer, row by row',
  'optimal-brain': 'shares what is pruned out among the weights that stay, over the Hessian of SparseGPT and OBC',
  'batch-norm': 'estimates mean and variance of batch normalisations again',
  bias: 'moves biases by what the mean outputs have lost',
} as const;

export type RepairName = keyof typeof REPAIRS;

/** @throws ZeroskipError `INVALID_ARGUMENT` */
export function repairNamed(name: unknown): RepairName {
  const names = Object.keys(REPAIRS);
  ensure(
    typeof name === 'string' && Object.hasOwn(REPAIRS, name),
    'INVALID_ARGUMENT',
    () => `repair: expected ${names.join(', ')}, found '${name}'${didYouMean(String(name), names)}`,
  );
  return name as RepairName;
}

export interface RepairOptions {
  shapes?: Shapes;
  seed?: number;
  signal?: AbortSignal;
}

/** Bytes of the X X^T that are gathered in one pass over the data. */
const PASS_BYTES = 2 ** 30;

/** Repairs networks that were made of one dense network; what calibration says of that one is gathered once. */
export class Repairs {
  readonly names: readonly RepairName[];
  private readonly dense: Graph;
  private readonly layers: readonly Layer[];
  private readonly data: SampleData;
  private readonly options: RepairOptions;
  private grams: Promise<ReadonlyMap<string, Stats>> | undefined;

  /** @param layers those of `dense` that may have lost weights */
  constructor(
    names: readonly RepairName[],
    dense: Graph,
    layers: readonly Layer[],
    data: SampleData,
    options: RepairOptions = {},
  ) {
    this.names = names;
    this.dense = dense;
    this.layers = layers;
    this.data = data;
    this.options = options;
  }

  /** Bytes that a package may grow by: biases of layers that had none. */
  get bytes(): number {
    if (!this.names.includes('bias')) return 0;
    return this.layers.reduce((sum, { rows }) => sum + 4 * rows + 64, 0);
  }

  /** A network in which masks are zeros, after all repairs in their order. */
  async of(masked: Graph, masks: Masks): Promise<Repaired<Graph>> {
    const { dense, data, options } = this;
    const result: Repaired<Graph> = { graph: masked, changed: [], left: [] };
    const pruned = this.layers.filter(({ name }) => masks.has(name));
    for (const name of this.names) {
      const { graph } = result;
      const own = await {
        'least-squares': async () => {
          const { stats, fitting } = await this.statsOf(pruned, result);
          return leastSquares(graph, dense, fitting, masks, stats);
        },
        'optimal-brain': async () => {
          const { stats, fitting } = await this.statsOf(pruned, result);
          const updated = optimalBrainUpdate(dense, fitting, masks, stats);
          const changed = new Set(updated.changed);
          const layers = fitting.filter((layer) => changed.has(layer.name));
          const weights = new Map(layers.map((layer) => [layer.name, weightsOf(layer, updated.graph)]));
          return { ...updated, graph: withWeights(graph, layers, weights) };
        },
        'batch-norm': () => reestimateBatchNorm(graph, data, options),
        bias: () => correctBias(graph, dense, pruned, data, options),
      }[name]();
      result.graph = own.graph;
      result.changed.push(...own.changed);
      result.left.push(...own.left.map((left) => ({ ...left, reason: `${name}: ${left.reason}` })));
    }
    return result;
  }

  /** X X^T of the layers, and those of `pruned` that have one: the others are too large and left. */
  private async statsOf(
    pruned: readonly Layer[],
    { left }: Repaired<Graph>,
  ): Promise<{ stats: ReadonlyMap<string, Stats>; fitting: readonly Layer[] }> {
    const bytesOf = ({ groups, cols }: Layer): number => groups * cols ** 2 * 8;
    this.grams ??= (async () => {
      const stats = new Map<string, Stats>();
      let pass: Layer[] = [];
      let bytes = 0;
      const gather = async (): Promise<void> => {
        if (pass.length === 0) return;
        for (const entry of await gatherStats(this.dense, pass, this.data, { gram: true }, this.options))
          stats.set(...entry);
        pass = [];
        bytes = 0;
      };
      for (const layer of this.layers.filter((l) => bytesOf(l) <= PASS_BYTES)) {
        if (bytes + bytesOf(layer) > PASS_BYTES) await gather();
        pass.push(layer);
        bytes += bytesOf(layer);
      }
      await gather();
      return stats;
    })();
    const stats = await this.grams;
    for (const { name, cols } of pruned)
      if (!stats.has(name)) left.push({ name, reason: `X X^T of its ${cols} inputs takes more than 1 GiB` });
    return { stats, fitting: pruned.filter(({ name }) => stats.has(name)) };
  }
}

/** @throws ZeroskipError `INVALID_ARGUMENT` for a name that is none or stands there twice */
export function checkRepairs(names: readonly unknown[]): readonly RepairName[] {
  const repairs = names.map(repairNamed);
  const twice = repairs.find((name, i) => repairs.indexOf(name) !== i);
  if (twice) throw new ZeroskipError('INVALID_ARGUMENT', `repair: '${twice}' is given twice`);
  return repairs;
}
