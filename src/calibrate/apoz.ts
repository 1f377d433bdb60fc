import type { CompileOptions } from '../compile.ts';
import { ensure } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { OPS } from '../ops/index.ts';
import { PASSES, type Pass, SPARSE_PASSES } from '../passes/index.ts';
import type { Plan } from '../plan/plan.ts';
import { zeroMakers } from '../plan/zeros.ts';
import { observe } from './observe.ts';
import type { SampleData } from './samples.ts';

export interface ApozOptions extends Pick<CompileOptions, 'shapes' | 'values'> {
  /** The data set: arrays by input name, longer than the input along the first dimension for several samples; or a list of that. */
  data: SampleData;
  /** Samples at most, evenly spread over the data; unset: all. */
  samples?: number;
  /** Hears of the share that is done. */
  progress?: (share: number) => void;
}

/** Zeros of one layer over a data set. */
export interface ApozLayer {
  /** The node that makes the zeros: an activation, or the layer that it was fused into. */
  node: string;
  op: string;
  dims: readonly number[];
  /** Outputs of a channel in one sample. */
  positions: number;
  /** APoZ of each channel, 0 to 1. */
  apoz: number[];
}

/** Average percentage of zeros of every channel behind an activation. */
export interface Apoz {
  samples: number;
  /** Samples that the data hold. */
  available: number;
  layers: ApozLayer[];
}

/** Compiles a graph; how is the caller's business, so that this folder needs no compiler. */
type CompileGraph = (
  graph: Graph,
  options: CompileOptions,
  planning: { passes: readonly Pass[] },
) => { bytes: Uint8Array; planSet: { plans: readonly Plan[] } };

/** Channels keep the numbers they have in the model. */
const KEEP_CHANNELS = PASSES.filter((pass) => !SPARSE_PASSES.has(pass));

/**
 * Average percentage of zeros, `APoZ(i, c) = sum_{n<N} sum_{m<M} [O(i, c, m)(n) = 0] / (N M)`, of channel c of layer i over N samples of M
 * outputs each [Hu et al. 2016, Network Trimming]. Layers are the outputs of activations that make exact zeros, in the order of the graph.
 * Channels are axis 1 of outputs of rank 4 and more, else the last axis.
 *
 * @throws ZeroskipError what `compile` and `load` throw, and `INVALID_ARGUMENT` if no layer makes zeros
 */
export async function apozOf(graph: Graph, options: ApozOptions, compileGraph: CompileGraph): Promise<Apoz> {
  const { data, samples: most = Number.POSITIVE_INFINITY, shapes, values, progress } = options;
  ensure(most >= 1, 'INVALID_ARGUMENT', () => `apoz: samples is a number of at least 1, found ${most}`);
  const compilation = compileGraph(graph, { shapes, values, skip: 'off', target: 'simd' }, { passes: KEEP_CHANNELS });
  const makers = zeroMakers(compilation.planSet.plans[0].graph, OPS);
  ensure(makers.length > 0, 'INVALID_ARGUMENT', 'apoz: the model has no activation that makes exact zeros');
  const { samples, available, counts } = await observe(compilation, {
    data,
    what: 'apoz',
    wanted: () => new Set(makers.map(({ outputs }) => outputs[0])),
    most,
    seconds: Number.POSITIVE_INFINITY,
    progress,
  });
  const layers = makers.flatMap(({ name, op, outputs }): ApozLayer[] => {
    const own = counts.get(outputs[0]);
    return own ? [{ node: name, op, dims: own.dims, positions: own.positions, apoz: own.apoz() }] : [];
  });
  return { samples, available, layers };
}
