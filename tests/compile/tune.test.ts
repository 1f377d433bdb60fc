import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileGraph, compileTuned } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { load } from '../../src/runtime/load.ts';
import { randomTensor } from '../support/graphs.ts';

const graph = () => {
  const b = new GraphBuilder('layers');
  const x = b.input('x', 'float32', ['batch', 3, 8, 8]);
  const weights = randomTensor([8, 3, 3, 3], 1).data as Float32Array;
  const sparse = weights.map((w, i) => (i % 3 === 0 ? w : 0));
  const h = b.conv(x, { dims: [8, 3, 3, 3], data: sparse }, undefined, {
    pads: [1, 1, 1, 1],
    kernel_shape: [3, 3],
    name: 'conv',
  });
  b.output(b.relu(h), 'y');
  return b.build();
};

test('tune measures every candidate and gives the same results', async () => {
  const shapes = [{ x: [1, 3, 8, 8] }, { x: [2, 3, 8, 8] }];
  const tuned = await compileTuned(graph(), { tune: true, shapes, target: 'simd' });
  const modelled = compileGraph(graph(), { shapes, target: 'simd' });
  tuned.planSet.plans.forEach(({ schedule }, i) => {
    const step = schedule.steps.find((s) => s.name === 'conv');
    assert.ok(step && step.cost > 0);
    const modelledStep = modelled.planSet.plans[i].schedule.steps.find((s) => s.name === 'conv');
    const costs = (s: typeof step) => new Map([s, ...s.alternatives].map(({ kernel, cost }) => [kernel, cost]));
    // Convolutions row by row are for single images.
    assert.is(costs(step).size, shapes[i].x[0] === 1 ? 5 : 4);
    for (const [kernel, cost] of costs(step)) assert.is.not(cost, costs(modelledStep!).get(kernel), kernel);
  });
  const feeds = { x: randomTensor([2, 3, 8, 8], 5) };
  const [a, b] = await Promise.all([load(tuned.bytes), load(modelled.bytes)]);
  const expected = b.runSync(feeds).y.data as Float32Array;
  (a.runSync(feeds).y.data as Float32Array).forEach((y, i) => {
    assert.ok(Math.abs(y - expected[i]) < 1e-5);
  });
});

test('what skips zeros is measured with the zeros that are expected', async () => {
  const b = new GraphBuilder('relu');
  const x = b.relu(b.input('x', 'float32', [1, 1024]));
  b.output(b.gemm(x, randomTensor([512, 1024], 1), undefined, { name: 'fc' }), 'y');
  const { planSet } = await compileTuned(b.build(), { tune: true, target: 'simd' });
  const step = planSet.plans[0].schedule.steps.find(({ name }) => name === 'fc')!;
  assert.is(step.kernel, 'f32_gemv_skip__columns', JSON.stringify(step.alternatives));
});

test('measured times decide', () => {
  const slowest = { measure: (_node: unknown, c: { kernel: string }) => (c.kernel === 'f32_spmm__bsr4x1' ? 1 : 1e9) };
  const { planSet } = compileGraph(graph(), {}, slowest);
  assert.is(planSet.plans[0].schedule.steps.find((s) => s.name === 'conv')?.kernel, 'f32_spmm__bsr4x1');
});

test.run();
