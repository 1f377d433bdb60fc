import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CompileOptions, compileGraph } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { load } from '../../src/runtime/load.ts';
import { Tensor } from '../../src/tensor.ts';
import { difference } from '../support/compare.ts';
import { randomTensor } from '../support/graphs.ts';

const WIDTH = 128;
const HIDDEN = 512;

type Form = (g: GraphBuilder, project: () => string) => string;

/** What stands between the two products of a feed-forward layer. */
const FORMS: Record<string, Form> = {
  ReLU: (g, project) => g.relu(project()),
  'ReLU squared by Mul': (g, project) => {
    const r = g.relu(project());
    return g.node('Mul', [r, r]);
  },
  'ReLU squared by Pow': (g, project) => g.node('Pow', [g.relu(project()), g.constant(new Tensor('float32', [2], []))]),
  ReGLU: (g, project) => g.node('Mul', [g.relu(project()), project()]),
  dReLU: (g, project) => g.node('Mul', [g.relu(project()), g.relu(project())]),
};

function feedForward(tokens: number, form: Form) {
  const g = new GraphBuilder('ffn');
  const x = g.input('x', 'float32', [1, tokens, WIDTH]);
  let seed = 1;
  const weights = (k: number, n: number) => {
    const w = randomTensor([k, n], seed++);
    return g.constant(
      new Tensor(
        'float32',
        (w.data as Float32Array).map((v) => v / Math.sqrt(k)),
        [k, n],
      ),
    );
  };
  const hidden = form(g, () => g.matMul(x, weights(WIDTH, HIDDEN)));
  g.output(g.matMul(hidden, weights(HIDDEN, WIDTH)), 'y');
  return g.build();
}

/** Compiles as if calibration had found a share of zeros in everything that a node makes. */
function planned(graph: Graph, options: CompileOptions = {}, share?: number) {
  const made = graph.nodes.flatMap(({ outputs }) => outputs);
  const stats = (share: number) => new Map(made.map((name) => [name, { elements: share, tiles: 0, measured: true }]));
  return compileGraph(graph, options, share === undefined ? {} : { zeros: stats(share) });
}

const dynamicSteps = (tokens: number, form: Form, options: CompileOptions = {}, share?: number) =>
  planned(feedForward(tokens, form), options, share).manifest.plans[0].steps.filter(({ dynamic }) => dynamic);

for (const [name, form] of Object.entries(FORMS)) {
  test(`${name}: the second product skips`, () => {
    assert.is(dynamicSteps(1, form).length, 1, 'one token, zeros as the ops make them');
    for (let tokens = 1; tokens <= 8; tokens++) {
      const [step, ...others] = dynamicSteps(tokens, form, {}, 0.9);
      assert.is(step?.kernel, 'f32_gemv_skip__columns', `${tokens} tokens`);
      assert.equal(step.dims, [1, tokens, WIDTH]);
      assert.is(others.length, 0);
      assert.is(step.bytes, 2 * WIDTH * HIDDEN * 4);
      assert.is(step.dynamic!.total, tokens * HIDDEN);
    }
    assert.is(dynamicSteps(1, form, { skip: 'off' }, 0.9).length, 0);
    assert.is(dynamicSteps(1, form, { sparse: 'off' }, 0.9).length, 0);
  });

  test(`${name}: outputs with skipping on and off`, async () => {
    for (const tokens of [1, 3, 8]) {
      const graph = feedForward(tokens, form);
      const [on, off] = await Promise.all(
        (['auto', 'off'] as const).map((skip) => load(planned(graph, { skip }, 0.9).bytes, { target: 'simd' })),
      );
      const x = randomTensor([1, tokens, WIDTH], 77);
      assert.is(difference(on.runSync({ x }).y, off.runSync({ x }).y, false), undefined, `${tokens} tokens`);
      assert.ok(on.profile({ x }).find(({ dynamic }) => dynamic)!.live! > 0);
      on.dispose();
      off.dispose();
    }
  });
}

test('inputs without expected zeros stay with static kernels', () => {
  assert.equal(
    dynamicSteps(1, (_, project) => project()),
    [],
  );
  assert.equal(
    dynamicSteps(1, (g, project) => g.node('Tanh', [project()])),
    [],
  );
});

test.run();
