import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatNpz, parseNpz } from '../../src/arrays/npz.ts';
import { formatSafetensors, parseSafetensors } from '../../src/arrays/safetensors.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { layersOf, shadowOf, withWeights } from '../../src/prune/layers.ts';
import { formatMasks, masksIn, parseMasks } from '../../src/prune/mask_files.ts';
import { Tensor } from '../../src/tensor.ts';
import { normals } from '../support/prune_layers.ts';
import { raises } from '../support/raises.ts';

/** A Conv, a Gemm and a MatMul, whose initializer is the transpose of its matrix. */
function network() {
  const g = new GraphBuilder();
  const weights = (name: string, dims: number[]) =>
    g.constant(
      new Tensor(
        'float32',
        normals(
          dims.reduce((a, b) => a * b),
          dims[0],
        ),
        dims,
      ),
      name,
    );
  const x = g.input('x', 'float32', [1, 2, 4, 4]);
  const c = g.node('Conv', [x, weights('conv.weight', [3, 2, 2, 2])], { kernel_shape: [2, 2] }, undefined, 'conv');
  const f = g.node('Gemm', [g.flatten(g.relu(c)), weights('fc.weight', [5, 27])], { transB: 1 }, undefined, 'fc');
  g.output(g.node('MatMul', [f, weights('last.weight', [5, 4])], {}, undefined, 'last'));
  const graph = g.build();
  return { graph, layers: layersOf(graph, shadowOf(graph)) };
}

const { graph, layers } = network();
const masks = new Map(
  layers.map(({ name, rows, cols }, l) => [
    name,
    Uint8Array.from({ length: rows * cols }, (_, i) => ((i * (l + 3) + (i >> 2)) % 3) & 1),
  ]),
);

for (const format of ['npz', 'safetensors'] as const) {
  test(`masks survive ${format}, in the layout of the initializer`, () => {
    const file = formatMasks(masks, layers, graph, format);
    assert.equal(parseMasks(file, 'm', layers, graph), masks);
    const arrays = format === 'npz' ? parseNpz(file, 'm').arrays : parseSafetensors(file, 'm');
    assert.equal([...arrays.keys()].sort(), ['conv.weight', 'fc.weight', 'last.weight']);
    for (const [name, { type, dims }] of arrays) {
      assert.is(type, 'bool');
      assert.equal(dims, graph.values.get(name)!.constant!.dims);
    }
    // Weight (output 1, input 2) of the MatMul.
    const { data } = arrays.get('last.weight')!;
    assert.is(data[2 * 4 + 1], masks.get('last')![1 * 5 + 2]);
    assert.equal(
      Array.from(data as Uint8Array),
      Array.from({ length: 20 }, (_, at) => masks.get('last')![(at % 4) * 5 + (at >> 2)]),
    );
  });
}

const fileWith = (name: string, array: Tensor, format: 'npz' | 'safetensors' = 'npz'): Uint8Array =>
  format === 'npz' ? formatNpz(new Map([[name, array]])) : formatSafetensors(new Map([[name, array]]));

test('elements of other types, and the names of torch.nn.utils.prune', () => {
  const bits = [0, 1, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 0, 0];
  for (const type of ['uint8', 'float32', 'int64', 'bool'] as const) {
    for (const format of ['npz', 'safetensors'] as const) {
      const file = fileWith('last.weight_mask', new Tensor(type, bits, [5, 4]), format);
      const found = parseMasks(file, 'm', layers, graph);
      assert.equal([...found.keys()], ['last']);
      assert.equal(
        Array.from({ length: 20 }, (_, at) => found.get('last')![(at % 4) * 5 + (at >> 2)]),
        bits,
      );
    }
  }
});

test('masks of the zeros in a graph', () => {
  const pruned = new Map([['last', Float32Array.from(masks.get('last')!, (bit, i) => (bit ? i + 1 : i % 2 ? 0 : -0))]]);
  assert.equal(masksIn(withWeights(graph, layers, pruned), layers), new Map([['last', masks.get('last')!]]));
  assert.is(masksIn(graph, layers).size, 0);
});

test('masks that do not belong to the graph are refused', () => {
  const bits = new Tensor('uint8', new Uint8Array(20), [5, 4]);
  const parse = (file: Uint8Array) => parseMasks(file, 'm.npz', layers, graph);
  raises(
    () => parse(fileWith('last.wieght', bits)),
    'INVALID_ARGUMENT',
    /^m\.npz: 'last.wieght'.*did you mean 'last.weight'/,
  );
  raises(
    () => parse(fileWith('last.weight', bits.reshape([4, 5]))),
    'SHAPE_MISMATCH',
    /'last.weight' is 5x4, found 4x5/,
  );
  raises(() => parse(fileWith('last.weight', bits.reshape([20]))), 'SHAPE_MISMATCH', /found 20/);
  const two = new Tensor('uint8', new Uint8Array(20).fill(2), [5, 4]);
  raises(() => parse(fileWith('last.weight', two)), 'INVALID_ARGUMENT', /elements 0 and 1, found 2/);
  const nan = new Tensor('float32', new Float32Array(20).fill(NaN), [5, 4]);
  raises(() => parse(fileWith('last.weight', nan)), 'INVALID_ARGUMENT', /found NaN/);
  const half = new Tensor('float16', new Uint16Array(20), [5, 4]);
  raises(() => parse(fileWith('last.weight', half)), 'TYPE_MISMATCH', /float16/);
  const both = new Map([
    ['last.weight', bits],
    ['last.weight_mask', bits],
  ]);
  raises(() => parse(formatNpz(both)), 'FILE_ERROR', /two masks for 'last.weight'/);
  raises(() => parse(new Uint8Array(3)), 'FILE_ERROR');
  const short = new Map([['fc', new Uint8Array(7)]]);
  raises(() => formatMasks(short, layers, graph, 'npz'), 'INVALID_ARGUMENT', /'fc' has 135 elements, found 7/);
  raises(
    () => formatMasks(new Map([['fx', new Uint8Array(135)]]), layers, graph, 'npz'),
    'INVALID_ARGUMENT',
    /mean 'fc'/,
  );
});

test.run();
