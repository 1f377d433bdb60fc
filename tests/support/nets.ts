import { compileGraph } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import type { Tensor } from '../../src/tensor.ts';
import { mulberry32 } from './case_graph.ts';
import { randomTensor } from './graphs.ts';

/** Random weights of which about `density` are not zero. */
export function sparseTensor(dims: readonly number[], density: number, seed: number): Tensor {
  const random = mulberry32(seed);
  const tensor = randomTensor(dims, seed);
  for (let i = 0; i < tensor.size; i++) if (random() >= density) tensor.data[i] = 0;
  return tensor;
}

/** `[batch, 12]` -> Gemm, Relu -> Gemm, Softmax: `[batch, 5]`. */
export function mlp(density = 0.3): Graph {
  const g = new GraphBuilder('mlp');
  const x = g.input('x', 'float32', ['batch', 12]);
  const h = g.relu(g.gemm(x, sparseTensor([9, 12], density, 1), randomTensor([9], 2)));
  g.output(g.softmax(g.gemm(h, sparseTensor([5, 9], density, 3), randomTensor([5], 4))), 'y');
  return g.build();
}

/** `[1, 3, 8, 9]` -> padded 3x3 Conv, Relu -> strided Conv -> mean: `[1, 6, 1, 1]`. */
export function cnn(): Graph {
  const g = new GraphBuilder('cnn');
  const x = g.input('x', 'float32', [1, 3, 8, 9]);
  const attrs = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  const h = g.relu(g.conv(x, sparseTensor([4, 3, 3, 3], 0.3, 1), randomTensor([4], 2), attrs));
  const z = g.conv(h, sparseTensor([6, 4, 3, 3], 0.3, 3), randomTensor([6], 4), { ...attrs, strides: [2, 2] });
  g.output(g.globalAveragePool(g.relu(z)), 'y');
  return g.build();
}

export const mlpPackage = (rows: readonly number[] = [1]): Uint8Array =>
  compileGraph(mlp(), { shapes: rows.map((n) => ({ x: [n, 12] })) }).bytes;

export const cnnPackage = (): Uint8Array => compileGraph(cnn()).bytes;

/**
 * `last` hangs on an If in an If, whose conditions `c` and `d` are fed, and can be had without by the head `early` (2 rows of 5 classes) of
 * the first layer.
 */
export function branchesAndExits(): Graph {
  const g = new GraphBuilder('branches');
  const layer = (x: string, out: number, seed: number, name: string) =>
    g.gemm(x, randomTensor([out, 12], seed), randomTensor([out], seed + 1), { name });
  const x = g.input('x', 'float32', [2, 12]);
  const c = g.input('c', 'bool', []);
  const d = g.input('d', 'bool', [1]);
  const first = g.relu(layer(x, 12, 1, 'first'));
  const both = g.relu(layer(first, 12, 11, 'both'));
  const inner = g.node('If', [d, layer(both, 12, 3, 'inner then'), g.node('Sigmoid', [both])], {}, undefined, 'inner');
  const y = g.node('If', [c, layer(first, 12, 5, 'outer then'), inner], {}, undefined, 'outer');
  g.output(layer(y, 5, 7, 'head'), 'last');
  g.output(layer(first, 5, 9, 'early head'), 'early');
  return g.build();
}
