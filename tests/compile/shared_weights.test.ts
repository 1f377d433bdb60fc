import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileGraph } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import { OPS } from '../../src/ops/index.ts';
import { load } from '../../src/runtime/index.ts';
import { Tensor } from '../../src/tensor.ts';

const ramp = (n: number): Tensor =>
  new Tensor(
    'float32',
    Float32Array.from({ length: n }, (_, i) => i + 1),
    [1, n],
  );

test('layers of different shapes may share the elements of their weights', async () => {
  const g = new GraphBuilder();
  const data = Float32Array.from({ length: 48 }, (_, i) => (i % 3 ? 0 : Math.sin(i)));
  const weights = new Tensor('float32', data, [8, 6]);
  g.output(g.gemm(g.input('x', 'float32', [1, 6]), weights), 'a');
  g.output(g.gemm(g.input('y', 'float32', [1, 8]), weights.reshape([6, 8])), 'b');
  const graph = g.build();
  const model = await load(compileGraph(graph).bytes);
  const feeds = { x: ramp(6), y: ramp(8) };
  const found = model.runSync(feeds);
  for (const [name, tensor] of Object.entries(evaluate(graph, OPS, feeds))) {
    const expected = [...(tensor.data as Float32Array)];
    assert.is(found[name].data.length, expected.length);
    expected.forEach((v, i) => {
      assert.ok(Math.abs(Number(found[name].data[i]) - v) < 1e-5, `${name}[${i}]`);
    });
  }
  model.dispose();
});

test.run();
