import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { sizeOf, Tensor } from '../../src/tensor.ts';
import { mulberry32, seedOf } from './case_graph.ts';

export interface Site {
  name: string;
  graph: Graph;
  feeds: Record<string, Tensor>;
}

const COLUMNS = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 23, 24, 25, 27, 28, 29, 31, 32, 33, 51, 52, 53, 57, 105];
const ROWS = [1, 2, 3, 4, 5, 7, 8, 9];
const DEPTHS = [0, 1, 3, 4, 5, 8, 9, 17];
const DENSITIES = [0, 0.1, 1];

/** Weights of a share of non-zeros; at density 1 one zero remains, so that sparse formats take them too. */
function weights(dims: number[], density: number, random: () => number): Tensor {
  const data = Float32Array.from({ length: sizeOf(dims) }, () => {
    const keep = random() < density;
    const x = random() * 2 - 1;
    return keep ? x : 0;
  });
  if (density === 1 && data.length > 1) data[data.length >> 1] = 0;
  return new Tensor('float32', data, dims);
}

interface Parts {
  g: GraphBuilder;
  x: string;
  random: () => number;
}

/** A graph of one input `x`; `make` returns its output. */
function site(name: string, dims: number[], make: (parts: Parts) => string): Site {
  const random = mulberry32(seedOf(name));
  const g = new GraphBuilder(name);
  const x = g.input('x', 'float32', dims);
  g.output(make({ g, x, random }));
  const data = Float32Array.from({ length: sizeOf(dims) }, () => random() * 2 - 1);
  return { name, graph: g.build(), feeds: { x: new Tensor('float32', data, dims) } };
}

/** Every width with every number of rows, the depth taking turns, at every density. */
function* shapes(): Generator<{ columns: number; rows: number; depth: number; density: number }> {
  let turn = 0;
  for (const columns of COLUMNS) {
    for (const rows of ROWS) {
      for (const density of DENSITIES) yield { columns, rows, depth: DEPTHS[turn % DEPTHS.length], density };
      turn++;
    }
    // An odd number of turns a row, so that every depth meets every width and every number of rows.
    turn++;
  }
}

const biasOf = (rows: number, random: () => number): Float32Array =>
  Float32Array.from({ length: rows }, () => random() - 0.5);

function* linear(): Generator<Site> {
  for (const { columns, rows, depth, density } of shapes()) {
    const label = `${rows}x${depth}x${columns} density ${density}`;
    yield site(`conv 1x1 ${label}`, [1 + (rows % 2), depth, 1, columns], ({ g, x, random }) =>
      g.conv(x, weights([rows, depth, 1, 1], density, random), biasOf(rows, random)),
    );
    yield site(`gemm ${label}`, [columns, depth], ({ g, x, random }) =>
      g.gemm(x, weights([rows, depth], density, random), biasOf(rows, random)),
    );
  }
}

/** As many outputs as dense tiles of six and twelve rows take, with and without an addend, in one slice and in several. */
function* tall(): Generator<Site> {
  for (const columns of [1, 4, 5, 8, 9, 13, 49]) {
    for (const rows of [11, 12, 13, 16, 24, 25, 36, 130]) {
      const label = `${rows}x${rows}x${columns}`;
      yield site(`residual conv 1x1 ${label}`, [1 + (rows % 2), rows, 1, columns], ({ g, x, random }) =>
        g.node('Add', [g.conv(x, weights([rows, rows, 1, 1], 1, random), biasOf(rows, random)), x]),
      );
      yield site(`tall gemm ${label}`, [columns, 9], ({ g, x, random }) =>
        g.gemm(x, weights([rows, 9], 1, random), biasOf(rows, random)),
      );
    }
  }
}

/** Layers of so many channels or weights that they are cut into slices and chunks. */
function* long(): Generator<Site> {
  for (const density of DENSITIES) {
    for (const [rows, depth, columns] of [
      [1, 257, 1],
      [3, 512, 5],
      [5, 513, 29],
      [9, 600, 53],
      [70, 1030, 9],
      [1001, 257, 3],
      [1, 66000, 2],
    ]) {
      const label = `${rows}x${depth}x${columns} density ${density}`;
      yield site(`conv 1x1 ${label}`, [2, depth, 1, columns], ({ g, x, random }) =>
        g.conv(x, weights([rows, depth, 1, 1], density, random), biasOf(rows, random)),
      );
      yield site(`gemm ${label}`, [columns, depth], ({ g, x, random }) =>
        g.gemm(x, weights([rows, depth], density, random), biasOf(rows, random)),
      );
    }
    const attrs = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
    yield site(`conv 3x3 density ${density}`, [1, 129, 5, 6], ({ g, x, random }) =>
      g.conv(x, weights([6, 129, 3, 3], density, random), biasOf(6, random), attrs),
    );
  }
}

const HEIGHTS = [1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 65];
const INPUTS = [0, 1, 2, 3, 4, 5, 8, 9, 12, 16, 17, 20, 36];

/** One vector, or three where every block row is full, times block rows of every height with 0, 1, … blocks. */
function* vectors(): Generator<Site> {
  for (const rows of HEIGHTS) {
    for (const depth of INPUTS) {
      for (const density of DENSITIES) {
        const batch = rows % 32 === 0 ? 3 : 1;
        yield site(`gemm ${rows}x${depth}x${batch} density ${density}`, [batch, depth], ({ g, x, random }) =>
          g.gemm(x, weights([rows, depth], density, random), biasOf(rows, random)),
        );
      }
    }
  }
}

function* windows(): Generator<Site> {
  for (const columns of COLUMNS) {
    for (const stride of [1, 2]) {
      const width = (columns - 1) * stride + 1;
      const attrs = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [stride, stride] };
      for (const rows of [1, 3, 4, 6, 9]) {
        for (const density of [0.1, 1]) {
          yield site(
            `conv 3x3 stride ${stride} ${rows}x${columns} density ${density}`,
            [1, 3, 4, width],
            ({ g, x, random }) => g.conv(x, weights([rows, 3, 3, 3], density, random), biasOf(rows, random), attrs),
          );
        }
      }
      yield site(`depthwise stride ${stride} ${columns}`, [2, 3, 4, width], ({ g, x, random }) =>
        g.conv(x, weights([3, 1, 3, 3], 1, random), biasOf(3, random), { ...attrs, group: 3 }),
      );
      for (const kernel of [2, 3]) {
        const options = { strides: [stride, stride], pads: [1, 1, 0, 1] };
        const size = [kernel, kernel];
        const dims = [1, 2, 5, width];
        yield site(`max pool ${kernel} stride ${stride} ${columns}`, dims, ({ g, x }) => g.maxPool(x, size, options));
        yield site(`average pool ${kernel} stride ${stride} ${columns}`, dims, ({ g, x }) =>
          g.averagePool(x, size, options),
        );
      }
    }
  }
}

function* products(): Generator<Site> {
  let turn = 0;
  for (const columns of COLUMNS) {
    for (const rows of ROWS) {
      const depth = DEPTHS[turn++ % DEPTHS.length];
      const built = site(`matmul ${rows}x${depth}x${columns}`, [2, rows, depth], ({ g, x }) =>
        g.matMul(x, g.input('y', 'float32', [depth, columns])),
      );
      const random = mulberry32(turn);
      const data = Float32Array.from({ length: depth * columns }, () => random() * 2 - 1);
      yield { ...built, feeds: { ...built.feeds, y: new Tensor('float32', data, [depth, columns]) } };
    }
    turn++;
  }
}

/** Linear, windowed and run-time products with sizes on both sides of every tile edge. */
export const SWEEPS: readonly [name: string, sites: () => Generator<Site>][] = [
  ['1x1 convolutions and fully connected layers', linear],
  ['layers of many outputs', tall],
  ['long 1x1 convolutions and fully connected layers', long],
  ['fully connected layers of few vectors', vectors],
  ['windows', windows],
  ['products of two run-time operands', products],
];
