import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import { OPS } from '../../src/ops/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { randomTensor } from '../support/graphs.ts';
import { activeIn, blockyMask, checkMasked, inBlocks } from '../support/masked.ts';

const SIDE = 24;
const SIZE = [SIDE, SIDE];
const BLOCK = [8, 8];

const g = new GraphBuilder('unit');
const input = g.input('x', 'float32', [1, 256, SIDE, SIDE]);
const layer = (from: string, dims: number[], name: string, options = {}): string =>
  g.conv(from, randomTensor(dims, dims[1]), randomTensor([dims[0]], dims[1] + 1), { name, ...options });
const a = g.node('Relu', [layer(input, [64, 256, 1, 1], 'a')], {}, undefined, 'a/relu');
const padded = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
const b = g.node('Relu', [layer(a, [64, 64, 3, 3], 'b', padded)], {}, undefined, 'b/relu');
const c = layer(b, [256, 64, 1, 1], 'c');
g.node('Add', [c, input], {}, undefined, 'sum');
g.output(g.node('Relu', ['sum/out'], {}, ['y'], 'last'));
// Small enough for its sigmoid not to saturate.
const small = (randomTensor([1, 256, 1, 1], 9).data as Float32Array).map((w) => w / 50);
g.output(
  g.node('Sigmoid', [g.conv(input, { data: small, dims: [1, 256, 1, 1] }, undefined, { name: 'head' })], {}, [
    'attention',
  ]),
);
const graph = g.build();
const nodes = ['a', 'a/relu', 'b', 'b/relu', 'c', 'sum', 'last'];
const x = randomTensor([1, 256, SIDE, SIDE], 5);
const dense = evaluate(graph, OPS, { x });

test('the residual unit of the paper under a mask that is fed', async () => {
  const m = blockyMask([1, 1, SIDE, SIDE], BLOCK, 0.4);
  const y = inBlocks(dense.y, activeIn(m, SIZE, BLOCK), BLOCK, x);
  await checkMasked(graph, { masks: [{ nodes, mask: { input: 'm' }, block: 8 }] }, { x, m }, { y });
});

test('the same under the mask of a head of the network', async () => {
  const attention = dense.attention.data as Float32Array;
  // A threshold that about half of the blocks pass.
  const most = Array.from({ length: 9 }, (_, block) => {
    const [top, left] = [Math.floor(block / 3) * 8, (block % 3) * 8];
    return Math.max(...attention.filter((_, i) => Math.floor(i / SIDE / 8) * 8 === top && Math.floor((i % SIDE) / 8) * 8 === left)); // biome-ignore format: one line
  }).sort((p, q) => p - q);
  const threshold = (most[3] + most[4]) / 2;
  const above = new Tensor('float32', attention.map((v) => (v > threshold ? 1 : 0)), [1, 1, SIDE, SIDE]); // biome-ignore format: one line
  const active = activeIn(above, SIZE, BLOCK);
  assert.is(active.filter(Boolean).length, 5);
  const y = inBlocks(dense.y, active, BLOCK, x);
  await checkMasked(graph, { masks: [{ nodes, mask: 'attention', block: 8, threshold }] }, { x }, { y });
});

test.run();
