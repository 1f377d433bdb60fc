import { SKIP_LIMIT } from '../../assembly/abi/control.ts';
import { OP_SKIP } from '../../assembly/abi.ts';
import { type CompileOptions, compileGraph } from '../../src/compile.ts';
import { ensure } from '../../src/errors.ts';
import type { Graph } from '../../src/graph/ir.ts';
import type { Candidate } from '../../src/ops/lower.ts';
import { type Kernel, kernelOf } from '../kernels/instance.ts';
import { linear, NODE, type SitePattern } from '../kernels/sites.ts';
import { alternate } from '../lib/alternate.ts';
import type { Curve, CurvePoint } from './results.ts';

/** A layer whose input has zeros. */
export interface Layer {
  inputs: number;
  outputs: number;
  /** Per cent of zeros in the weights. */
  sparsity: number;
  pattern: SitePattern;
}

const SHAPES = [
  [2048, 2048],
  [768, 3072],
  [4096, 1024],
];

export const LAYERS: readonly Layer[] = SHAPES.flatMap(([inputs, outputs]) => [
  { inputs, outputs, sparsity: 0, pattern: 'unstructured' },
  { inputs, outputs, sparsity: 90, pattern: 'unstructured' },
  { inputs, outputs, sparsity: 90, pattern: '4x1' },
]);

/** Per cent of zeros in the inputs. */
const ZEROS = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99];

/** Inputs that take turns, so that the columns which one of them needs are not those that the caches hold of the last. */
const INPUTS = 4;

/** Share of zeros that the planner is told, so that it plans to skip them. */
const PLANNED = 0.9;

export const layerName = ({ inputs, outputs, sparsity, pattern }: Layer): string =>
  `${inputs} > ${outputs}, ${sparsity === 0 ? 'dense' : `${sparsity} % ${pattern}`}`;

/** Times the ways to run a layer in turn, `seconds` for each share of zeros. */
export async function measureCurve(layer: Layer, seconds: number, onProgress: (share: number) => void): Promise<Curve> {
  const { inputs, outputs, sparsity, pattern } = layer;
  const site = linear(1, inputs, outputs);
  const graph = site.graph(sparsity, pattern);
  const still = await best(graph, ({ skips }) => !skips, { skip: 'off' });
  const skipping = await best(graph, ({ skips }) => skips === true);
  const dense = await best(site.graph(0, pattern), ({ skips }) => !skips, { skip: 'off' });
  const { dynamic } = skipping.step;
  ensure(dynamic, 'INTERNAL', 'the kernel counts no live inputs');
  const points: CurvePoint[] = [];
  let denseMs = Number.POSITIVE_INFINITY;
  for (const [i, zeros] of ZEROS.entries()) {
    const fed = Array.from({ length: INPUTS }, () => withZeros(inputs, zeros / 100));
    const live = fed.reduce((sum, x) => sum + x.filter((v) => v !== 0).length, 0) / INPUTS;
    const times = await alternate(
      {
        static: feeding(still, fed),
        walked: feeding(skipping, fed, inputs),
        chosen: feeding(skipping, fed, dynamic.limit),
        dense: feeding(dense, fed),
      },
      { budgetMs: seconds * 1000, warmUpMs: 30, leastRounds: 20 },
    );
    denseMs = Math.min(denseMs, times.dense.min);
    points.push({ zeros, live, times: { static: times.static, walked: times.walked, chosen: times.chosen } });
    onProgress((i + 1) / ZEROS.length);
  }
  return {
    id: layerName(layer),
    inputs,
    outputs,
    weights: sparsity === 0 ? 'dense' : `${sparsity} % ${pattern}`,
    kernels: { static: still.step.kernel, chosen: skipping.step.kernel },
    bytes: { static: still.step.bytes!, chosen: skipping.step.bytes! },
    limit: dynamic.limit,
    denseMs,
    points,
  };
}

/** The kernel of least modelled cost that fits. */
async function best(
  graph: Graph,
  fits: (candidate: Candidate) => boolean,
  options: CompileOptions = {},
): Promise<Kernel> {
  const zeros = new Map(graph.inputs.map((name) => [name, { elements: PLANNED, tiles: 0, measured: true }]));
  const choose = ({ name }: { name: string }, candidates: readonly Candidate[]) =>
    name === NODE ? candidates.filter(fits).reduce((a, b) => (b.cost < a.cost ? b : a)) : undefined;
  return kernelOf(compileGraph(graph, options, { zeros, choose }).bytes, NODE, Math.random);
}

/** Exactly this share of zeros, at random places. */
function withZeros(length: number, share: number): Float32Array {
  const zeros = Math.round(length * share);
  const order = Array.from({ length }, (_, i) => i).sort(() => Math.random() - 0.5);
  const x = Float32Array.from({ length }, () => Math.random() + 0.1);
  for (const i of order.slice(0, zeros)) x[i] = 0;
  return x;
}

/** Runs a kernel on one input after the other; up to `limit` live ones of them by their columns. */
function feeding(kernel: Kernel, fed: readonly Float32Array[], limit?: number): () => void {
  const view = new DataView(kernel.memory.buffer);
  const skips = kernel.records.filter(({ op }) => op === OP_SKIP);
  let turn = 0;
  return () => {
    for (const { at } of skips) view.setUint32(at + SKIP_LIMIT, limit!, true);
    kernel.input.set(fed[turn++ % fed.length]);
    kernel.run();
  };
}
