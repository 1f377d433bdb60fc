import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { compileGraph, importOnnx } from '../../src/compile.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { gatherStats } from '../../src/prune/calibration.ts';
import { layersOf, shadowOf, weightsOf, withWeights } from '../../src/prune/layers.ts';
import { seededRandom } from '../../src/prune/random.ts';
import type { ScoreContext } from '../../src/prune/types.ts';
import { load } from '../../src/runtime/load.ts';
import { Tensor } from '../../src/tensor.ts';
import { argmax, digitsOf, normalised } from '../lib/mnist.ts';
import { networks } from '../lib/networks.ts';

export const NETWORKS = ['lenet300', 'lenet5'] as const;
export type NetworkName = (typeof NETWORKS)[number];

const BATCH = 250;
const CLASSES = 10;
const SIDE = 28;

const { normalisation } = networks[0];

/** A dense network with what calibration says of its layers. */
export interface Subject {
  layers: ScoreContext[];
  /** Test digits that the network gets right with other weights in its layers, in the order of `layers`. */
  correct(weights: readonly Float32Array[]): Promise<number>;
}

const images = (set: 'train' | 'test', indices: readonly number[]): Float32Array =>
  normalised(digitsOf(set), indices, normalisation);

/** A dense network of the fixtures, and `samples` training digits, evenly spread over the set, with their labels. */
export function openNetwork(
  name: string,
  samples: number,
): { graph: Graph; data: Record<string, Tensor>; labels: number[] } {
  const file = new URL(`../../tests/fixtures/dense/${name}.dynamic.onnx.gz`, import.meta.url);
  const graph = importOnnx(new Uint8Array(gunzipSync(readFileSync(file))), `${name}.onnx`);
  const { count, labels } = digitsOf('train');
  const chosen = Array.from({ length: samples }, (_, i) => Math.floor((i * count) / samples));
  const data = { [graph.inputs[0]]: new Tensor('float32', images('train', chosen), [samples, 1, SIDE, SIDE]) };
  return { graph, data, labels: chosen.map((i) => labels[i]) };
}

/** @param samples training digits that calibrate */
export async function openSubject(name: NetworkName, samples: number): Promise<Subject> {
  const { graph, data } = openNetwork(name, samples);
  const layers = layersOf(graph, shadowOf(graph));
  const stats = await gatherStats(graph, layers, data, { gram: true });
  return {
    layers: layers.map((layer) => ({
      layer,
      weights: weightsOf(layer, graph),
      stats: stats.get(layer.name)!,
      random: seededRandom(1),
    })),
    correct(weights) {
      const own = new Map(layers.map((layer, i) => [layer.name, weights[i]]));
      return correctOf(withWeights(graph, layers, own));
    },
  };
}

/** How many of the 10,000 test digits a network gets right. */
export async function correctOf(graph: Graph): Promise<number> {
  const [input] = graph.inputs;
  const dims = [BATCH, 1, SIDE, SIDE];
  const model = await load(compileGraph(graph, { shapes: { [input]: dims }, skip: 'off' }).bytes);
  const { count, labels } = digitsOf('test');
  let correct = 0;
  for (let first = 0; first < count; first += BATCH) {
    const batch = images('test', Array.from({ length: BATCH }, (_, i) => first + i)); // biome-ignore format: one line
    const { data } = model.runSync({ [input]: new Tensor('float32', batch, dims) })[graph.outputs[0]];
    for (let i = 0; i < BATCH; i++)
      if (argmax(data as Float32Array, i * CLASSES, CLASSES) === labels[first + i]) correct++;
  }
  model.dispose();
  return correct;
}
