import { type CompileOptions, compileGraph } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { load } from '../../src/runtime/load.ts';
import { Tensor } from '../../src/tensor.ts';
import { alternate } from '../lib/alternate.ts';
import { relativeError } from '../lib/stats.ts';
import { BRANCH_VARIANCE } from '../nets/builder.ts';
import { normals } from '../nets/random.ts';
import type { Stack } from './results.ts';

export const STACK = { layers: 12, width: 768, hidden: 3072, zeros: 90 };

interface Signal {
  name: string;
  data: Float32Array;
}

/** `layers` times `x + W2 relu(W1 x + b)`, the bias such that on the input `x` exactly `zeros` per cent of the hidden elements are 0. */
export function stackGraph({ layers, width, hidden, zeros }: typeof STACK, x: Float32Array): Graph {
  const g = new GraphBuilder('stack');
  let signal: Signal = { name: g.input('x', 'float32', [1, width]), data: x };
  for (let i = 0; i < layers; i++) {
    const first = normals(hidden * width, 2 * i + 1).map((w) => w / Math.sqrt(width));
    const sums = product(first, signal.data);
    const bias = -quantile(sums, zeros / 100);
    const active = sums.map((v) => Math.max(0, v + bias));
    const name = g.relu(g.gemm(signal.name, matrix(first, hidden, width), new Float32Array(hidden).fill(bias)));
    const second = normals(width * hidden, 2 * i + 2);
    const raw = product(second, active);
    const scale = Math.sqrt(BRANCH_VARIANCE / (raw.reduce((sum, v) => sum + v * v, 0) / width));
    const scaled = second.map((w) => w * scale);
    const before = signal.data;
    signal = {
      name: g.add(signal.name, g.gemm(name, matrix(scaled, width, hidden))),
      data: raw.map((v, i) => before[i] + v * scale),
    };
  }
  g.output(signal.name, 'y');
  return g.build();
}

const matrix = (data: Float32Array, rows: number, cols: number) => ({ data, dims: [rows, cols] });

function product(w: Float32Array, x: Float32Array): Float32Array {
  return Float32Array.from({ length: w.length / x.length }, (_, r) => {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += w[r * x.length + i] * x[i];
    return sum;
  });
}

const quantile = (values: Float32Array, share: number): number =>
  values.slice().sort()[Math.min(values.length - 1, Math.floor(values.length * share))];

/** The stack with skipping and without, in turn. */
export async function measureStack(seconds: number, options = STACK): Promise<Stack> {
  const x = normals(options.width, 0);
  const graph = stackGraph(options, x);
  const packages = (['auto', 'off'] as const).map(
    (skip: CompileOptions['skip']) => compileGraph(graph, { skip }).bytes,
  );
  const [on, off] = await Promise.all(packages.map((bytes) => load(bytes)));
  const feeds = { x: new Tensor('float32', x, [1, options.width]) };
  const [a, b] = [on, off].map((model) => model.runSync(feeds).y.data as Float32Array);
  const steps = on.profile(feeds).filter(({ dynamic }) => dynamic);
  const live = steps.reduce((sum, step) => sum + step.live!, 0);
  const total = steps.reduce((sum, step) => sum + step.dynamic!.total, 0);
  const times = await alternate(
    { on: () => on.runSync(feeds), off: () => off.runSync(feeds) },
    { budgetMs: seconds * 1000, leastRounds: 20 },
  );
  on.dispose();
  off.dispose();
  return {
    layers: options.layers,
    zeros: 100 * (1 - live / total),
    ...times,
    error: relativeError(a, b),
    bytes: { on: packages[0].length, off: packages[1].length },
  };
}
