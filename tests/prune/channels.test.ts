import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { normalised, testDigits } from '../../bench/lib/mnist.ts';
import { importOnnx } from '../../src/compile.ts';
import { ZeroskipError } from '../../src/errors.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { CRITERIA } from '../../src/prune/criteria/index.ts';
import { layersOf, shadowOf } from '../../src/prune/layers.ts';
import { Evaluator } from '../../src/prune/metric.ts';
import { type PruneOptions, prune } from '../../src/prune/prune.ts';
import { Pruner } from '../../src/prune/pruner.ts';
import type { Stage } from '../../src/prune/recipe.ts';
import type { Masks } from '../../src/prune/types.ts';
import { Tensor } from '../../src/tensor.ts';
import { fixture } from '../support/cli.ts';
import { expectSame, outputOf } from '../support/structured.ts';
import { NETS } from '../support/structured_nets.ts';

const SAMPLES = 64;
const indices = Array.from({ length: SAMPLES }, (_, i) => i);
const digits = testDigits();
const pixels = normalised(digits, indices, { scale: 255, mean: 0.1307, std: 0.3081 });
const input = new Tensor('float32', pixels, [SAMPLES, 1, 28, 28]);
const labels = digits.labels.subarray(0, SAMPLES);
const lenet = importOnnx(gunzipSync(readFileSync(fixture('dense/lenet5.dynamic.onnx.gz'))));

const withMasks = (graph: Graph, masks: Masks): Graph =>
  new Pruner(graph, layersOf(graph, shadowOf(graph)), CRITERIA['magnitude-l1']).applyMasks(masks).graph;

const sizesOf = (graph: Graph): number[] =>
  layersOf(graph, shadowOf(graph)).map(({ rows, cols, groups }) => rows * cols * groups);

for (const [name, build] of Object.entries(NETS)) {
  test(`${name}: half of its channels go, and the masks make of the dense network what is left`, async () => {
    const graph = build();
    const result = await prune(graph, { stages: [{ pattern: 'channel', target: { flops: '0.7x' }, scope: 'global' }] });
    const [target] = result.report.targets;
    assert.ok(target.reached <= target.wanted && target.reached > 0.2 * target.wanted, JSON.stringify(target));
    assert.ok(sizesOf(result.graph).some((size, i) => size < sizesOf(graph)[i]));
    expectSame(await outputOf(result.graph), await outputOf(withMasks(graph, result.masks)));
  });
}

test('heads of an attention whose reshapes compute their shapes', async () => {
  const graph = importOnnx(gunzipSync(readFileSync(fixture('blocks/encoder.opset17.onnx.gz'))));
  const stages: Stage[] = [{ pattern: 'channel', scope: 'layer', sparsity: 0.4 }];
  const { graph: pruned, masks, report } = await prune(graph, { stages });
  const rowsOf = (g: Graph) => layersOf(g, shadowOf(g)).map(({ name, rows }) => `${name} ${rows}`);
  assert.ok(rowsOf(graph).includes('/layer/self_attn/MatMul 72'));
  assert.ok(rowsOf(pruned).includes('/layer/self_attn/MatMul 36'), `two of four heads stay: ${rowsOf(pruned)}`);
  assert.match(report.left.map(({ reason }) => reason).join(), /normalises over them/);
  // The batch is one axis with the heads.
  for (const batch of [1, 3]) expectSame(await outputOf(pruned, batch), await outputOf(withMasks(graph, masks), batch));
});

test('zeros behind removed channels: masks of both stages together', async () => {
  const stages: Stage[] = [
    { sparsity: 0.3, layers: ['/fc1/Gemm'] },
    { pattern: 'channel', sparsity: 0.4 },
    { sparsity: 0.5, all: true },
  ];
  const { graph, masks, report } = await prune(lenet, { stages });
  const same = withMasks(lenet, masks);
  const evaluator = await Evaluator.of(graph, { input });
  assert.ok((await evaluator.of(same)).mse < 1e-10);
  assert.is(report.layers.find(({ name }) => name === '/fc1/Gemm')!.pattern, 'unstructured + channel');
  const zeros = [...masks.get('/fc1/Gemm')!].filter((bit) => bit === 0).length / masks.get('/fc1/Gemm')!.length;
  assert.is(report.layers.find(({ name }) => name === '/fc1/Gemm')!.sparsity, zeros);
  assert.ok(zeros > 0.65 && zeros < 0.9, String(zeros));
});

test('a search over channels meets its targets and beats one share for all', async () => {
  const options: PruneOptions = { data: { input }, labels };
  const { report, graph } = await prune(
    lenet,
    { stages: [{ pattern: 'channel', target: { flops: '0.5x', bytes: '0.6x' } }] },
    options,
  );
  for (const { name, wanted, reached } of report.targets)
    assert.ok(reached <= wanted, `${name}: ${reached} > ${wanted}`);
  assert.ok(report.pruned.metric!.accuracy! >= report.uniform!.accuracy!);
  assert.ok(layersOf(graph, shadowOf(graph)).every(({ rows }) => rows >= 1));
  assert.equal(
    report.left.map(({ reason }) => reason),
    ["'logits' is a graph output"],
  );
});

test('least squares takes back most of what removed channels cost', async () => {
  const stages: Stage[] = [
    { pattern: 'channel', target: { flops: '0.5x' }, scope: 'layer', layers: ['op:Conv'], repair: ['least-squares'] },
  ];
  const { report } = await prune(lenet, { stages }, { data: { input }, labels });
  assert.ok(report.pruned.metric!.mse < 0.5 * report.unrepaired!.mse, JSON.stringify(report));
});

test('what cannot be removed is said', async () => {
  const fails = async (message: RegExp, stage: Stage) =>
    prune(lenet, { stages: [stage] }, { data: { input } }).then(
      () => assert.unreachable(String(message)),
      (e: ZeroskipError) => {
        assert.instance(e, ZeroskipError);
        assert.match(e.message, message);
      },
    );
  await fails(/'obc' updates the weights .* ranks no channels/, {
    pattern: 'channel',
    sparsity: 0.5,
    criterion: 'obc',
  });
  await fails(/no channel can be removed: '\/fc2\/Gemm': 'logits' is a graph output/, {
    pattern: 'channel',
    sparsity: 0.5,
    layers: ['/fc2/Gemm'],
  });
  await fails(/skip: no layer fits '\/fc9\/\*'/, { pattern: 'channel', sparsity: 0.5, skip: ['/fc9/*'] });
  await fails(/channel removes whole channels and stands alone/, { pattern: ['channel', '2:4'], sparsity: 0.5 });
  await fails(/flops 2\.000 cannot be reached; the nearest is/, { pattern: 'channel', target: { flops: 2 } });
});

test.run();
