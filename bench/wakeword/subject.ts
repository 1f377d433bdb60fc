import { compileGraph, importOnnx } from '../../src/compile.ts';
import { cloneGraph } from '../../src/graph/edit.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { OPS } from '../../src/ops/index.ts';
import { deadCode } from '../../src/passes/dead_code.ts';
import { gatherStats } from '../../src/prune/calibration.ts';
import { layersOf, shadowOf, weightsOf, withWeights } from '../../src/prune/layers.ts';
import { Evaluator } from '../../src/prune/metric.ts';
import { seededRandom } from '../../src/prune/random.ts';
import type { ScoreContext } from '../../src/prune/types.ts';
import { load } from '../../src/runtime/load.ts';
import { Tensor } from '../../src/tensor.ts';
import { relativeError } from '../lib/stats.ts';
import { embeddingInputs, type Features, headInputs, modelBytes } from './features.ts';
import type { Point, WakewordName } from './results.ts';

/** A network, what calibration says of its layers, and its error with other weights. */
export interface Subject {
  /** The network as the package ships it. */
  graph: Graph;
  onnxBytes: number;
  layers: ScoreContext[];
  /** One held-out input. */
  sample: Tensor;
  samples: { calibration: number; heldOut: number };
  /** The network with other weights in its layers, in the order of `layers`. */
  with(weights: readonly Float32Array[]): Graph;
  error(weights: readonly Float32Array[]): Promise<Omit<Point, 'sparsity'>>;
}

/** Rows of the second tensor stay behind; a step apart, neighbouring windows being nearly the same. */
const STEPS = { head: 1, embedding: 12 };

export const fileOf = (name: WakewordName): string => (name === 'embedding' ? 'embedding_model' : `${name}_v0.1`);

/**
 * The graph in front of its first Sigmoid or Softmax: scores of audio without a wake word lie at 0, where errors do not show. Of `hey_jarvis`
 * that leaves the detector; the verifier behind it runs only on what the detector has found.
 */
export function untilScores(graph: Graph): Graph {
  const cut = cloneGraph(graph);
  const scores = cut.nodes.find(({ op }) => op === 'Sigmoid' || op === 'Softmax');
  if (!scores) return cut;
  cut.outputs = [scores.inputs[0]];
  deadCode.run(cut, { ops: OPS, shapes: {}, values: {} });
  return cut;
}

export async function openSubject(name: WakewordName, calibration: Features, heldOut: Features): Promise<Subject> {
  const bytes = modelBytes(fileOf(name));
  const graph = importOnnx(bytes, `${fileOf(name)}.onnx`);
  const cut = untilScores(graph);
  const [input] = graph.inputs;
  const rows = graph.values.get(input)!.dims![1] as number;
  const inputs = (features: Features): Tensor =>
    name === 'embedding' ? embeddingInputs(features, STEPS.embedding) : headInputs(features, rows, STEPS.head);
  const [own, other] = [inputs(calibration), inputs(heldOut)];
  const layers = layersOf(cut, shadowOf(cut));
  const stats = await gatherStats(cut, layers, { [input]: own }, { gram: true });
  const data = { [input]: other };
  const evaluator = await Evaluator.of(cut, data);
  const expected = await outputsOf(cut, other);
  const weighted = (weights: readonly Float32Array[]) => new Map(layers.map((layer, i) => [layer.name, weights[i]]));
  return {
    graph,
    onnxBytes: bytes.length,
    layers: layers.map((layer) => ({
      layer,
      weights: weightsOf(layer, cut),
      stats: stats.get(layer.name)!,
      random: seededRandom(1),
    })),
    sample: rowOf(other, other.dims[0] >> 1),
    samples: { calibration: own.dims[0], heldOut: other.dims[0] },
    with: (weights) => withWeights(graph, layers, weighted(weights)),
    async error(weights) {
      const pruned = withWeights(cut, layers, weighted(weights));
      const { mse } = await evaluator.of(pruned);
      return { error: relativeError(await outputsOf(pruned, other), expected), mse };
    },
  };
}

function rowOf({ data, dims }: Tensor, row: number): Tensor {
  const size = data.length / dims[0];
  return new Tensor('float32', (data as Float32Array).slice(row * size, (row + 1) * size), [1, ...dims.slice(1)]);
}

/** The first output for each row of `inputs`, one behind the other. */
async function outputsOf(graph: Graph, inputs: Tensor): Promise<Float32Array> {
  const model = await load(compileGraph(graph, { sparse: 'off', target: 'simd' }).bytes);
  const rows = Array.from({ length: inputs.dims[0] }, (_, row) => {
    const out = model.runSync({ [graph.inputs[0]]: rowOf(inputs, row) });
    return out[graph.outputs[0]].data as Float32Array;
  });
  model.dispose();
  const all = new Float32Array(rows.length * rows[0].length);
  rows.forEach((row, i) => {
    all.set(row, i * row.length);
  });
  return all;
}
