import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ZeroCounts } from '../../src/calibrate/counts.ts';
import { type CompileOptions, compile, compileGraph, compileTuned, importOnnx } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { inspect } from '../../src/inspect.ts';
import { readPackage } from '../../src/package/read.ts';
import { Tensor } from '../../src/tensor.ts';
import { fixtures, imagesAt } from '../support/fixtures.ts';
import { randomTensor } from '../support/graphs.ts';
import { mlp } from '../support/nets.ts';
import { rejects } from '../support/rejects.ts';
import { valuesOf } from '../support/values.ts';

const TILE = 32;

/** Shares of zeros and of zero tiles, the plain way: planes of rank-4 values, rows of others. */
function plain(tensors: readonly Tensor[]): { elements: number; tiles: number } {
  let [zeros, size, zeroTiles, tiles] = [0, 0, 0, 0];
  for (const { data, dims } of tensors) {
    const row = dims.length >= 4 ? dims[2] * dims[3] : dims[dims.length - 1];
    for (let r = 0; r * row < data.length; r++) {
      const plane = Array.from(data as Float32Array).slice(r * row, (r + 1) * row);
      zeros += plane.filter((x) => x === 0).length;
      size += row;
      for (let t = 0; t < row; t += TILE) {
        tiles++;
        if (plane.slice(t, t + TILE).every((x) => x === 0)) zeroTiles++;
      }
    }
  }
  return { elements: zeros / size, tiles: zeroTiles / tiles };
}

const digits = (fixture: (typeof fixtures)[number], count: number): Tensor => imagesAt(fixture.digits(), 0, count);

test('counts agree with those of the reference evaluator, on real digits', async () => {
  for (const fixture of fixtures.filter(({ name }) => /^(lenet5|cnn-filters)$/.test(name))) {
    const data = digits(fixture, 6);
    const { manifest, planSet } = await compileTuned(importOnnx(fixture.onnx(false)), { calibrate: { input: data } });
    const { graph, schedule } = planSet.plans[0];
    const runs = Array.from({ length: 6 }, (_, i) => imagesAt(fixture.digits(), i, 1));
    const values = runs.map((input): Record<string, Tensor> => ({ input, ...valuesOf(graph, { input }) }));
    let compared = 0;
    manifest.plans[0].steps.forEach(({ zeros, node }, i) => {
      const name = schedule.steps[i].node?.inputs[0];
      // A reshape holds the tiles of what it copies.
      const flatten = graph.nodes.find(({ op, outputs }) => op === 'Flatten' && outputs[0] === name);
      const operand = flatten?.inputs[0] ?? name;
      if (!zeros || operand === undefined) return;
      const expected = plain(values.map((own) => own[operand]));
      // Sums in another order may fall on the other side of zero.
      assert.ok(
        Math.abs(zeros.elements - expected.elements) < 1e-3,
        `${node}: ${zeros.elements}, ${expected.elements}`,
      );
      assert.ok(Math.abs(zeros.tiles - expected.tiles) < 2e-3, `${node}: ${zeros.tiles}, ${expected.tiles}`);
      compared++;
    });
    assert.ok(compared >= 4, `${compared} operands of ${fixture.name}`);
    assert.ok(manifest.notes.some((note) => /^calibrate: zeros of \d+ values counted in 6 samples$/.test(note)));
  }
});

test('what was counted reaches the planner', async () => {
  const g = new GraphBuilder('dead');
  const x = g.input('x', 'float32', [1, 16]);
  const bias = new Tensor('float32', new Float32Array(64).fill(-100), [64]);
  const h = g.relu(g.gemm(x, randomTensor([64, 16], 1), bias));
  g.output(g.gemm(h, randomTensor([8, 64], 2)), 'y');
  const { manifest } = await compileTuned(g.build(), { calibrate: { x: randomTensor([20, 16], 3) } });
  assert.equal(manifest.plans[0].steps[1].zeros, { elements: 1, tiles: 1 });
  assert.equal(manifest.plans[0].steps[0].zeros, { elements: 0, tiles: 0 });
});

test('a package says what was counted, and inspect prints it', async () => {
  const bytes = await compile(mlp(), { calibrate: { x: randomTensor([10, 12], 3) } });
  const [first, second] = (await inspect(bytes)).plans[0].layers;
  assert.equal(first.zeros, { elements: 0, tiles: 0 });
  assert.ok(second.zeros!.elements > 0);
  const plain = readPackage(compileGraph(mlp()).bytes).manifest;
  assert.ok(plain.plans[0].steps.every(({ zeros }) => zeros === undefined));
  assert.not(plain.notes.some((note) => note.startsWith('calibrate')));
});

test('at most 256 samples run, and all plans get what was counted', async () => {
  const shapes = [{ x: [3, 12] }, { x: [1, 12] }];
  const { manifest } = await compileTuned(mlp(), { shapes, calibrate: { x: randomTensor([900, 12], 3) } });
  assert.ok(
    manifest.notes.some((note) => /in 256 of 300 samples$/.test(note)),
    `${manifest.notes}`,
  );
  for (const { steps } of manifest.plans) assert.ok(steps.some(({ zeros }) => zeros && zeros.elements > 0));
});

test('fixed inputs need no samples, tuning goes with calibration', async () => {
  const g = new GraphBuilder('two');
  const a = g.input('a', 'float32', [1, 8]);
  const b = g.input('b', 'float32', [1, 8]);
  g.output(g.relu(g.node('Mul', [a, b])), 'y');
  const graph = g.build();
  const calibrate = { a: randomTensor([4, 8], 1) };
  const bytes = await compile(graph, { values: { b: randomTensor([1, 8], 2) }, calibrate, tune: true });
  assert.ok(readPackage(bytes).manifest.notes.some((note) => /counted in 4 samples/.test(note)));
  await rejects(() => compile(graph, { calibrate }), 'MISSING_INPUT', /calibrate: .*'b' is missing/);
});

test('a threshold of skip counts as it will skip', async () => {
  const g = new GraphBuilder('small');
  g.output(g.gemm(g.input('x', 'float32', [1, 4]), randomTensor([2, 4], 1)), 'y');
  const graph = g.build();
  const x = new Tensor('float32', Float32Array.of(0, -0.25, 0.25, 0.5), [1, 4]);
  for (const [skip, elements] of [
    ['auto', 0.25],
    [0.25, 0.75],
    ['off', 0.25],
  ] as const) {
    const { manifest } = await compileTuned(graph, { calibrate: { x }, skip });
    assert.is(manifest.plans[0].steps[0].zeros!.elements, elements, `${skip}`);
  }
});

test('wrong data are refused', async () => {
  const wrong = (calibrate: unknown) => () => compile(mlp(), { calibrate } as CompileOptions);
  await rejects(wrong('file.npz'), 'INVALID_ARGUMENT', /^compile: calibrate is tensors by input name/);
  await rejects(wrong({}), 'MISSING_INPUT', /^calibrate: /);
  await rejects(wrong({ x: randomTensor([5, 13], 1) }), 'SHAPE_MISMATCH', /expected 'x' 1x12, .* found 'x' 5x13/);
});

test('tiles end at planes and rows; -0 is a zero, NaN and denormals are none', () => {
  const planes = new ZeroCounts([1, 2, 5, 7]);
  const data = new Float32Array(70);
  data[34] = 1;
  data[35] = Number.NaN;
  data[36] = -0;
  data[37] = 1e-44;
  planes.add(data);
  // Each plane of 35 is a tile of 32 and one of 3; the ones at 34 and 35 stand in the last of the first and in the first of the second.
  assert.equal(planes.stats(), { elements: 67 / 70, tiles: 2 / 4, measured: true });
  assert.equal(planes.apoz(), [34 / 35, 33 / 35]);
  const rows = new ZeroCounts([2, 33]);
  const features = new Float32Array(66);
  features[65] = 1;
  rows.add(features);
  assert.equal(rows.stats(), { elements: 65 / 66, tiles: 3 / 4, measured: true });
  assert.equal(rows.apoz().slice(31), [1, 0.5]);
});

test.run();
