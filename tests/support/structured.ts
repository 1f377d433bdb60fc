import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import * as assert from 'uvu/assert';
import { exportOnnx } from '../../src/compile.ts';
import { cloneGraph } from '../../src/graph/edit.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { shadowOf } from '../../src/prune/layers.ts';
import type { Removal } from '../../src/prune/structured.ts';
import { Tensor } from '../../src/tensor.ts';
import { randomTensor } from './graphs.ts';

/** Output `y` of a graph for `batch` random samples of its input `x`, by onnxruntime. */
export async function outputOf(graph: Graph, batch = 2): Promise<Float32Array> {
  const session = await InferenceSession.create(exportOnnx(graph), { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const dims = (shadowOf(graph).values.get('x')!.dims as number[]).with(0, batch);
  const out = await session.run({ x: new OrtTensor('float32', randomTensor(dims, 99).data as Float32Array, dims) });
  await session.release();
  return out.y.data as Float32Array;
}

/** The graph with zeros in every constant where a channel of the removals stands; divisors stay. */
export function masked(graph: Graph, removals: readonly Removal[]): Graph {
  const copy = cloneGraph(graph);
  for (const { group, channels } of removals) {
    for (const { value, axis, node, indices } of group.members) {
      const reader = copy.nodes.find(({ name }) => name === node);
      if (!reader || (reader.op === 'Div' && reader.inputs[1] === value)) continue;
      const { constant } = copy.values.get(value)!;
      const { dims, data, type } = constant!;
      const inner = dims.slice(axis + 1).reduce((product, d) => product * d, 1);
      const gone = new Set(channels.flatMap((c) => indices[c]));
      const zeroed = (data as Float32Array).map((x, i) => (gone.has(Math.floor(i / inner) % dims[axis]) ? 0 : x));
      copy.values.get(value)!.constant = new Tensor(type, zeroed, dims);
    }
  }
  return copy;
}

/** Largest difference, relative to the largest element. */
export function expectSame(actual: Float32Array, expected: Float32Array, tolerance = 1e-6): void {
  assert.is(actual.length, expected.length);
  const largest = Math.max(1, ...expected.map(Math.abs));
  const error = Math.max(...actual.map((x, i) => Math.abs(x - expected[i]))) / largest;
  assert.ok(error <= tolerance, `removed and masked differ by ${error}`);
}
