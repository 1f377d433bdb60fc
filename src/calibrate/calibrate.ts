import type { CompileOptions } from '../compile.ts';
import type { Graph } from '../graph/ir.ts';
import { OPS } from '../ops/index.ts';
import type { ZeroStats } from '../ops/lower.ts';
import type { Plan } from '../plan/plan.ts';
import { expectedZeros } from '../plan/zeros.ts';
import { observe } from './observe.ts';

/** Compiles a graph; how is the caller's business, so that this folder needs no compiler. */
export type CompileGraph = (
  graph: Graph,
  options: CompileOptions,
) => { bytes: Uint8Array; planSet: { plans: readonly Plan[] } };

/** Runs at most, and the seconds after which no further run starts. */
const MOST_SAMPLES = 256;
const MOST_SECONDS = 60;

/** Ops besides those that say so themselves whose results may hold zeros. */
const UNDERFLOWS: ReadonlySet<string> = new Set(['Softmax']);

/** Zeros by value name, behind the passes, and what to say about them. */
export interface Calibration {
  zeros: ReadonlyMap<string, ZeroStats>;
  note: string;
}

/**
 * Counts the zeros of the inputs and of all values that may hold some, while `options.calibrate` runs: at most 256 samples, evenly spread
 * over the data, and no new one after a minute. Nothing is skipped in these runs and no exit taken; a threshold of `options.skip` counts as it will skip.
 */
export async function calibrate(
  graph: Graph,
  options: CompileOptions,
  compileGraph: CompileGraph,
): Promise<Calibration> {
  const compilation = compileGraph(graph, {
    ...options,
    calibrate: undefined,
    tune: false,
    skip: 'off',
    exits: undefined,
    target: 'simd',
  });
  const { counts, samples, available } = await observe(compilation, {
    data: options.calibrate!,
    what: 'calibrate',
    wanted: mayHoldZeros,
    threshold: typeof options.skip === 'number' ? options.skip : 0,
    most: MOST_SAMPLES,
    seconds: MOST_SECONDS,
  });
  const zeros = new Map([...counts].map(([name, own]) => [name, own.stats()]));
  const of = samples === available ? '' : ` of ${available}`;
  return { zeros, note: `calibrate: zeros of ${zeros.size} values counted in ${samples}${of} samples` };
}

const mayHoldZeros = (graph: Graph): ReadonlySet<string> =>
  new Set([
    ...graph.inputs,
    ...expectedZeros(graph, OPS).keys(),
    ...graph.nodes.filter(({ op }) => UNDERFLOWS.has(op)).map(({ outputs }) => outputs[0]),
  ]);
