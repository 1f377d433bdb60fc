import type { BenchNet } from '../../bench/nets/index.ts';
import { normals, seedOf } from '../../bench/nets/random.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { exportOnnx } from '../../src/onnx/export.ts';
import { sizeOf } from '../../src/tensor.ts';

/** A network of a test in the form of the benchmark's. */
export function tinyNet(id: string, dims: number[], make: (g: GraphBuilder, x: string) => string): BenchNet {
  const graph = (): Graph => {
    const g = new GraphBuilder(id);
    g.output(make(g, g.input('in', 'float32', dims)), 'out');
    return g.build();
  };
  return {
    name: 'lenet300',
    sparsity: 75,
    pattern: 'unstructured',
    id,
    input: { name: 'in', dims },
    output: { name: 'out' },
    graph,
    onnx: () => exportOnnx(graph()),
    onnxFile: () => {
      throw new Error('it has no file');
    },
    data: () => normals(sizeOf(dims), seedOf(`${id} input`)),
  };
}

/** Normal weights of which a share is zero. */
export function weights(seed: string, dims: number[], zeros: number): { data: Float32Array; dims: number[] } {
  const drawn = normals(2 * sizeOf(dims), seedOf(seed));
  const scale = Math.sqrt(dims[0] / sizeOf(dims) / (1 - zeros));
  const order = [...drawn.subarray(0, sizeOf(dims)).keys()].sort(
    (a, b) => drawn[sizeOf(dims) + a] - drawn[sizeOf(dims) + b],
  );
  const data = drawn.slice(0, sizeOf(dims)).map((w) => w * scale);
  for (const i of order.slice(0, Math.round(zeros * order.length))) data[i] = 0;
  return { data, dims };
}

const bias = (seed: string, outs: number): Float32Array => normals(outs, seedOf(seed)).map((b) => 0.3 * b);

const pads = (n: number) => [n, n, n, n];

/** Strides, paddings of all kinds, ReLU6, a residual and a mean at the end: what MobileNets and ResNets are made of. */
export const residualNet = tinyNet('residual', [1, 3, 20, 14], (g, x) => {
  const conv = (from: string, name: string, dims: number[], zeros: number, options: object) =>
    g.conv(from, weights(name, dims, zeros), bias(`${name} bias`, dims[0]), {
      kernel_shape: dims.slice(2),
      ...options,
    });
  let y = g.clip(conv(x, 'first', [16, 3, 3, 3], 0, { strides: [2, 2], pads: pads(1) }), 0, 6);
  y = g.clip(conv(y, 'depthwise', [16, 1, 3, 3], 0, { pads: pads(1), group: 16 }), 0, 6);
  y = g.relu(conv(y, 'wide', [24, 16, 1, 1], 0.75, {}));
  y = g.maxPool(y, [3, 3], { strides: [1, 1], pads: pads(1) });
  const branch = conv(g.relu(conv(y, 'down', [12, 24, 1, 1], 0.8, {})), 'up', [24, 12, 3, 3], 0.7, { pads: pads(1) });
  y = g.relu(g.add(y, branch));
  y = g.clip(conv(y, 'depthwise 2', [24, 1, 3, 3], 0, { strides: [2, 2], pads: pads(1), group: 24 }), 0, 6);
  y = conv(y, 'projection', [32, 24, 1, 1], 0.75, { strides: [2, 2] });
  return g.gemm(g.flatten(g.globalAveragePool(y)), weights('head', [10, 32], 0.75), bias('head bias', 10));
});

/** An image that is flattened, so that the order of its elements matters, and products without bias. */
export const flattenedNet = tinyNet('flattened', [1, 2, 9, 7], (g, x) => {
  let y = g.relu(
    g.conv(x, weights('c', [8, 2, 3, 3], 0.7), bias('c bias', 8), { kernel_shape: [3, 3], pads: pads(1) }),
  );
  y = g.flatten(g.maxPool(y, [2, 2], { strides: [2, 2] }));
  y = g.relu(g.gemm(y, weights('fc', [20, 8 * 4 * 3], 0.8), bias('fc bias', 20)));
  return g.add(y, g.matMul(y, weights('m', [20, 20], 0.75)));
});
