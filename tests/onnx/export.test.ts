import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { emptyGraph, type Graph, type Node } from '../../src/graph/ir.ts';
import { exportOnnx } from '../../src/onnx/export.ts';
import { importOnnx } from '../../src/onnx/import.ts';
import { Tensor } from '../../src/tensor.ts';
import { fakeOps } from '../support/fake_ops.ts';
import {
  attribute,
  floatAttr,
  floats,
  info,
  int,
  intAttr,
  ints,
  intsAttr,
  model,
  node,
  sub,
  tensor,
  tensorAttr,
  text,
} from '../support/onnx_bytes.ts';
import { raises } from '../support/raises.ts';

const ops = fakeOps(
  'Add',
  'Clip',
  'Conv',
  'Flatten',
  'Gemm',
  'HardSwish',
  'LayerNormalization',
  'LeakyRelu',
  'ReduceMean',
  'Relu',
  'Shape',
);
const read = (bytes: Uint8Array): Graph => importOnnx(bytes, { ops });

/** A graph of `nodes` from the float input x to the float output y, both of `dims`. */
function graphOf(nodes: Partial<Node>[], dims: number[], constants: Record<string, Tensor> = {}): Graph {
  const graph = emptyGraph('hand');
  graph.values.set('x', { name: 'x', type: 'float32', dims });
  for (const [name, constant] of Object.entries(constants))
    graph.values.set(name, { name, type: constant.type, dims: constant.dims, constant });
  nodes.forEach((n, i) => {
    graph.nodes.push({ name: `n${i}`, op: 'Relu', inputs: ['x'], outputs: ['y'], attrs: {}, ...n });
    for (const name of graph.nodes[i].outputs) graph.values.set(name, { name, type: 'float32' });
  });
  graph.values.set('y', { name: 'y', type: 'float32', dims });
  graph.inputs = ['x'];
  graph.outputs = ['y'];
  return graph;
}

async function run(bytes: Uint8Array, data: number[], dims: number[]): Promise<number[]> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const out = await session.run({ x: new OrtTensor('float32', Float32Array.from(data), dims) });
  await session.release();
  return [...(out.y.data as Float32Array)];
}

test('what is written is read again as the same graph', () => {
  const bytes = model({
    ir: 4,
    opset: 9,
    nodes: [
      node('Constant', [], ['bias'], { attrs: [tensorAttr('value', floats('', [2], [1, 2]))] }),
      node('Gemm', ['x', 'w', 'bias'], ['h'], { name: '', attrs: [floatAttr('alpha', 2), intAttr('transB', 1)] }),
      node('Relu', ['h'], ['y'], {
        name: 'ü',
        attrs: [
          intsAttr('ints', [1, -(2 ** 40)]),
          attribute('big', 2, int(3, 2n ** 63n - 1n)),
          attribute('s', 3, text(4, '')),
          attribute('strings', 8, text(9, 'a', 'b')),
          tensorAttr('t', ints('', [1], [3])),
          intsAttr('none', []),
        ],
      }),
    ],
    initializers: [
      floats('w', [2, 3], [1, -2, 3, -4, 5, -6]),
      ints('shape', [2], [0, -1]),
      tensor('flag', 9, [1], int(5, 1)),
    ],
    inputs: [info('x', ['batch', 3])],
    outputs: [info('y', ['batch', null])],
    extra: [text(3, '2'), text(6, 'about'), sub(14, text(1, 'key'), text(2, 'value')), sub(14, text(1, '__proto__'))],
  });
  const graph = read(bytes);
  assert.equal(read(exportOnnx(graph)), graph);
});

test('the lowest opset that has the forms of all nodes', () => {
  const opset = (...nodes: Partial<Node>[]): string[] => {
    const { metadata } = read(exportOnnx(graphOf(nodes, [1])));
    return [metadata.opset, metadata.ir_version];
  };
  const axes = { inputs: ['x', 'x'] };
  assert.equal(opset({ op: 'Relu' }), ['13', '7']);
  assert.equal(opset({ op: 'ReduceMean', attrs: { axes: [1] } }), ['13', '7']);
  assert.equal(opset({ op: 'HardSwish' }), ['14', '7']);
  assert.equal(opset({ op: 'Shape', attrs: { start: 1 } }), ['15', '8']);
  assert.equal(opset({ op: 'LayerNormalization' }), ['17', '8']);
  assert.equal(opset({ op: 'HardSwish', outputs: ['h'] }, { op: 'ReduceMean', ...axes }), ['18', '8']);
});

test('a fused clamp becomes Relu or Clip nodes', async () => {
  const input = [-9, -1, 0.5, 9];
  const weights = { w: new Tensor('float32', [1, 1, 1, 1]) };
  const clamped = async (lo: number, hi: number): Promise<[number[], Graph]> => {
    const node = { op: 'Add', name: 'sum', inputs: ['x', 'w'], clamp: { lo, hi } };
    const bytes = exportOnnx(graphOf([node], [4], weights));
    return [await run(bytes, input, [4]), read(bytes)];
  };
  const [relu, reluGraph] = await clamped(0, Number.POSITIVE_INFINITY);
  assert.equal(relu, [0, 0, 1.5, 10]);
  assert.equal(
    reluGraph.nodes.map(({ name, op, outputs }) => [name, op, outputs]),
    [
      ['sum', 'Add', ['y_unclamped']],
      ['sum_relu', 'Relu', ['y']],
    ],
  );
  assert.equal((await clamped(0, 6))[0], [0, 0, 1.5, 6]);
  assert.equal((await clamped(-3, Number.POSITIVE_INFINITY))[0], [-3, 0, 1.5, 10]);
  const [upper, upperGraph] = await clamped(Number.NEGATIVE_INFINITY, 2);
  assert.equal(upper, [-8, 0, 1.5, 2]);
  assert.equal(upperGraph.nodes[1].inputs, ['y_unclamped', '', 'sum_clip_max']);
});

test('a graph is not changed by writing it', () => {
  const graph = graphOf([{ clamp: { lo: 0, hi: 6 } }], [2]);
  const before = structuredClone({ nodes: graph.nodes, values: [...graph.values.keys()] });
  exportOnnx(graph);
  assert.equal({ nodes: graph.nodes, values: [...graph.values.keys()] }, before);
});

test('whole numbers in float attributes stay floats', async () => {
  const bytes = exportOnnx(graphOf([{ op: 'LeakyRelu', attrs: { alpha: 2 } }], [2]));
  assert.equal(await run(bytes, [-1, 3], [2]), [-2, 3]);
  assert.is(read(bytes).nodes[0].attrs.alpha, 2);
  const far = exportOnnx(graphOf([{ op: 'LeakyRelu', attrs: { alpha: 1e300 } }], [2]));
  assert.is(read(far).nodes[0].attrs.alpha, Number.POSITIVE_INFINITY);
});

test('onnxruntime computes the same from a model and from its copy', async () => {
  const bytes = model({
    opset: 11,
    nodes: [
      node('Conv', ['x', 'w', 'b'], ['c'], {
        attrs: [intsAttr('kernel_shape', [3, 3]), intsAttr('pads', [1, 1, 1, 1])],
      }),
      node('Relu', ['c'], ['r']),
      node('Flatten', ['r'], ['f']),
      node('Gemm', ['f', 'm'], ['y'], { attrs: [floatAttr('alpha', 3)] }),
    ],
    initializers: [
      floats(
        'w',
        [2, 1, 3, 3],
        Array.from({ length: 18 }, (_, i) => Math.sin(i)),
      ),
      floats('b', [2], [0.5, -0.5]),
      floats(
        'm',
        [32, 3],
        Array.from({ length: 96 }, (_, i) => Math.cos(i)),
      ),
    ],
    inputs: [info('x', ['n', 1, 4, 4])],
    outputs: [info('y', ['n', 3])],
  });
  const data = Array.from({ length: 32 }, (_, i) => Math.cos(i * i));
  const copy = exportOnnx(read(bytes));
  assert.equal(await run(copy, data, [2, 1, 4, 4]), await run(bytes, data, [2, 1, 4, 4]));
});

test('a flattening Softmax', async () => {
  const node = { op: 'Softmax', name: 's', attrs: { axis: 1, flatten: 1 }, clamp: { lo: 0.25, hi: 1 } };
  const bytes = exportOnnx(graphOf([node], [2, 2, 2]));
  const e = Math.exp(3);
  const first = [1, 1, 1, e].map((v) => Math.max(v / (3 + e), 0.25));
  const found = await run(bytes, [1, 1, 1, 4, 5, 5, 5, 5], [2, 2, 2]);
  const expected = [...first, 0.25, 0.25, 0.25, 0.25];
  assert.ok(
    expected.every((v, i) => Math.abs(found[i] - v) < 1e-6),
    `${found}`,
  );
});

test('a flattening Softmax over the last dim alone stays one node', () => {
  const { nodes } = importOnnx(exportOnnx(graphOf([{ op: 'Softmax', attrs: { axis: -1, flatten: 1 } }], [2, 2])), {
    ops: fakeOps('Softmax'),
  });
  assert.equal(
    nodes.map(({ attrs }) => ({ ...attrs })),
    [{ axis: -1 }],
  );
});

test('an output without dims is written without a shape', async () => {
  const graph = graphOf([{}], [2]);
  graph.values.set('y', { name: 'y', type: 'float32' });
  const bytes = exportOnnx(graph);
  assert.is(read(bytes).values.get('y')?.dims, undefined);
  assert.equal(await run(bytes, [-1, 2], [2]), [0, 2]);
});

test('more weights than a protobuf file holds', () => {
  const weight = new Tensor('float32', new Float32Array(1), [1]);
  Object.defineProperty(weight, 'data', { value: { byteLength: 2 ** 31 } });
  raises(() => exportOnnx(graphOf([{}], [1], { w: weight })), 'INVALID_ARGUMENT', /2147483648 bytes/);
});

test.run();
