import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileGraph } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import type { ZeroStats } from '../../src/ops/lower.ts';
import type { Model } from '../../src/runtime/index.ts';
import { load } from '../../src/runtime/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { mulberry32 } from '../support/case_graph.ts';
import { identical } from '../support/compare.ts';
import { randomTensor } from '../support/graphs.ts';
import { sparseTensor } from '../support/nets.ts';
import { clearTiles } from '../support/zero_tiles.ts';

const ENGINES = ['narrow', 'wide'] as const;
const SHARES = [0, 0.01, 0.5, 0.9, 0.99, 1];
const SPECIAL = [-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-45, -1e-39];

interface Site {
  name: string;
  dims: number[];
  weights: number[];
  strides?: number[];
  group?: number;
  /** Adds another fed tensor to the output. */
  residual?: boolean;
}

const SITES: Site[] = [
  { name: '1x1, 28x28', dims: [1, 12, 28, 28], weights: [20, 12, 1, 1] },
  { name: '1x1, 14x14, two images, residual', dims: [2, 300, 14, 14], weights: [12, 300, 1, 1], residual: true },
  { name: '3x3, 14x14', dims: [1, 40, 14, 14], weights: [16, 40, 3, 3] },
  { name: '3x3 stride 2, 28x28', dims: [1, 6, 28, 28], weights: [7, 6, 3, 3], strides: [2, 2] },
  { name: '3x3, 7x7', dims: [2, 33, 7, 7], weights: [9, 33, 3, 3] },
  { name: '3x3 in groups, 14x14', dims: [1, 12, 14, 14], weights: [8, 6, 3, 3], group: 2 },
];

function graphOf({ name, dims, weights, strides, group = 1, residual }: Site, values: Tensor): Graph {
  const g = new GraphBuilder(name);
  const kernel = weights.slice(2);
  const pads = [...kernel, ...kernel].map((k) => k >> 1);
  const options = { kernel_shape: kernel, pads, group, name: 'conv', ...(strides && { strides }) };
  const y = g.conv(g.input('x', 'float32', dims), values, randomTensor([weights[0]], 3), options);
  if (!residual) return finish(g, g.relu(y));
  const added = g.add(y, g.input('z', 'float32', [dims[0], weights[0], ...dims.slice(2)]));
  return finish(g, added);
}

function finish(g: GraphBuilder, y: string): Graph {
  g.output(y, 'y');
  return g.build();
}

const HALF: ZeroStats = { elements: 0.9, tiles: 0.8, measured: true };

const compileWith = (graph: Graph, kernel: string, zeros: ZeroStats | undefined = HALF) =>
  compileGraph(
    graph,
    {},
    {
      zeros: new Map([['x', zeros]]),
      choose: ({ op }, candidates) =>
        /Conv/.test(op) ? candidates.find((candidate) => candidate.kernel === kernel) : undefined,
    },
  ).bytes;

/** Units of the convolution: live ones in the last run, all of them, and up to how many are skipped. */
function counted(model: Model, feeds: Record<string, Tensor>): { live: number; total: number; limit: number } {
  const { live, dynamic } = model.profile(feeds).find(({ dynamic }) => dynamic)!;
  assert.is(dynamic!.unit, 'tiles');
  return { live: live!, total: dynamic!.total, limit: dynamic!.limit };
}

function feedsOf(site: Site, share: number, special: readonly number[] = []): Record<string, Tensor> {
  const random = mulberry32(share * 1000 + 1);
  const x = randomTensor(site.dims, 5);
  clearTiles(x, share, random);
  // Alone in what would be a zero tile, and among others.
  for (const value of special) x.data[Math.floor(random() * x.size)] = value;
  const out = [site.dims[0], site.weights[0], ...site.dims.slice(2)];
  return site.residual ? { x, z: randomTensor(out, 9) } : { x };
}

const PAIRS = [
  { density: 0.2, fixed: 'f32_spmm__csr', live: 'f32_spmm__csc' },
  { density: 0.98, fixed: 'f32_gemm__4x8', live: 'f32_gemm__4x8_live' },
];

for (const site of SITES) {
  for (const { density, fixed, live } of PAIRS) {
    if (site.group && fixed.includes('gemm')) continue;
    test(`${site.name}: ${live} gives the bits of ${fixed}`, async () => {
      const graph = graphOf(site, sparseTensor(site.weights, density, 2));
      const [off, on] = [compileWith(graph, fixed), compileWith(graph, live)];
      for (const engine of ENGINES) {
        const options = { target: 'simd', engine } as const;
        const [without, skipping] = [await load(off, options), await load(on, options)];
        for (const share of SHARES) {
          for (const special of [[], SPECIAL]) {
            const feeds = feedsOf(site, share, special);
            const [{ y: expected }, { y }] = [without.runSync(feeds), skipping.runSync(feeds)];
            assert.ok(identical(y, expected), `${engine}, share ${share}, ${special.length} special values`);
          }
        }
        without.dispose();
        skipping.dispose();
      }
    });
  }
}

test('what is skipped shrinks with the zeros; all of a zero input is', async () => {
  const graph = graphOf(SITES[0], sparseTensor(SITES[0].weights, 0.5, 2));
  for (const kernel of ['f32_spmm__csc', 'f32_gemm__4x8_live']) {
    const model = await load(compileWith(graph, kernel), { target: 'simd' });
    const found = SHARES.map((share) => counted(model, feedsOf(SITES[0], share)));
    const { total, limit } = found[0];
    assert.ok(limit > 0 && limit <= total, kernel);
    assert.ok(found[0].live > limit || found[0].live === total, `${kernel}: nothing is skipped without zeros`);
    assert.is(found.at(-1)!.live, 0, kernel);
    // Counting ends behind the limit.
    const counts = found.map(({ live }) => Math.min(live, limit + 1));
    for (let i = 1; i < found.length; i++) assert.ok(counts[i] <= counts[i - 1], kernel);
    assert.ok(found[3].live <= 0.3 * total, kernel);
    model.dispose();
  }
});

test('both sides of the limit run', async () => {
  const graph = graphOf(SITES[0], sparseTensor(SITES[0].weights, 0.5, 2));
  const skipping = await load(compileWith(graph, 'f32_spmm__csc'), { target: 'simd' });
  const without = await load(compileWith(graph, 'f32_spmm__csr'), { target: 'simd' });
  // 12 planes of 25 tiles, the last of 16 elements: a live one for each element that is set.
  const { limit, total } = counted(skipping, { x: new Tensor('float32', new Float32Array(9408), [1, 12, 28, 28]) });
  assert.is(total, 12 * 25);
  for (const live of [limit - 1, limit, limit + 1, total]) {
    const x = new Float32Array(9408);
    for (let tile = 0; tile < live; tile++) x[Math.floor(tile / 25) * 784 + (tile % 25) * 32 + (tile % 16)] = tile + 1;
    const feeds = { x: new Tensor('float32', x, [1, 12, 28, 28]) };
    const found = counted(skipping, feeds).live;
    if (live > limit) assert.ok(found > limit && found <= live);
    else assert.is(found, live);
    assert.ok(identical(skipping.runSync(feeds).y, without.runSync(feeds).y), `${live} of ${total}, limit ${limit}`);
  }
});

test('the planner skips where calibration has found enough zero tiles, and only there', () => {
  const choice = (density: number, zeros?: ZeroStats): string => {
    const site = { name: 'choice', dims: [1, 128, 28, 28], weights: [128, 128, 3, 3] };
    const graph = graphOf(site, sparseTensor(site.weights, density, 2));
    const { steps } = compileGraph(graph, {}, { zeros: zeros && new Map([['x', zeros]]) }).planSet.plans[0].schedule;
    return steps.find(({ name }) => name === 'conv')!.kernel;
  };
  const many = { elements: 0.95, tiles: 0.9, measured: true };
  const few = { elements: 0.5, tiles: 0.001, measured: true };
  assert.is(choice(0.1, many), 'f32_spmm__csc');
  assert.is(choice(1, many), 'f32_gemm__4x8_live');
  for (const zeros of [undefined, few, { elements: 0.95, tiles: 0, measured: false }]) {
    assert.not.match(choice(0.1, zeros), /csc/);
    assert.not.match(choice(1, zeros && { ...zeros, elements: 0.1 }), /live/);
  }
});

test('layers with weights that are not finite do not skip', () => {
  const values = sparseTensor([20, 12, 1, 1], 0.5, 2);
  values.data[17] = Number.POSITIVE_INFINITY;
  const graph = graphOf(SITES[0], values);
  const { steps } = compileGraph(graph, {}, { zeros: new Map([['x', HALF]]) }).planSet.plans[0].schedule;
  const step = steps.find(({ name }) => name === 'conv')!;
  const rejected = step.alternatives.filter(({ kernel }) => /csc|live/.test(kernel));
  assert.is(rejected.length, 2);
  for (const { reject } of rejected) assert.is(reject, 'weights are not all finite');
});

test.run();
