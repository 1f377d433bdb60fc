import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';

/** Blocks of outputs x inputs that are zero or not as one, from fine to coarse. */
export const SITE_PATTERNS = ['unstructured', '2x1', '4x1', '8x1', '16x1', '32x1', '1x4'] as const;
export type SitePattern = (typeof SITE_PATTERNS)[number];

/** A single layer to measure kernels with. */
export interface Site {
  /** `conv 1x1 512 > 512, 14 x 14` */
  name: string;
  /** Whether its weights can have zeros. */
  sparse: boolean;
  /** Share of zeros in its input, for kernels that skip them. */
  zeros?: number;
  graph(sparsity: number, pattern: SitePattern): Graph;
}

/** Name of the node that is measured. */
export const NODE = 'layer';

/** Random numbers in -0.5 to 0.5 from Lehmer's generator, the same each time. */
function numbers(count: number): Float32Array {
  const values = new Float32Array(count);
  let state = 48271;
  for (let i = 0; i < count; i++) {
    state = (state * 48271) % 0x7fffffff;
    values[i] = state / 0x7fffffff - 0.5;
  }
  return values;
}

/** Weights of `rows` outputs and `columns` inputs; every block is kept or not by chance. */
export function weights(rows: number, columns: number, sparsity: number, pattern: SitePattern): Float32Array {
  const data = numbers(rows * columns);
  const [height, width] = pattern === 'unstructured' ? [1, 1] : pattern.split('x').map(Number);
  const groups = Math.ceil(rows / height);
  const draws = numbers(groups * columns * 2).subarray(groups * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (draws[Math.floor(row / height) * columns + column - (column % width)] + 0.5 < sparsity / 100)
        data[row * columns + column] = 0;
    }
  }
  return data;
}

interface Shape {
  c: number;
  m: number;
  size: number;
  kernel?: number;
  stride?: number;
}

export function conv({ c, m, size, kernel = 1, stride = 1 }: Shape): Site {
  const half = (kernel - 1) / 2;
  return {
    name: `conv ${kernel}x${kernel}${stride > 1 ? ` / ${stride}` : ''} ${c} > ${m}, ${size} x ${size}`,
    sparse: true,
    graph: (sparsity, pattern) =>
      layer([1, c, size, size], (g, x) =>
        g.conv(
          x,
          { data: weights(m, c * kernel * kernel, sparsity, pattern), dims: [m, c, kernel, kernel] },
          numbers(m),
          { name: NODE, kernel_shape: [kernel, kernel], pads: [half, half, half, half], strides: [stride, stride] },
        ),
      ),
  };
}

export const depthwise = (c: number, size: number, stride: number): Site => ({
  name: `depthwise 3x3${stride > 1 ? ` / ${stride}` : ''} ${c}, ${size} x ${size}`,
  sparse: false,
  graph: () =>
    layer([1, c, size, size], (g, x) =>
      g.conv(x, { data: weights(c, 9, 0, 'unstructured'), dims: [c, 1, 3, 3] }, numbers(c), {
        name: NODE,
        group: c,
        kernel_shape: [3, 3],
        pads: [1, 1, 1, 1],
        strides: [stride, stride],
      }),
    ),
});

export const linear = (tokens: number, inputs: number, outputs: number, zeros?: number): Site => ({
  name: `linear ${inputs} > ${outputs}, ${tokens} row${tokens > 1 ? 's' : ''}${zeros === undefined ? '' : `, ${100 * zeros} % of the inputs zero`}`,
  sparse: true,
  zeros,
  graph: (sparsity, pattern) =>
    layer([tokens, inputs], (g, x) =>
      g.gemm(x, { data: weights(outputs, inputs, sparsity, pattern), dims: [outputs, inputs] }, numbers(outputs), {
        name: NODE,
      }),
    ),
});

const other = (name: string, dims: number[], build: (g: GraphBuilder, x: string) => string): Site => ({
  name,
  sparse: false,
  graph: () => layer(dims, build),
});

function layer(dims: number[], build: (g: GraphBuilder, x: string) => string): Graph {
  const g = new GraphBuilder('site');
  g.output(build(g, g.input('x', 'float32', dims)), 'y');
  return g.build();
}

/** Layers of the benchmark's networks, and what stands between them. */
export const SITES: readonly Site[] = [
  conv({ c: 32, m: 64, size: 112 }),
  conv({ c: 128, m: 128, size: 56 }),
  conv({ c: 256, m: 256, size: 28 }),
  conv({ c: 512, m: 512, size: 14 }),
  conv({ c: 1024, m: 1024, size: 7 }),
  conv({ c: 64, m: 64, size: 56, kernel: 3 }),
  conv({ c: 256, m: 256, size: 14, kernel: 3 }),
  conv({ c: 512, m: 512, size: 7, kernel: 3 }),
  conv({ c: 128, m: 128, size: 56, kernel: 3, stride: 2 }),
  conv({ c: 3, m: 32, size: 224, kernel: 3, stride: 2 }),
  linear(1, 784, 300),
  linear(1, 768, 3072),
  linear(1, 2048, 2048),
  linear(1, 3072, 768),
  linear(128, 768, 3072),
  linear(128, 3072, 768),
  depthwise(32, 112, 1),
  depthwise(64, 112, 2),
  depthwise(256, 28, 1),
  depthwise(512, 14, 1),
  depthwise(1024, 7, 1),
  other('max pool 3x3 / 2 64, 112 x 112', [1, 64, 112, 112], (g, x) =>
    g.maxPool(x, [3, 3], { name: NODE, strides: [2, 2], pads: [1, 1, 1, 1] }),
  ),
  other('max pool 2x2 / 2 128, 112 x 112', [1, 128, 112, 112], (g, x) =>
    g.maxPool(x, [2, 2], { name: NODE, strides: [2, 2] }),
  ),
  other('global average pool 1024, 7 x 7', [1, 1024, 7, 7], (g, x) =>
    g.node('GlobalAveragePool', [x], {}, undefined, NODE),
  ),
  other('softmax 1000', [1, 1000], (g, x) => g.node('Softmax', [x], { axis: -1 }, undefined, NODE)),
  other('relu 128 x 768', [128, 768], (g, x) => g.node('Relu', [x], {}, undefined, NODE)),
];
