import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { Contract } from '../support/contract.ts';
import { randomTensor } from '../support/graphs.ts';
import { cnn, mlp, sparseTensor } from '../support/nets.ts';

const contract = await Contract.open('simd');

const PADDED = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

/** Strided, depthwise and 1x1 convolutions around a residual sum: values with several readers, halos of several widths. */
function residual(batch: number, density: number): Graph {
  const g = new GraphBuilder('residual');
  const conv = (x: string, dims: number[], seed: number, options: object) =>
    g.conv(x, sparseTensor(dims, density, seed), randomTensor([dims[0]], seed + 1), options);
  const x = g.input('x', 'float32', [batch, 3, 11, 13]);
  const a = g.clip(conv(x, [6, 3, 3, 3], 1, { ...PADDED, strides: [2, 2] }), 0, 6);
  const b = g.clip(conv(a, [6, 1, 3, 3], 3, { ...PADDED, group: 6 }), 0, 6);
  const c = conv(b, [6, 6, 1, 1], 5, {});
  const d = g.add(a, c);
  const e = g.relu(conv(d, [5, 6, 5, 5], 7, { kernel_shape: [5, 5], pads: [2, 2, 2, 2] }));
  const f = g.relu(conv(d, [5, 6, 3, 3], 9, PADDED));
  const h = g.maxPool(g.node('Concat', [e, f], { axis: 1 }), [2, 2], { strides: [2, 2] });
  const i = g.mul(h, g.node('Sigmoid', [g.globalAveragePool(h)]));
  const j = g.flatten(g.averagePool(i, [3, 3], { pads: [1, 1, 1, 1] }));
  g.output(g.softmax(g.gemm(j, sparseTensor([7, 90], density, 11), randomTensor([7], 12))), 'y');
  g.output(h, 'h');
  return g.build();
}

const NETS: [string, Graph, number[]][] = [
  ['perceptron', mlp(), [1, 12]],
  ['convolutions', cnn(), [1, 3, 8, 9]],
  ['residual, sparse', residual(1, 0.2), [1, 3, 11, 13]],
  ['residual, a batch', residual(3, 0.2), [3, 3, 11, 13]],
  ['residual, dense', residual(1, 1), [1, 3, 11, 13]],
];

for (const [name, graph, dims] of NETS) {
  test(`${name}: each node by each kernel among the planner's choices`, async () => {
    const before = contract.failures.length;
    await contract.check(name, graph, { x: randomTensor(dims, 21) });
    assert.equal(contract.failures.slice(before, before + 5), []);
  });
}

test('the networks have run', () => {
  console.log(`\nnetworks: ${contract.combinations} combinations of network x kernel x engine class`);
  assert.ok(contract.combinations > 100);
});

test.run();
