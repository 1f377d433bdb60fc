import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileGraph, importOnnx } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { load } from '../../src/runtime/load.ts';
import { numbersOf, sizeOf, Tensor } from '../../src/tensor.ts';
import { fixtures, imagesAt } from '../support/fixtures.ts';
import { feedsOf, randomTensor } from '../support/graphs.ts';
import { cnn, mlp } from '../support/nets.ts';
import { valuesOf, zerosOf } from '../support/values.ts';

const ENGINES = ['narrow', 'wide'] as const;

/** Compares what `trace` shows and `profile` counts with the references of the ops. */
async function check(graph: Graph, shapes: Record<string, number[]>, tolerance = 1e-5): Promise<number> {
  const { bytes, planSet } = compileGraph(graph, { shapes, target: 'simd' });
  const { graph: passed, schedule } = planSet.plans[0];
  const feeds = feedsOf(passed);
  for (const { data, size } of Object.values(feeds)) (data as Float32Array).fill(0, 0, size >> 2);
  const values = valuesOf(passed, feeds);
  for (const name of passed.inputs) values[name] = feeds[name];
  let shown = 0;
  for (const engine of ENGINES) {
    const model = await load(bytes, { engine });
    const seen = new Set<number>();
    model.trace(feeds, (step, value) => {
      assert.not(seen.has(step), `step ${step} is shown once`);
      seen.add(step);
      shown++;
      const { node, name } = schedule.steps[step];
      const expected = values[node?.outputs[0] ?? name];
      assert.equal(value.dims, expected.dims);
      const most = Math.max(1e-6, ...numbersOf(expected).map(Math.abs));
      numbersOf(value).forEach((x, i) => {
        const wanted = expected.data[i] as number;
        assert.ok(x === wanted || Math.abs(x - wanted) <= tolerance * most, `${name}[${i}]: ${x}, expected ${wanted}`);
      });
    });
    const entries = model.profile(feeds);
    for (const { node, op, zerosIn, zerosOut, source, macs, done } of entries) {
      const step = schedule.steps.find((s) => s.name === node && s.op === op)!;
      const operand = step.node?.inputs[0] ?? step.name;
      const read = passed.values.get(operand)!.constant ?? values[operand];
      assert.is(source?.size, sizeOf(read.dims), node);
      assert.is(zerosIn, zerosOf(read), `${node} reads`);
      if (zerosOut !== undefined) assert.is(zerosOut, zerosOf(values[step.node?.outputs[0] ?? node]), `${node} makes`);
      assert.is(done, macs?.kept);
    }
    model.dispose();
  }
  return shown;
}

test('zeros of dense, columns and planes values agree with the references', async () => {
  assert.ok((await check(cnn(), {})) > 0);
  for (const rows of [1, 2, 5, 8]) assert.ok((await check(mlp(), { x: [rows, 12] })) > 0);
});

test('operands that are constants, reshaped, converted or split by stride parity', async () => {
  const g = new GraphBuilder('operands');
  const x = g.input('x', 'float32', [2, 3, 6, 5]);
  const attrs = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] };
  const a = g.relu(g.conv(g.relu(x), randomTensor([4, 3, 3, 3], 1), randomTensor([4], 2), attrs));
  const half = g.constant(new Tensor('float32', Float32Array.of(0, 0.5, 0, 1), [4, 1, 1]));
  const b = g.node('Mul', [half, a]);
  const flat = g.node('Flatten', [b]);
  g.output(g.relu(g.gemm(flat, randomTensor([7, 36], 3))), 'y');
  g.output(g.relu(g.node('ReduceMean', [x])), 'scalar');
  assert.ok((await check(g.build(), {})) >= 2 * 5);
});

test('real digits through real networks', async () => {
  for (const fixture of fixtures.filter(({ name }) => /^(lenet5|mobilenet)$/.test(name))) {
    const { bytes, planSet } = compileGraph(importOnnx(fixture.onnx(false)));
    const { graph, schedule } = planSet.plans[0];
    const feeds = { [graph.inputs[0]]: imagesAt(fixture.digits(), 3, 1) };
    const values = valuesOf(graph, feeds);
    const entries = (await load(bytes, { target: 'simd' })).profile(feeds);
    for (const { node, op, zerosOut, dims } of entries) {
      const made = schedule.steps.find((s) => s.name === node && s.op === op)!.node?.outputs[0];
      if (made === undefined) continue;
      // Sums in another order may fall on the other side of zero.
      assert.ok(Math.abs(zerosOut! - zerosOf(values[made])) <= 1e-3 * sizeOf(dims), `${fixture.name} ${node}`);
    }
    assert.ok(entries.some(({ zerosOut }) => zerosOut! > 0));
  }
});

test('integers have no zeros to count, minus zero is one, NaN and denormals are none', async () => {
  const g = new GraphBuilder('special');
  const x = g.input('x', 'float32', [1, 8]);
  g.output(g.node('Neg', [x]), 'y');
  const i = g.input('i', 'int64', [2]);
  g.output(g.node('Identity', [i]), 'z');
  const model = await load(compileGraph(g.build()).bytes);
  const data = Float32Array.of(0, -0, Number.NaN, Infinity, -Infinity, 1e-44, 1, 0);
  const entries = model.profile({
    x: new Tensor('float32', data, [1, 8]),
    i: new Tensor('int64', BigInt64Array.of(0n, 1n)),
  });
  const neg = entries.find(({ op }) => op === 'Neg')!;
  assert.is(neg.zerosIn, 3);
  assert.is(neg.zerosOut, 3);
});

test.run();
