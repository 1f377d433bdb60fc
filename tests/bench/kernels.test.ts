import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { casesOf } from '../../bench/kernels/cases.ts';
import { kernelOf } from '../../bench/kernels/instance.ts';
import { measureCases } from '../../bench/kernels/measure.ts';
import { type KernelRow, regressions } from '../../bench/kernels/results.ts';
import { NODE, SITE_PATTERNS, SITES, type Site, weights } from '../../bench/kernels/sites.ts';
import { ceilingLines, heading, regressionLines, rowLine } from '../../bench/kernels/table.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { runNode } from '../support/scripts.ts';

const CEILING = { mulAdd: 50, madd: null, loads: { '16 KB': 115 } };

const linear: Site = {
  name: 'linear 64 > 64, 1 row',
  sparse: true,
  graph(sparsity, pattern) {
    const g = new GraphBuilder();
    const w = { data: weights(64, 64, sparsity, pattern), dims: [64, 64] };
    g.output(g.gemm(g.input('x', 'float32', [1, 64]), w, undefined, { name: NODE }));
    return g.build();
  },
};

test('weights have their share of zeros, in blocks of outputs', () => {
  const share = (w: Float32Array) => w.filter((x) => x === 0).length / w.length;
  for (const pattern of SITE_PATTERNS) {
    assert.ok(Math.abs(share(weights(64, 256, 80, pattern)) - 0.8) < 0.05, pattern);
  }
  const blocks = weights(8, 16, 50, '4x1');
  for (let i = 0; i < blocks.length; i++) {
    const [row, column] = [Math.floor(i / 16), i % 16];
    assert.is(blocks[i] === 0, blocks[(row - (row % 4)) * 16 + column] === 0);
  }
  assert.is(share(weights(8, 16, 0, 'unstructured')), 0);
  const row = weights(2, 16, 50, '1x4');
  for (let i = 0; i < row.length; i++) assert.is(row[i] === 0, row[i - (i % 4)] === 0);
});

test('every kernel of a layer is measured with the pattern that suits it', () => {
  const cases = [...casesOf(linear)];
  const dense = cases.filter(({ sparsity }) => sparsity === 0);
  assert.equal([...new Set(dense.map(({ pattern }) => pattern))], ['unstructured']);
  const at90 = cases.filter(({ sparsity }) => sparsity === 90);
  const pattern = (kernel: RegExp) => at90.find((one) => kernel.test(one.kernel))?.pattern;
  assert.is(pattern(/csr/), 'unstructured');
  for (const block of SITE_PATTERNS.slice(1)) assert.is(pattern(new RegExp(`bsr${block}$`)), block);
  assert.is(new Set(cases.map(({ id }) => id)).size, cases.length);
  for (const { kernel, compile } of at90) {
    assert.is(compile().manifest.plans[0].steps.find(({ node }) => node === NODE)?.kernel, kernel);
  }
});

test('a kernel is called without what stands around it', async () => {
  const [first] = casesOf(linear);
  const { step, run } = await kernelOf(first.compile().bytes, NODE, () => 0.5);
  assert.equal([step.node, step.kernel], [NODE, first.kernel]);
  run();
});

test('rates count the non-zeros', async () => {
  const cases = [...casesOf(linear)].filter(({ sparsity }) => sparsity === 90);
  const rows = await measureCases(cases.slice(0, 1), CEILING, 0.03, () => {});
  const [{ seconds, gflops, ofCeiling, weightBytes, gbytes }] = rows;
  const nonZeros = weights(64, 64, 90, 'unstructured').filter((x) => x !== 0).length;
  const least = Math.min(...seconds);
  assert.is(seconds.length, 3);
  assert.ok(Math.abs((gflops! * least * 1e9) / (2 * nonZeros) - 1) < 1e-6);
  assert.is(ofCeiling, gflops! / 50);
  assert.ok(Math.abs(gbytes! * least * 1e9 - weightBytes!) < 1e-3);
});

test('the layers of the benchmark compile', () => {
  for (const site of SITES.filter(({ name }) => /softmax|relu|global|1x1 1024/.test(name))) {
    const [first] = casesOf(site);
    assert.ok(first.compile().bytes.length > 0, site.name);
  }
});

const row = (id: string, ...seconds: number[]): KernelRow => ({
  id,
  kernel: 'f32_spmm__csr',
  site: 'conv 1x1 8 > 8, 4 x 4',
  sparsity: 90,
  pattern: 'unstructured',
  seconds,
  gflops: 36,
  ofCeiling: 0.6,
  weightBytes: 100,
  gbytes: null,
});

test('regressions are what takes more than 10 % longer', () => {
  const before = [row('a', 1, 1.2), row('b', 1), row('gone', 1)];
  const found = regressions([row('a', 1.3, 1.09), row('b', 1.5, 1.2), row('new', 9)], before);
  assert.equal(found, [{ id: 'b', before: 1, now: 1.2, ratio: 1.2 }]);
  assert.equal(regressionLines(found), ['b: 1.20x as long (1.00 s before, 1.20 s now)']);
});

test('the table', () => {
  assert.match(heading()[0], /layer\s+kernel\s+zeros\s+min\s+GFLOP\/s\s+of ceiling\s+GB\/s/);
  assert.match(rowLine(row('a', 0.001)), /^conv 1x1 8 > 8, 4 x 4\s+f32_spmm__csr\s+90 %\s+1\.00 ms\s+36\.0\s+60 %\s*$/);
  assert.ok(ceilingLines(CEILING).includes('relaxed multiply-add this host has none'));
});

test('wrong arguments end with a message', () => {
  const { status, stderr } = runNode('bench/kernels.ts', '--against', '/there/is/no/file');
  assert.is(status, 1);
  assert.match(stderr, /^bench:kernels: \/there\/is\/no\/file cannot be read/);
  assert.is(runNode('bench/start.ts', '--repeat', '0').status, 2);
});

test.run();
