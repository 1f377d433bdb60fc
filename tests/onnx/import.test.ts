import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ZeroskipError } from '../../src/errors.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { importOnnx } from '../../src/onnx/import.ts';
import type { Op } from '../../src/ops/op.ts';
import { numbersOf, Tensor } from '../../src/tensor.ts';
import { fakeOps } from '../support/fake_ops.ts';
import {
  attribute,
  bytes,
  floatAttr,
  floats,
  info,
  int,
  intAttr,
  ints,
  intsAttr,
  model,
  node,
  type Part,
  rawOf,
  sub,
  tensor,
  tensorAttr,
  text,
} from '../support/onnx_bytes.ts';
import { raises } from '../support/raises.ts';

const ops = fakeOps('Relu', 'Add', 'Gemm', 'Split', 'Reshape');
const read = (fields: Parameters<typeof model>[0]): Graph => importOnnx(model(fields), { ops, file: 'm.onnx' });

const x = info('x', [1, 3]);
const y = info('y', [1, 3]);
const relu = node('Relu', ['x'], ['y'], { name: 'r' });

test('a small graph', () => {
  const w = floats('w', [3, 2], [1, 2, 3, 4, 5, 6]);
  const gemm = node('Gemm', ['x', 'w', ''], ['h'], {
    name: 'fc',
    attrs: [floatAttr('alpha', 0.5), intAttr('transB', 1)],
  });
  const graph = read({
    nodes: [gemm, node('Relu', ['h'], ['y'])],
    initializers: [w],
    inputs: [info('x', ['batch', 3])],
    outputs: [info('y', ['batch', 2])],
    extra: [text(3, '1.2'), text(6, 'about'), sub(14, text(1, 'author'), text(2, 'me'))],
  });
  assert.is(graph.name, 'g');
  assert.equal(graph.inputs, ['x']);
  assert.equal(graph.outputs, ['y']);
  assert.equal(graph.values.get('x'), { name: 'x', type: 'float32', dims: ['batch', 3] });
  assert.equal(graph.values.get('h'), { name: 'h', type: 'float32' });
  assert.equal(graph.values.get('y')?.dims, ['batch', 2]);
  assert.equal(graph.values.get('w')?.dims, [3, 2]);
  assert.equal(numbersOf(graph.values.get('w')?.constant as Tensor), [1, 2, 3, 4, 5, 6]);
  assert.equal(
    graph.nodes.map(({ name, op, inputs, outputs }) => ({ name, op, inputs, outputs })),
    [
      { name: 'fc', op: 'Gemm', inputs: ['x', 'w'], outputs: ['h'] },
      { name: 'Relu_1', op: 'Relu', inputs: ['h'], outputs: ['y'] },
    ],
  );
  assert.equal({ ...graph.nodes[0].attrs }, { alpha: 0.5, transB: 1 });
  assert.equal(
    { ...graph.metadata },
    { producer_name: 'hand', producer_version: '1.2', ir_version: '7', opset: '13', doc_string: 'about', author: 'me' },
  );
});

test('attributes of every kind', () => {
  const attrs = [
    intAttr('i', -7),
    attribute('big', 2, int(3, 2n ** 63n - 1n)),
    floatAttr('f', 0.25),
    attribute('s', 3, text(4, 'héllo')),
    attribute('empty', 3, text(4, '')),
    intsAttr('ints', [1, -2]),
    intsAttr('none', []),
    attribute('strings', 8, text(9, 'a', '')),
    tensorAttr('t', floats('', [], [3])),
    [text(1, 'untyped'), int(3, 4)],
  ];
  const { attrs: found } = read({ nodes: [node('Relu', ['x'], ['y'], { attrs })], inputs: [x], outputs: [y] }).nodes[0];
  assert.equal(
    { ...found, t: undefined },
    {
      i: -7,
      big: 2 ** 63,
      f: 0.25,
      s: 'héllo',
      empty: '',
      ints: [1, -2],
      none: [],
      strings: ['a', ''],
      untyped: 4,
      t: undefined,
    },
  );
  assert.equal(numbersOf(found.t as Tensor), [3]);
  const twice = [intAttr('a', 1), intAttr('a', 2)];
  const nodes = [node('Relu', ['x'], ['y'], { attrs: twice })];
  raises(() => read({ nodes, inputs: [x], outputs: [y] }), 'INVALID_MODEL', /attribute 'a' twice/);
});

test('inputs: open dims get names, initializers are no inputs', () => {
  const graph = read({
    ir: 3,
    nodes: [node('Add', ['x', 'w'], ['y'])],
    initializers: [floats('w', [1], [2])],
    inputs: [info('x', [null, -1, 'x_dim1', 0]), info('w', [1])],
    outputs: [info('y', [])],
  });
  assert.equal(graph.inputs, ['x']);
  assert.equal(graph.values.get('x')?.dims, ['x_dim0', 'x_dim1_', 'x_dim1', 0]);
  assert.ok(graph.values.get('w')?.constant);
  const rankless = [text(1, 'x'), sub(2, sub(1, int(1, 1)))];
  assert.is(read({ nodes: [relu], inputs: [rankless], outputs: [y] }).values.get('x')?.dims, undefined);
});

test('inputs that are no tensors', () => {
  const one = (input: Part[]) => () => read({ nodes: [relu], inputs: [input], outputs: [y] });
  raises(one([text(1, 'x'), sub(2, sub(4))]), 'UNSUPPORTED_OP', /input 'x' is not a tensor/);
  raises(one([text(1, 'x')]), 'INVALID_MODEL', /input 'x' has no type/);
  raises(one(info('x', [1], 8)), 'UNSUPPORTED_OP', /type string/);
  raises(one(info('x', [1], 16)), 'UNSUPPORTED_OP', /type bfloat16/);
  raises(() => read({ nodes: [relu], inputs: [x, x], outputs: [y] }), 'INVALID_MODEL', /'x' is listed twice/);
});

test('Constant nodes', () => {
  const constant = (attr: Part[]): Tensor => {
    const nodes = [node('Add', ['x', 'c'], ['y']), node('Constant', [], ['c'], { attrs: [attr] })];
    const graph = read({ nodes, inputs: [x], outputs: [y] });
    assert.is(graph.nodes.length, 1);
    return graph.values.get('c')?.constant as Tensor;
  };
  assert.equal(constant(tensorAttr('value', ints('', [2], [5, 6]))), new Tensor('int64', [5n, 6n]));
  assert.equal(constant(floatAttr('value_float', 0.5)), new Tensor('float32', [0.5], []));
  assert.equal(constant(intAttr('value_int', 3)), new Tensor('int64', [3n], []));
  assert.equal(constant(intsAttr('value_ints', [3, 4])), new Tensor('int64', [3n, 4n]));
  assert.equal(constant(attribute('value_floats', 6, (w) => w.tag(7, 5).float(1.5))), new Tensor('float32', [1.5]));
  const values = floats('', [1], [9]);
  const sparse = attribute('sparse_value', 11, sub(22, sub(1, ...values), sub(2, ...ints('', [1], [2])), int(3, 4)));
  assert.equal(constant(sparse), new Tensor('float32', [0, 0, 9, 0]));
  raises(() => constant(attribute('value_string', 3, text(4, 'a'))), 'UNSUPPORTED_OP', /Constant .*value_string/);
  const none = [node('Constant', [], ['y'])];
  raises(() => read({ nodes: none, outputs: [y] }), 'INVALID_MODEL', /one attribute, found 0/);
});

test('nodes are sorted; a sorted order stays', () => {
  const a = node('Relu', ['x'], ['a'], { name: 'a' });
  const b = node('Relu', ['a'], ['b'], { name: 'b' });
  const c = node('Add', ['b', 'a'], ['y'], { name: 'c' });
  const order = (...nodes: Part[][]) => read({ nodes, inputs: [x], outputs: [y] }).nodes.map(({ name }) => name);
  assert.equal(order(a, b, c), ['a', 'b', 'c']);
  assert.equal(order(c, b, a), ['a', 'b', 'c']);
});

test('a deep chain needs no deep stack', () => {
  const count = 50_000;
  const nodes = Array.from({ length: count }, (_, i) => node('Relu', [`v${count - i - 1}`], [`v${count - i}`]));
  const graph = read({ nodes, inputs: [info('v0', [1])], outputs: [info(`v${count}`, [1])] });
  assert.equal(graph.nodes[0].inputs, ['v0']);
  assert.equal(graph.nodes[count - 1].outputs, [`v${count}`]);
});

test('names that do not fit together', () => {
  const bad = (nodes: Part[][], ...patterns: RegExp[]) =>
    raises(
      () => read({ nodes, initializers: [floats('w', [1], [1])], inputs: [x], outputs: [y] }),
      'INVALID_MODEL',
      /^m\.onnx: /,
      ...patterns,
    );
  bad([relu, node('Relu', ['x'], ['y'])], /'y' is defined twice/);
  bad([node('Relu', ['x'], ['x']), relu], /'x' is defined twice/);
  bad([node('Relu', ['x'], ['w']), relu], /'w' is defined twice/);
  bad([node('Relu', ['ghost'], ['y'])], /reads 'ghost', which nothing makes/);
  bad([node('Relu', [`\x1b[31m${'g'.repeat(200)}`], ['y'])], /reads '\ufffd\[31mg{70,80}…', which/);
  bad([node('Relu', ['x'], ['z'])], /output 'y' is made by nothing/);
  bad([node('Add', ['x', 'y'], ['y'])], /form a cycle/);
  bad(
    [node('Relu', ['y'], ['b'], { name: 'p' }), node('Relu', ['b'], ['y'], { name: 'q' })],
    /'[pq]': .* form a cycle/,
  );
  bad([node('Relu', ['x'], [''])], /has no output/);
  bad([node('', ['x'], ['y'])], /no op_type/);
  const twice = {
    initializers: [floats('w', [1], [1]), floats('w', [1], [1])],
    nodes: [relu],
    inputs: [x],
    outputs: [y],
  };
  raises(() => read(twice), 'INVALID_MODEL', /'w' is defined twice/);
  raises(() => read({ nodes: [relu], inputs: [x], outputs: [y, y] }), 'INVALID_MODEL', /listed twice/);
  raises(() => read({ nodes: [relu], inputs: [x] }), 'INVALID_MODEL', /no output/);
});

test('names of Object.prototype are names like others', () => {
  const attrs = [intAttr('__proto__', 1), intAttr('constructor', 2)];
  const graph = read({
    nodes: [node('Add', ['__proto__', 'constructor'], ['toString'], { name: '__proto__', attrs })],
    initializers: [floats('constructor', [1], [1])],
    inputs: [info('__proto__', ['hasOwnProperty'])],
    outputs: [info('toString', ['valueOf'])],
    extra: [sub(14, text(1, '__proto__'), text(2, 'here'))],
  });
  assert.equal(graph.inputs, ['__proto__']);
  assert.equal(Object.keys(graph.nodes[0].attrs), ['__proto__', 'constructor']);
  assert.is(Object.getPrototypeOf(graph.nodes[0].attrs), null);
  assert.ok(Object.entries(graph.metadata).some(([key, value]) => key === '__proto__' && value === 'here'));
});

test('node names are made unique', () => {
  const nodes = [
    node('Relu', ['x'], ['a'], { name: 'Relu_1' }),
    node('Relu', ['a'], ['b']),
    node('Relu', ['b'], ['c'], { name: 'Relu_1' }),
    node('Relu', ['c'], ['y'], { name: '' }),
  ];
  const names = read({ nodes, inputs: [x], outputs: [y] }).nodes.map(({ name }) => name);
  assert.equal(names, ['Relu_1', 'Relu_1_1', 'Relu_1_2', 'Relu_3']);
});

test('all nodes that are not supported come in one error', () => {
  const subgraph = node('Relu', ['x'], ['y'], { name: 'sub', attrs: [attribute('body', 5, sub(6, text(2, 'b')))] });
  const nodes = [
    node('NonZero', ['x'], ['a'], { name: 'n1' }),
    node('Loop', ['a'], ['b'], { name: 'l2', attrs: [attribute('body', 5, sub(6, text(2, 'b')))] }),
    node('Fused', ['b'], ['c'], { name: 'f', domain: 'com.microsoft' }),
    subgraph,
  ];
  raises(
    () => read({ nodes, inputs: [x], outputs: [y] }),
    'UNSUPPORTED_OP',
    /^m\.onnx: 4 nodes use ops that are not supported: /,
    /NonZero 'n1', Loop 'l2', com\.microsoft\.Fused 'f', Relu 'sub' \(attribute body\)$/,
  );
});

test('many nodes that are not supported are all named, hostile numbers of them up to a bound', () => {
  const named = (count: number, op: string) => {
    const nodes = Array.from({ length: count }, (_, i) => node(op, ['x'], [`o${i}`], { name: `n${i}` }));
    try {
      read({ nodes, inputs: [x], outputs: [y] });
    } catch (error) {
      return (error as Error).message;
    }
    return assert.unreachable() as never;
  };
  const all = Array.from({ length: 200 }, (_, i) => `NonZero 'n${i}'`).join(', ');
  assert.ok(named(200, 'NonZero').endsWith(`: 200 nodes use ops that are not supported: ${all}`));
  assert.ok(named(5000, 'NonZero').endsWith(`: ${all}, and 4800 more`));
  const long = named(300, 'x'.repeat(1000));
  assert.match(long, / and \d+ more$/);
  assert.ok(long.length < 21_000);
});

test('normalize sees constants and may add some', () => {
  const clip: Op = {
    ...(fakeOps('Clip').get('Clip') as Op),
    onnx: {
      normalize(n) {
        assert.is(n.opset, 9);
        assert.equal(numbersOf(n.constant(1) as Tensor), [7]);
        assert.is(n.constant(0), undefined);
        assert.is(n.constant(5), undefined);
        n.node.inputs = [n.node.inputs[0], n.add(new Tensor('float32', [1], []))];
      },
    },
  };
  const nodes = [
    node('Constant', [], ['seven'], { attrs: [intAttr('value_int', 7)] }),
    node('Clip', ['x', 'seven'], ['clip_constant'], { name: 'clip' }),
  ];
  const fields = { opset: 9, nodes, inputs: [x], outputs: [info('clip_constant', [1])] };
  const graph = importOnnx(model(fields), { ops: new Map([['Clip', clip]]) });
  assert.equal(graph.nodes[0].inputs, ['x', 'clip_constant_1']);
  assert.equal(numbersOf(graph.values.get('clip_constant_1')?.constant as Tensor), [1]);

  const importWith = (normalize: Op['onnx']['normalize']) => () =>
    importOnnx(model(fields), { ops: new Map([['Clip', { ...clip, onnx: { normalize } }]]) });
  const refuse = () => {
    throw new ZeroskipError('UNSUPPORTED_OP', "Clip 'clip': only up");
  };
  raises(importWith(refuse), 'UNSUPPORTED_OP', /1 node uses an op that is not supported: Clip 'clip' \(only up\)$/);
  const stumble = () => {
    throw new TypeError('boo');
  };
  raises(importWith(stumble), 'INVALID_MODEL', /Clip 'clip': its inputs or attributes do not fit/);
});

test('opsets', () => {
  const opset = (version: number) => () => read({ opset: version, nodes: [relu], inputs: [x], outputs: [y] });
  assert.is(opset(7)().metadata.opset, '7');
  assert.is(opset(21)().metadata.opset, '21');
  raises(opset(6), 'UNSUPPORTED_OP', /opset 6 is not supported, opsets 7 to 21 are/);
  raises(opset(22), 'UNSUPPORTED_OP', /opset 22/);
  const none = bytes(int(1, 7), sub(7, text(2, 'g')));
  raises(() => importOnnx(none, { ops }), 'INVALID_MODEL', /^ONNX model: .*opset/);
});

test('an output may be an input or a constant', () => {
  const graph = read({ initializers: [floats('w', [1], [4])], inputs: [x], outputs: [info('w', [1]), x] });
  assert.equal(graph.outputs, ['w', 'x']);
  assert.ok(graph.values.get('w')?.constant);
});

test('raw data are views of the file where they are aligned, copies elsewhere', () => {
  for (let shift = 0; shift < 4; shift++) {
    const w = tensor('w', 1, [2], rawOf(Float32Array.of(1.5, -2)));
    const file = model({ initializers: [w], inputs: [x], outputs: [x], extra: [] });
    const holder = new Uint8Array(file.length + shift);
    holder.set(file, shift);
    const placed = holder.subarray(shift);
    const data = importOnnx(placed, { ops }).values.get('w')?.constant?.data as Float32Array;
    assert.equal([...data], [1.5, -2]);
    const at = placed.findIndex((_, i) => new DataView(placed.buffer, shift + i).getUint32(0, true) === 0x3fc00000);
    assert.is(data.buffer === holder.buffer, (shift + at) % 4 === 0);
  }
});

test.run();
