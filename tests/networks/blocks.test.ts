import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, compileGraph, importOnnx } from '../../src/compile.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { shadowOf } from '../../src/prune/layers.ts';
import { channelGroups, removeAllChannels } from '../../src/prune/structured.ts';
import { load } from '../../src/runtime/index.ts';
import type { Tensor } from '../../src/tensor.ts';
import { randomTensor } from '../support/graphs.ts';
import { expectAlike, reference } from '../support/ort.ts';
import { expectSame, masked, outputOf } from '../support/structured.ts';

const onnxOf = (name: string): Uint8Array =>
  new Uint8Array(gunzipSync(readFileSync(new URL(`../fixtures/blocks/${name}.onnx.gz`, import.meta.url))));
const graphOf = (name: string): Graph => importOnnx(onnxOf(name), `${name}.onnx`);

const kernelsOf = (name: string, batch = 1): string[] =>
  compileGraph(graphOf(name), { shapes: { x: [batch, 3, 16, 16] } }).planSet.plans[0].schedule.steps.map(
    ({ kernel }) => kernel,
  );

for (const name of ['prelu.opset17', 'vit.opset17', 'vit.opset13', 'convnext.opset17']) {
  test(`${name} agrees with onnxruntime`, async () => {
    const onnx = onnxOf(name);
    const shapes = [1, 3, 12].map((batch) => ({ x: [batch, 3, 16, 16] }));
    const model = await load(await compile(onnx, { shapes }));
    for (const { x } of shapes) {
      const feeds = { x: randomTensor(x, 5) };
      expectAlike(model.runSync(feeds) as Record<string, Tensor>, await reference(onnx, feeds));
    }
    model.dispose();
  });
}

test('slopes run on the layout that convolutions make', () => {
  const kernels = kernelsOf('prelu.opset17');
  assert.is(kernels.filter((kernel) => kernel === 'f32_prelu__planes').length, 3);
  const halos = kernels.filter((kernel) => /planes_dense|dense_planes/.test(kernel));
  assert.ok(halos.length <= 2, `the input and the mean apart nothing is converted: ${kernels}`);
});

test('a layer normalisation in nine nodes runs as one where there is much to do', () => {
  const count = (name: string, batch: number) =>
    kernelsOf(name, batch).filter((kernel) => kernel.startsWith('f32_layer_norm')).length;
  assert.equal([count('vit.opset17', 12), count('vit.opset13', 12), count('vit.opset13', 1)], [3, 3, 0]);
  assert.is(kernelsOf('vit.opset13', 12).length, kernelsOf('vit.opset17', 12).length);
});

const GROUPS: [string, string[]][] = [
  [
    'prelu.opset17',
    [
      '8 filters of /stem/stem.0/Conv /project/Conv',
      '12 filters of /down/down.0/Conv',
      '10 neurons of /head/head.0/Gemm',
      "5 neurons of /head/head.2/Gemm: 'y' is a graph output",
    ],
  ],
  [
    'vit.opset17',
    [
      "24 filters of /patch/Conv /block/out/MatMul /block/mlp/mlp.2/MatMul: Expand '/Expand' has a shape that is computed",
      '3 heads of /block/qkv/MatMul',
      '40 neurons of /block/mlp/mlp.0/MatMul',
      "5 neurons of /head/Gemm: 'y' is a graph output",
    ],
  ],
  ['convnext.opset17', ["8 filters of /stem/Conv /narrow/MatMul: 'y' is a graph output", '32 neurons of /wide/MatMul']],
];

for (const [name, expected] of GROUPS) {
  test(`${name}: which channels go, and removed is masked`, async () => {
    const graph = graphOf(name);
    const groups = channelGroups(graph, shadowOf(graph));
    const shown = groups.map(({ kind, channels, producers, blocked }) =>
      [`${channels} ${kind} of ${producers.map(({ node }) => node).join(' ')}`, ...(blocked ? [blocked] : [])].join(
        ': ',
      ),
    );
    assert.equal(shown, expected);
    const removals = groups
      .filter(({ blocked }) => blocked === undefined)
      .map((group) => ({ group, channels: [0, group.channels - 1].slice(0, group.channels - 1) }));
    expectSame(await outputOf(removeAllChannels(graph, removals)), await outputOf(masked(graph, removals)));
  });
}

test.run();
