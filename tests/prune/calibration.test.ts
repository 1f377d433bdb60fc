import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { gatherStats } from '../../src/prune/calibration.ts';
import { layersOf, shadowOf } from '../../src/prune/layers.ts';
import type { Stats } from '../../src/prune/types.ts';
import { Tensor } from '../../src/tensor.ts';
import { randomTensor } from '../support/graphs.ts';
import { rejects } from '../support/rejects.ts';
import { valuesOf } from '../support/values.ts';

const ALL = { inputs: true, gram: true, outputs: true };

/** Stats of the only layer of a graph. */
async function statsOf(graph: Graph, data: Record<string, Tensor>, needs = ALL, options = {}): Promise<Stats> {
  const [layer] = layersOf(graph, shadowOf(graph));
  return (await gatherStats(graph, [layer], data, needs, options)).get(layer.name)!;
}

/** Whether statistics are those of columns of X, one list of groups of columns. */
function expectStats({ input }: Stats, groups: readonly (readonly number[][])[], what: string): void {
  const near = (a: number, b: number, name: string) =>
    assert.ok(Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(b)), `${what}: ${name}: expected ${b}, found ${a}`);
  assert.is(input!.count, groups[0].length, what);
  assert.is(input!.gram!.length, groups.length);
  groups.forEach((columns, g) => {
    const n = columns[0].length;
    for (let i = 0; i < n; i++) {
      near(input!.sums[g * n + i], columns.reduce((sum, x) => sum + x[i], 0), `sum ${i}`); // biome-ignore format: one line
      near(input!.squares[g * n + i], columns.reduce((sum, x) => sum + x[i] ** 2, 0), `square ${i}`); // biome-ignore format: one line
      for (let j = 0; j < n; j++)
        near(input!.gram![g][i * n + j], columns.reduce((sum, x) => sum + x[i] * x[j], 0), `gram ${i}, ${j}`); // biome-ignore format: one line
    }
  });
}

interface Window {
  kernel: [number, number];
  strides: [number, number];
  pads: [number, number, number, number];
  dilations: [number, number];
  group: number;
}

/** Every patch that a convolution reads, by group, from a plain loop over the definition. */
function patchesOf(x: Tensor, { kernel, strides, pads, dilations, group }: Window): number[][][] {
  const [n, c, h, w] = x.dims;
  const ins = c / group;
  const out = (size: number, k: number, s: number, d: number, pad: number) =>
    Math.floor((size + pad - ((k - 1) * d + 1)) / s) + 1;
  const oh = out(h, kernel[0], strides[0], dilations[0], pads[0] + pads[2]);
  const ow = out(w, kernel[1], strides[1], dilations[1], pads[1] + pads[3]);
  return Array.from({ length: group }, (_, g) => {
    const columns: number[][] = [];
    for (let image = 0; image < n; image++)
      for (let oy = 0; oy < oh; oy++)
        for (let ox = 0; ox < ow; ox++) {
          const column: number[] = [];
          for (let i = 0; i < ins; i++)
            for (let ky = 0; ky < kernel[0]; ky++)
              for (let kx = 0; kx < kernel[1]; kx++) {
                const y = oy * strides[0] - pads[0] + ky * dilations[0];
                const xx = ox * strides[1] - pads[1] + kx * dilations[1];
                const inside = y >= 0 && y < h && xx >= 0 && xx < w;
                column.push(inside ? Number(x.data[((image * c + g * ins + i) * h + y) * w + xx]) : 0);
              }
          columns.push(column);
        }
    return columns;
  });
}

const WINDOWS: Record<string, Window> = {
  plain: { kernel: [3, 3], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 },
  padded: { kernel: [3, 2], strides: [1, 1], pads: [1, 0, 2, 1], dilations: [1, 1], group: 1 },
  strided: { kernel: [3, 3], strides: [2, 3], pads: [1, 1, 1, 1], dilations: [1, 1], group: 1 },
  dilated: { kernel: [2, 3], strides: [1, 2], pads: [2, 2, 2, 2], dilations: [3, 2], group: 1 },
  grouped: { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], group: 2 },
  depthwise: { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1], group: 6 },
  'of many inputs': { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], group: 1 },
};

for (const [name, window] of Object.entries(WINDOWS)) {
  test(`the inputs of a ${name} convolution are its patches`, async () => {
    const channels = 6;
    const builder = new GraphBuilder();
    const x = builder.input('x', 'float32', ['batch', channels, 7, 8]);
    const { kernel, ...attrs } = window;
    const w = randomTensor([6, channels / window.group, ...kernel], 2);
    builder.output(builder.conv(builder.relu(x), w, undefined, { ...attrs, kernel_shape: kernel }));
    const graph = builder.build();
    const data = randomTensor([5, channels, 7, 8], 3);
    const positive = new Tensor('float32', (data.data as Float32Array).map((v) => Math.max(0, v)), data.dims); // biome-ignore format: one line
    expectStats(await statsOf(graph, { x: data }, ALL, { batch: 2 }), patchesOf(positive, window), name);
  });
}

test('the inputs of Gemm are rows, whichever way the weights lie, and columns with transA', async () => {
  for (const [transA, transB] of [
    [0, 1],
    [0, 0],
    [1, 1],
  ]) {
    // biome-ignore format: one line
    const builder = new GraphBuilder();
    const data = randomTensor(transA ? [60, 4] : [4, 60], 3);
    const x = builder.input('x', 'float32', data.dims);
    const w = builder.constant(randomTensor(transB ? [3, 60] : [60, 3], 2), 'w');
    builder.output(builder.node('Gemm', [x, w], { transA, transB }));
    const columns = Array.from({ length: 4 }, (_, n) =>
      Array.from({ length: 60 }, (_, i) => Number(data.data[transA ? i * 4 + n : n * 60 + i])),
    );
    expectStats(await statsOf(builder.build(), { x: data }), [columns], `transA ${transA}, transB ${transB}`);
  }
});

test('the inputs of MatMul of rank 3 are the rows of all its matrices', async () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', ['batch', 5, 4]);
  builder.output(builder.matMul(x, randomTensor([4, 3], 2)));
  const data = randomTensor([7, 5, 4], 3);
  const columns = Array.from({ length: 35 }, (_, n) => [...(data.data as Float32Array).subarray(n * 4, n * 4 + 4)]);
  expectStats(await statsOf(builder.build(), { x: data }), [columns], 'MatMul');
});

test('X X^T of several tiles is that of a plain loop', async () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', ['batch', 301]);
  builder.output(builder.gemm(x, randomTensor([2, 301], 2)));
  const data = randomTensor([300, 301], 3);
  const columns = Array.from({ length: 300 }, (_, n) => [...(data.data as Float32Array).subarray(n * 301, n * 301 + 301)]); // biome-ignore format: one line
  expectStats(await statsOf(builder.build(), { x: data }), [columns], 'tiles');
});

/** Convolution, batch normalisation, Relu, and a fully connected layer behind. */
function network(dims: (string | number)[] = ['batch', 2, 6, 6]): Graph {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', dims);
  const y = builder.conv(x, randomTensor([3, 2, 3, 3], 5), undefined, { name: 'conv', kernel_shape: [3, 3] });
  const z = builder.relu(builder.batchNormalization(y, [1, 2, 3], [0.1, -0.5, 0], [0, 0, 0.2], [1, 2, 1]));
  builder.output(builder.gemm(builder.flatten(z), randomTensor([4, 48], 6), undefined, { name: 'fc' }), 'out');
  return builder.build();
}

test('outputs are those of the activation behind the layer, by channel', async () => {
  const graph = network();
  const data = randomTensor([3, 2, 6, 6], 9);
  const stats = await gatherStats(graph, layersOf(graph, shadowOf(graph)), { x: data }, { outputs: true });
  const bound = shadowOf(graph, { x: [3, 2, 6, 6] });
  const relu = graph.nodes.find(({ op }) => op === 'Relu')!.outputs[0];
  const values = valuesOf(bound, { x: data });
  const { count, apoz, mean } = stats.get('conv')!.output!;
  assert.is(count, 3 * 16);
  for (let c = 0; c < 3; c++) {
    const own = [0, 1, 2].flatMap((n) => [...(values[relu].data as Float32Array).subarray((n * 3 + c) * 16, (n * 3 + c + 1) * 16)]); // biome-ignore format: one line
    assert.ok(own.some((v) => v === 0) && own.some((v) => v > 0));
    assert.is(apoz[c], own.filter((v) => v === 0).length / own.length);
    assert.ok(Math.abs(mean[c] - own.reduce((sum, v) => sum + v, 0) / own.length) < 1e-6);
  }
  assert.is(stats.get('conv')!.input, undefined, 'only what was asked for');
  const logits = values.out.data as Float32Array;
  assert.ok(Math.abs(stats.get('fc')!.output!.mean[1] - (logits[1] + logits[5] + logits[9]) / 3) < 1e-6);
});

test('batches change nothing, nor does a graph that takes none', async () => {
  const data = { x: randomTensor([9, 2, 6, 6], 9) };
  const run = async (graph: Graph, options = {}) =>
    gatherStats(graph, layersOf(graph, shadowOf(graph)), data, ALL, options);
  const single = await run(network(), { batch: 1 });
  for (const other of [await run(network(), { batch: 4 }), await run(network([1, 2, 6, 6]))]) {
    for (const [name, { input, output }] of single) {
      const own = other.get(name)!;
      assert.is(own.input!.count, input!.count);
      own.input!.gram![0].forEach((x, i) => {
        assert.ok(Math.abs(x - input!.gram![0][i]) <= 1e-4 * Math.max(1, Math.abs(x)));
      });
      assert.equal(own.output!.apoz, output!.apoz);
    }
  }
});

test('positions are a bounded draw from each image, the same for the same seed; without X X^T all count', async () => {
  const graph = network();
  const [layer] = layersOf(graph, shadowOf(graph));
  const data = { x: randomTensor([4, 2, 6, 6], 9) };
  const run = async (needs: object, options: object) =>
    (await gatherStats(graph, [layer], data, needs, options)).get('conv')!.input!;
  const first = await run({ gram: true }, { positions: 5, seed: 1 });
  assert.is(first.count, 20);
  assert.equal(await run({ gram: true }, { positions: 5, seed: 1 }), first);
  assert.not.equal(await run({ gram: true }, { positions: 5, seed: 2 }), first);
  first.squares.forEach((square, i) => {
    assert.ok(Math.abs(square - first.gram![0][i * 18 + i]) < 1e-5 * Math.max(1, square));
  });
  const all = await run({ inputs: true }, { positions: 5 });
  assert.is(all.count, 64);
  assert.is(all.gram, undefined);
});

test('a bound on samples takes that many, progress goes up to 1', async () => {
  const graph = network();
  const shares: number[] = [];
  const options = { samples: 5, batch: 2, progress: (share: number) => shares.push(share) };
  const stats = await statsOf(graph, { x: randomTensor([9, 2, 6, 6], 9) }, ALL, options);
  assert.is(stats.input!.count, 5 * 16);
  assert.is(shares.at(-1), 1);
  assert.equal(
    shares,
    shares.toSorted((a, b) => a - b),
  );
});

test('data that do not fit are refused, and say where', async () => {
  const graph = network();
  const good = randomTensor([2, 2, 6, 6], 9);
  const spoilt = (value: number) => {
    const data = (good.data as Float32Array).slice();
    data[80] = value;
    return { x: new Tensor('float32', data, good.dims) };
  };
  const where = /calibration: input 'x' of sample 1 has NaN at element 8/;
  await rejects(() => statsOf(graph, spoilt(Number.NaN)), 'INVALID_ARGUMENT', where);
  await rejects(() => statsOf(graph, spoilt(Number.NEGATIVE_INFINITY)), 'INVALID_ARGUMENT', /-Infinity/);
  await rejects(() => statsOf(graph, spoilt(3e38)), 'INVALID_ARGUMENT', /'conv'|not finite/);
  await rejects(() => statsOf(graph, { x: randomTensor([2, 3, 6, 6]) }), 'SHAPE_MISMATCH', /calibration: .*'x'/);
  await rejects(() => statsOf(graph, { y: good }), 'INVALID_ARGUMENT', /calibration: there is no input 'y'/);
  await rejects(() => statsOf(graph, {}), 'MISSING_INPUT', /input 'x'/);
  await rejects(() => statsOf(graph, { x: randomTensor([0, 2, 6, 6]) }), 'SHAPE_MISMATCH', /'x'/);
  await rejects(() => statsOf(graph, { x: good }, ALL, { samples: 0 }), 'INVALID_ARGUMENT', /samples/);
  await rejects(() => statsOf(graph, { x: good }, ALL, { batch: 1.5 }), 'INVALID_ARGUMENT', /batch/);
  await rejects(() => statsOf(graph, { x: good }, ALL, { positions: 0 }), 'INVALID_ARGUMENT', /positions/);
});

test('a signal ends it before the next run', async () => {
  const graph = network();
  const data = { x: randomTensor([9, 2, 6, 6], 9) };
  const controller = new AbortController();
  let runs = 0;
  const progress = () => {
    if (++runs === 2) controller.abort();
  };
  await rejects(
    () => statsOf(graph, data, ALL, { batch: 1, progress, signal: controller.signal }),
    'ABORTED',
    /calibration/,
  );
  assert.is(runs, 2);
  await rejects(() => statsOf(graph, data, ALL, { signal: AbortSignal.abort() }), 'ABORTED', /calibration/);
});

test('X X^T that cannot fit are refused before anything runs', async () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', ['batch', 20000]);
  builder.output(builder.gemm(x, randomTensor([1, 20000]), undefined, { name: 'wide' }));
  const data = { x: randomTensor([1, 20000]) };
  await rejects(() => statsOf(builder.build(), data), 'OUT_OF_MEMORY', /'wide' with 20000 inputs/);
});

test.run();
