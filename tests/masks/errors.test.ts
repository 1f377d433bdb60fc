import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, compileGraph } from '../../src/compile.ts';
import { ZeroskipError } from '../../src/errors.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { load } from '../../src/runtime/load.ts';
import { randomTensor } from '../support/graphs.ts';

const PADDED = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

/** conv - relu - conv beside a branch, with a pool and values of other shapes around. */
function net(): Graph {
  const g = new GraphBuilder('net');
  const x = g.input('x', 'float32', [1, 4, 16, 16]);
  g.input('flags', 'bool', [1, 1, 16, 16]);
  g.input('odd', 'float32', [1, 1, 5, 16]);
  const a = g.conv(x, randomTensor([4, 4, 3, 3], 1), undefined, { ...PADDED, name: 'a' });
  const b = g.node('Relu', [a], {}, ['b/out'], 'b');
  const c = g.conv(b, randomTensor([4, 4, 3, 3], 2), undefined, { ...PADDED, name: 'c' });
  g.node('MaxPool', [c], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }, ['pooled'], 'pool');
  g.node('Add', ['pooled', b], {}, ['y'], 'sum');
  g.conv(b, randomTensor([1, 4, 1, 1], 3), undefined, { name: 'head' });
  g.node('Mul', [c, 'head/out'], {}, ['gated'], 'gate');
  for (const name of ['y', 'gated']) g.output(name);
  return g.build();
}

const valid = { nodes: ['c'], mask: { input: 'm' }, block: 8 };

async function message(mask: object): Promise<string> {
  try {
    await compile(net(), { masks: [{ ...valid, ...mask }] });
  } catch (error) {
    assert.instance(error, ZeroskipError);
    return (error as ZeroskipError).message;
  }
  return 'no error';
}

for (const [name, mask, expected] of [
  ['no nodes', { nodes: [] }, 'compile: masks[0]: nodes is a list of node names, found []'],
  ['an unknown option', { blocks: 8 }, "masks[0]: unknown option 'blocks'"],
  ['a small block', { block: 3 }, 'block is one or two whole numbers from 4 to 1024, found 3'],
  ['three lengths', { block: [8, 8, 8] }, 'found [8,8,8]'],
  ['a threshold that is no number', { threshold: Number.NaN }, 'threshold is a number'],
  ['an unknown pool', { pool: 'sum' }, "pool is 'max' or 'average', found \"sum\""],
  ['a limit above 1', { limit: 2 }, 'limit is a share from 0 to 1, found 2'],
  ['no mask', { mask: undefined }, 'mask is the name of a tensor or { input, size }'],
  ['an unknown node', { nodes: ['c', 'nothing'] }, "masks[0]: there is no node 'nothing'"],
  ['two pieces', { nodes: ['a', 'c'] }, "masks[0]: the nodes read one value from outside, found 'x', 'b/out'"],
  ['several outputs', { nodes: ['b', 'c'] }, "one value of the nodes is read outside, found 'b/out', 'c/out'"],
  ['an op that cannot run in blocks', { nodes: ['pool'] }, "MaxPool 'pool': this op cannot run in blocks"],
  ['an unknown mask', { mask: 'nothing' }, "there is no tensor 'nothing' to take as the mask"],
  ['a mask of another type', { mask: 'flags' }, "the mask 'flags' is float32, found bool"],
  [
    'a mask of another shape',
    { mask: 'odd' },
    "the mask 'odd' is 1x1x16x16 or coarser or finer by a whole factor, found 1x1x5x16",
  ],
  ['a mask with channels', { mask: 'x' }, "the mask 'x' is 1x1x16x16 or"],
  [
    'a mask that the region computes',
    { nodes: ['a', 'b'], mask: 'head/out' },
    "'head/out' is computed from the region",
  ],
  ['an added input of a taken name', { mask: { input: 'odd' } }, "the model has a value 'odd' already"],
  ['a size that does not fit', { mask: { input: 'm', size: [5, 16] } }, "the mask 'm' is 1x1x16x16 or"],
] as const) {
  test(`${name} is an error that says so`, async () => {
    assert.match(await message(mask), expected);
  });
}

test('a mask that nobody feeds is missing at run time', async () => {
  const model = await load(compileGraph(net(), { masks: [valid] }).bytes);
  const feeds = { x: randomTensor([1, 4, 16, 16], 1) };
  assert.throws(
    () => model.runSync(feeds),
    (error: ZeroskipError) => /flags|odd|'m'/.test(error.message),
  );
});

test('a mask that the model has declared fits, coarser or finer', async () => {
  for (const size of [
    [16, 16],
    [8, 4],
    [32, 16],
  ])
    assert.is(await message({ mask: { input: 'm', size } }), 'no error', size.join('x'));
});

test('two masks of one name agree on their size', async () => {
  const masks = [
    { nodes: ['a'], mask: { input: 'm' }, block: 8 },
    { nodes: ['c'], mask: { input: 'm', size: [8, 8] }, block: 8 },
  ];
  assert.throws(() => compileGraph(net(), { masks }), /the mask 'm' is 1x1x16x16 elsewhere, here 1x1x8x8/);
});

test.run();
