import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, compileGraph } from '../../src/compile.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import { OPS } from '../../src/ops/index.ts';
import { load, type Outputs } from '../../src/runtime/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { expectClose, randomTensor } from '../support/graphs.ts';
import { branchesAndExits } from '../support/nets.ts';
import { rejects } from '../support/rejects.ts';

const graph = branchesAndExits();
const bool = (value: boolean, dims: number[]): Tensor => new Tensor('bool', [value ? 1 : 0], dims);
const feedsOf = (c: boolean, d: boolean, seed = 3) => ({
  x: randomTensor([2, 12], seed),
  c: bool(c, []),
  d: bool(d, [1]),
});
const ALWAYS = ['first', 'head', 'early head'];

test('only the nodes that the taken branch needs run', async () => {
  const model = await load(compileGraph(graph).bytes);
  for (const c of [true, false]) {
    for (const d of [true, false]) {
      const feeds = feedsOf(c, d);
      const profile = model.profile(feeds);
      const layers = profile.filter(({ op }) => op === 'Gemm');
      const expected = [...ALWAYS, ...(c ? ['outer then'] : ['both', ...(d ? ['inner then'] : [])])];
      assert.equal(
        layers
          .filter((step) => !step.skipped)
          .map(({ node }) => node)
          .sort(),
        expected.sort(),
      );
      assert.is(Boolean(profile.find(({ op }) => op === 'Sigmoid')?.skipped), c || d);
      expectClose(model.runSync(feeds), evaluate(graph, OPS, feeds));
    }
  }
});

test('an exit ends the run where every row is sure enough; later outputs are absent', async () => {
  const feeds = feedsOf(true, false);
  const expected = evaluate(graph, OPS, feeds);
  const { data } = expected.early;
  const sure = [0, 1].map((row) => {
    const e = Array.from(data.subarray(row * 5, row * 5 + 5) as Float32Array, Math.exp);
    return Math.max(...e) / e.reduce((a, b) => a + b);
  });
  const [least, most] = [Math.min(...sure), Math.max(...sure)];
  assert.ok(most - least > 0.01, 'the rows differ');
  for (const [threshold, taken] of [
    [least - 0.001, true],
    [least + 0.001, false],
    [most - 0.001, false],
  ] as const) {
    const model = await load(await compile(graph, { exits: [{ output: 'early', threshold }] }));
    // Twice, so that what the run before has left does not decide.
    for (let i = 0; i < 2; i++) {
      const out = await model.run<Outputs>(feeds);
      assert.equal(Object.keys(out).sort(), taken ? ['early'] : ['early', 'last'], String(threshold));
      for (const [name, tensor] of Object.entries(out)) expectClose({ [name]: tensor! }, { [name]: expected[name] });
    }
    const profile = model.profile(feeds);
    assert.is(profile.find(({ op }) => op === 'Exit')?.taken, taken);
    const ran = profile.filter(({ op, skipped }) => op === 'Gemm' && !skipped).map(({ node }) => node);
    assert.equal(ran.slice(0, 2), ['first', 'early head'], 'the head comes first');
    assert.is(ran.length === 2, taken);
  }
});

test('a NaN takes no exit; logits count as they are with confidence max', async () => {
  const feeds = feedsOf(true, true);
  const nan = { ...feeds, x: new Tensor('float32', new Float32Array(24).fill(Number.NaN), [2, 12]) };
  const exits = [{ output: 'early', threshold: 0.01 }];
  const model = await load(await compile(graph, { exits }));
  assert.equal(Object.keys(model.runSync(nan)), ['last', 'early']);
  assert.equal(Object.keys(model.runSync(feeds)), ['early']);
  const { data } = evaluate(graph, OPS, feeds).early;
  const least = Math.min(...[0, 5].map((row) => Math.max(...(data.subarray(row, row + 5) as Float32Array))));
  for (const shift of [-0.001, 0.001]) {
    const logits = await load(
      await compile(graph, { exits: [{ output: 'early', threshold: least + shift, confidence: 'max' }] }),
    );
    assert.is('last' in logits.runSync(feeds), shift > 0);
  }
});

test('exits that cannot be are refused', async () => {
  const fails = (exits: unknown, pattern: RegExp) =>
    rejects(() => compile(graph, { exits: exits as [] }), 'INVALID_ARGUMENT', pattern);
  await fails({}, /exits are a list/);
  await fails([null], /exits\[0\] is an object/);
  await fails([{ output: 'late', threshold: 1 }], /no output 'late'; its outputs are last, early/);
  await fails([{ output: 'early', threshold: Number.NaN }], /threshold is a number, found NaN/);
  await fails([{ output: 'early', threshold: 1, at: 3 }], /unknown key 'at'/);
  await fails([{ output: 'early', threshold: 1, confidence: 'sum' }], /confidence is 'max' or 'softmax', found 'sum'/);
  await fails(
    [
      { output: 'early', threshold: 1 },
      { output: 'early', threshold: 2 },
    ],
    /has an exit already/,
  );
});

test.run();
