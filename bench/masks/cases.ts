import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import type { MaskOptions } from '../../src/passes/mask_options.ts';
import { Tensor } from '../../src/tensor.ts';
import { normals, seedOf } from '../nets/random.ts';

/** A region under a mask. */
export interface MaskCase {
  id: string;
  title: string;
  side: number;
  channels: number;
  graph(): Graph;
}

function unit(side: number): Graph {
  const [outer, inner] = [256, 64];
  const g = new GraphBuilder('unit');
  const x = g.input('x', 'float32', [1, outer, side, side]);
  const a = g.relu(g.conv(x, weights([inner, outer, 1, 1]), bias(inner)));
  const b = g.relu(g.conv(a, weights([inner, inner, 3, 3]), bias(inner), PADDED));
  g.output(g.relu(g.add(g.conv(b, weights([outer, inner, 1, 1]), bias(outer)), x)), 'y');
  return g.build();
}

function convolution(side: number): Graph {
  const g = new GraphBuilder('convolution');
  const x = g.input('x', 'float32', [1, 64, side, side]);
  g.output(g.relu(g.conv(x, weights([64, 64, 3, 3]), bias(64), PADDED)), 'y');
  return g.build();
}

const PADDED = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

/** He initialisation. */
function weights(dims: number[]): Tensor {
  const [rows, ...rest] = dims;
  const width = rest.reduce((product, d) => product * d, 1);
  const deviation = Math.sqrt(2 / width);
  return new Tensor(
    'float32',
    normals(rows * width, seedOf(dims.join())).map((x) => x * deviation),
    dims,
  );
}

const bias = (length: number): Float32Array => normals(length, seedOf(String(length))).map((x) => x / 10);

export const MASK_CASES: readonly MaskCase[] = [
  ...[56, 64].map((side) => ({
    id: `unit-${side}`,
    title: `Residual unit 256-64-64-256, ${side} x ${side}`,
    side,
    channels: 256,
    graph: () => unit(side),
  })),
  { id: 'conv-128', title: '3x3, 64 to 64, 128 x 128', side: 128, channels: 64, graph: () => convolution(128) },
];

/** The mask over all nodes of a case. */
export const maskOf = (graph: Graph, block: number): MaskOptions => ({
  nodes: graph.nodes.filter(({ op }) => op !== 'Identity').map(({ name }) => name),
  mask: { input: 'mask' },
  block,
});

/** A mask of `active` blocks, evenly spread. */
export function maskTensor(side: number, block: number, active: number): Tensor {
  const grid = Math.ceil(side / block);
  const on = new Set(Array.from({ length: active }, (_, i) => Math.floor(((i + 0.5) * grid * grid) / active)));
  const data = Float32Array.from({ length: side * side }, (_, at) => {
    const [y, x] = [Math.floor(at / side), at % side];
    return on.has(Math.floor(y / block) * grid + Math.floor(x / block)) ? 1 : 0;
  });
  return new Tensor('float32', data, [1, 1, side, side]);
}
