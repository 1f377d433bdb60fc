import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Attr, Node } from '../../src/graph/ir.ts';
import { OPS } from '../../src/ops/index.ts';
import { LowerCall } from '../../src/ops/lower.ts';
import { Call, type KnownValue, type OnnxNode } from '../../src/ops/op.ts';
import { numbersOf, Tensor } from '../../src/tensor.ts';
import { raises } from '../support/raises.ts';

const f32 = (dims: readonly number[], ...values: number[]) => new Tensor('float32', values, dims);
const i64 = (...values: (number | bigint)[]) => new Tensor('int64', values.map(BigInt));
const i64At = (dims: readonly number[], ...values: number[]) => i64(...values).reshape(dims);
const count = (...dims: number[]) => {
  const size = dims.reduce((product, d) => product * d, 1);
  return f32(dims, ...Array.from({ length: size }, (_, i) => i));
};

type Attrs = Record<string, Attr>;

const nodeOf = (op: string, inputs: readonly unknown[], attrs: Attrs = {}, outputs = 1): Node => ({
  name: 'node',
  op,
  inputs: inputs.map((input, i) => (input ? `input${i}` : '')),
  outputs: Array.from({ length: outputs }, (_, i) => `output${i}`),
  attrs: { ...attrs },
});

/** Inference and reference of a node with constant operands; they have to agree. */
function evaluate(op: string, operands: readonly (Tensor | undefined)[], attrs?: Attrs, outputs?: number): Tensor[] {
  const known = operands.map((t): KnownValue | undefined => t && { type: t.type, dims: t.dims, constant: t });
  const call = new Call(nodeOf(op, operands, attrs, outputs), known);
  const types = OPS.get(op)!.infer(call);
  const results = OPS.get(op)!.reference(call, operands);
  assert.equal(
    results.map(({ type, dims }) => ({ type, dims })),
    types.map(({ type, dims }) => ({ type, dims })),
  );
  return results;
}

const evaluateOne = (op: string, operands: readonly (Tensor | undefined)[], attrs?: Attrs): Tensor =>
  evaluate(op, operands, attrs)[0];

/** Inference of a node of which only some operands are constant. */
const infer = (op: string, operands: readonly (KnownValue | undefined)[], attrs?: Attrs, outputs?: number) =>
  OPS.get(op)!.infer(new Call(nodeOf(op, operands, attrs, outputs), operands));

const fed = (...dims: number[]): KnownValue => ({ type: 'float32', dims });
const fixed = (constant: Tensor): KnownValue => ({ type: constant.type, dims: constant.dims, constant });

function lower(op: string, operands: readonly (KnownValue | undefined)[], attrs?: Attrs) {
  return OPS.get(op)!.lower!(new LowerCall(nodeOf(op, operands, attrs), operands, infer(op, operands, attrs), 'auto'));
}

function holds(found: Tensor, dims: readonly number[], ...values: number[]): void {
  assert.equal(found.dims, dims);
  assert.equal(numbersOf(found), values);
}

/** What `normalize` makes of a node of an older opset. */
function normalize(op: string, opset: number, attrs: Attrs, inputs: readonly unknown[] = [1]) {
  const node = nodeOf(op, inputs, attrs);
  const added: Tensor[] = [];
  const n: OnnxNode = { node, opset, constant: () => undefined, add: (t) => `added${added.push(t) - 1}` };
  OPS.get(op)!.onnx.normalize?.(n);
  return { inputs: node.inputs, attrs: node.attrs, added: added.map((t) => [t.type, t.dims, numbersOf(t)]) };
}

test('Reshape: 0 copies, -1 is what remains, allowzero keeps 0', () => {
  holds(evaluateOne('Reshape', [count(2, 3, 2), i64(0, -1)]), [2, 6], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
  holds(evaluateOne('Reshape', [count(1, 1), i64()]), [], 0);
  holds(evaluateOne('Reshape', [count(0, 3), i64(7, 0)], { allowzero: 1 }), [7, 0]);
  holds(evaluateOne('Reshape', [count(0, 3), i64(0, 3)]), [0, 3]);
  raises(() => evaluate('Reshape', [count(2, 3), i64(4, -1)]), 'INVALID_MODEL', /'node'/, /4x-1/, /2x3/);
  raises(() => evaluate('Reshape', [count(2, 3), i64(-1, -1)]), 'INVALID_MODEL');
  raises(() => evaluate('Reshape', [count(2, 3), i64(5)]), 'INVALID_MODEL', /as many elements/);
  raises(() => evaluate('Reshape', [count(6), i64(2, 0)]), 'INVALID_MODEL', /copies dimension 1/);
  raises(() => evaluate('Reshape', [count(6), i64(-2, 3)]), 'INVALID_MODEL', /-2/);
  raises(() => infer('Reshape', [fed(6), { type: 'int64', dims: [2] }]), 'UNSUPPORTED_OP', /constant/);
});

test('Flatten, Squeeze, Unsqueeze, Identity and Dropout rename dims', () => {
  assert.equal(infer('Flatten', [fed(2, 3, 4)])[0].dims, [2, 12]);
  assert.equal(infer('Flatten', [fed(2, 3, 4)], { axis: 0 })[0].dims, [1, 24]);
  assert.equal(infer('Flatten', [fed(2, 3, 4)], { axis: 3 })[0].dims, [24, 1]);
  assert.equal(infer('Flatten', [fed(2, 3, 4)], { axis: -1 })[0].dims, [6, 4]);
  assert.equal(infer('Flatten', [fed(5)])[0].dims, [5, 1]);
  raises(() => infer('Flatten', [fed(2, 3)], { axis: 4 }), 'INVALID_MODEL', /found 4/);

  assert.equal(infer('Squeeze', [fed(1, 3, 1)])[0].dims, [3]);
  holds(evaluateOne('Squeeze', [count(1, 3, 1), i64(-1)]), [1, 3], 0, 1, 2);
  raises(() => evaluate('Squeeze', [count(1, 3), i64(1)]), 'INVALID_MODEL', /axis 1/);
  raises(() => evaluate('Squeeze', [count(1, 3), i64(0, -2)]), 'INVALID_MODEL', /once/);
  assert.equal(normalize('Squeeze', 11, { axes: [0, 2] }), {
    inputs: ['input0', 'added0'],
    attrs: {},
    added: [['int64', [2], [0, 2]]],
  });
  assert.equal(normalize('Squeeze', 11, {}).inputs, ['input0']);

  holds(evaluateOne('Unsqueeze', [count(2, 2), i64(0, -1)]), [1, 2, 2, 1], 0, 1, 2, 3);
  raises(() => evaluate('Unsqueeze', [count(2), i64(2)]), 'INVALID_MODEL', /found 2/);
  assert.equal(normalize('Unsqueeze', 12, { axes: [1] }).inputs, ['input0', 'added0']);
  assert.equal(normalize('Unsqueeze', 13, {}, [1, 1]).inputs, ['input0', 'input1']);

  assert.equal(infer('Identity', [{ type: 'bool', dims: [3] }]), [{ type: 'bool', dims: [3] }]);
  holds(evaluateOne('Dropout', [count(3), f32([], 0.5), new Tensor('bool', [0], [])]), [3], 0, 1, 2);
  raises(() => evaluate('Dropout', [count(3), undefined, new Tensor('bool', [1], [])]), 'UNSUPPORTED_OP', /training/);
  for (const op of ['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity', 'Dropout'])
    assert.is(OPS.get(op)!.alias, true, op);
});

test('Shape is known without the elements', () => {
  const shape = OPS.get('Shape')!;
  const of = (attrs: Attrs) => numbersOf(shape.fold!(new Call(nodeOf('Shape', [1], attrs), [fed(2, 3, 5)]))![0]);
  assert.equal(of({}), [2, 3, 5]);
  assert.equal(of({ start: 1 }), [3, 5]);
  assert.equal(of({ start: -2, end: -1 }), [3]);
  assert.equal(of({ start: -9, end: 9 }), [2, 3, 5]);
  assert.equal(of({ start: 2, end: 1 }), []);
});

test('Gather', () => {
  const data = count(3, 2);
  holds(evaluateOne('Gather', [data, i64(2, -3)]), [2, 2], 4, 5, 0, 1);
  holds(evaluateOne('Gather', [data, i64At([1, 2], 1, 0)], { axis: 1 }), [3, 1, 2], 1, 0, 3, 2, 5, 4);
  holds(evaluateOne('Gather', [i64(7, 8, 9), i64At([], 1)]), [], 8);
  raises(() => evaluate('Gather', [data, i64(3)]), 'INVALID_MODEL', /\[-3, 2\], found 3/);
  raises(() => evaluate('Gather', [data, f32([1], 0)]), 'INVALID_MODEL', /int32 or int64/);
  const run = OPS.get('Gather')!.reference(
    new Call(nodeOf('Gather', [1, 1]), [fed(3, 2), { type: 'int64', dims: [3] }]),
    [data, i64(3, 1, -4)],
  );
  holds(run[0], [3, 2], 0, 0, 2, 3, 0, 0);
});

test('Transpose', () => {
  holds(evaluateOne('Transpose', [count(2, 3)]), [3, 2], 0, 3, 1, 4, 2, 5);
  holds(evaluateOne('Transpose', [count(2, 1, 3)], { perm: [2, 0, 1] }), [3, 2, 1], 0, 3, 1, 4, 2, 5);
  holds(evaluateOne('Transpose', [i64At([2, 2], 1, 2, 3, 4)]), [2, 2], 1, 3, 2, 4);
  raises(() => infer('Transpose', [fed(2, 3)], { perm: [0, 0] }), 'INVALID_MODEL', /0, 0/);
  raises(() => infer('Transpose', [fed(2, 3)], { perm: [0] }), 'INVALID_MODEL');
  const many = [fed(...new Array<number>(26).fill(2))];
  const swap = Array.from({ length: 26 }, (_, i) => i ^ 1);
  raises(() => lower('Transpose', many, { perm: swap }), 'UNSUPPORTED_OP', /copies/);
});

test('Concat and Split', () => {
  holds(evaluateOne('Concat', [count(2, 1), f32([2, 2], 5, 6, 7, 8)], { axis: -1 }), [2, 3], 0, 5, 6, 1, 7, 8);
  holds(evaluateOne('Concat', [i64(2n ** 40n), i64(), i64(3)], { axis: 0 }), [2], 2 ** 40, 3);
  raises(() => infer('Concat', [fed(2, 3), fed(3, 3)], { axis: 1 }), 'INVALID_MODEL', /2x3 and 3x3/);
  raises(
    () => infer('Concat', [fed(2), fixed(i64(1))], { axis: 0 }),
    'INVALID_MODEL',
    /input 1: expected float32, found int64/,
  );
  raises(() => infer('Concat', [fed(2)], {}), 'INVALID_MODEL', /axis/);

  const [a, b] = evaluate('Split', [count(2, 3), i64(1, 2)], { axis: 1 }, 2);
  holds(a, [2, 1], 0, 3);
  holds(b, [2, 2], 1, 2, 4, 5);
  const dims = (attrs: Attrs, outputs: number) => infer('Split', [fed(7)], attrs, outputs).map((t) => t.dims[0]);
  assert.equal(dims({ num_outputs: 3 }, 3), [3, 3, 1]);
  assert.equal(dims({ num_outputs: 5 }, 5), [2, 2, 2, 1, 0]);
  raises(() => dims({}, 2), 'INVALID_MODEL', /2 equal/);
  raises(() => evaluate('Split', [count(3), i64(1, 1)], {}, 2), 'INVALID_MODEL', /add up to 3, found 1, 1/);
  assert.equal(normalize('Split', 11, { axis: 1, split: [1, 2] }), {
    inputs: ['input0', 'added0'],
    attrs: { axis: 1 },
    added: [['int64', [2], [1, 2]]],
  });
});

test('Slice', () => {
  const x = count(2, 5);
  holds(evaluateOne('Slice', [x, i64(1), i64(-1), i64(1)]), [2, 3], 1, 2, 3, 6, 7, 8);
  holds(evaluateOne('Slice', [x, i64(0, 0), i64(1, 2n ** 63n - 1n), i64(0, 1), i64(1, 2)]), [1, 3], 0, 2, 4);
  holds(evaluateOne('Slice', [x, i64(-1), i64(-(2n ** 63n)), i64(-1), i64(-2)]), [2, 3], 4, 2, 0, 9, 7, 5);
  holds(evaluateOne('Slice', [x, i64(9), i64(0), i64(1), i64(-3)]), [2, 2], 4, 1, 9, 6);
  holds(evaluateOne('Slice', [x, i64(2), i64(1)]), [0, 5]);
  holds(evaluateOne('Slice', [count(0), i64(-1), i64(-9), i64(0), i64(-1)]), [0]);
  raises(() => evaluate('Slice', [x, i64(0), i64(1), i64(0), i64(0)]), 'INVALID_MODEL', /step/);
  raises(() => evaluate('Slice', [x, i64(0), i64(1, 2)]), 'INVALID_MODEL', /one length/);
  raises(() => evaluate('Slice', [x, i64(0), i64(1), i64(2)]), 'INVALID_MODEL', /found 2/);
  assert.equal(normalize('Slice', 9, { starts: [1], ends: [2], axes: [0] }), {
    inputs: ['input0', 'added0', 'added1', 'added2'],
    attrs: {},
    added: [
      ['int64', [1], [1]],
      ['int64', [1], [2]],
      ['int64', [1], [0]],
    ],
  });
});

test('Pad', () => {
  const x = count(3);
  const pad = (mode: string, begin: number, end: number) =>
    numbersOf(evaluateOne('Pad', [x, i64(begin, end)], { mode }));
  assert.equal(pad('constant', 1, 2), [0, 0, 1, 2, 0, 0]);
  assert.equal(pad('edge', 2, 1), [0, 0, 0, 1, 2, 2]);
  assert.equal(pad('reflect', 2, 1), [2, 1, 0, 1, 2, 1]);
  assert.equal(pad('reflect', 5, 0), [1, 0, 1, 2, 1, 0, 1, 2]);
  assert.equal(pad('wrap', 1, 4), [2, 0, 1, 2, 0, 1, 2, 0]);
  assert.equal(pad('constant', -1, 1), [1, 2, 0]);
  assert.equal(pad('edge', 1, -2), [0, 0]);
  holds(evaluateOne('Pad', [count(1, 2), i64(1, 0), f32([], 9), i64(-1)]), [1, 3], 9, 0, 1);
  holds(evaluateOne('Pad', [i64(1), i64(0, 1), i64At([], 2 ** 40)]), [2], 1, 2 ** 40);
  raises(() => pad('constant', -2, -2), 'INVALID_MODEL', /cropped to -1/);
  raises(() => pad('nearest', 1, 1), 'UNSUPPORTED_OP', /nearest/);
  raises(() => evaluate('Pad', [count(0), i64(1, 0)], { mode: 'edge' }), 'INVALID_MODEL', /repeat/);
  raises(() => evaluate('Pad', [x, i64(1)]), 'INVALID_MODEL', /found 1/);
  raises(() => infer('Pad', [fed(3), { type: 'int64', dims: [2] }]), 'UNSUPPORTED_OP', /constant/);
  raises(() => lower('Pad', [fed(2), fixed(i64(5000, 0))], { mode: 'reflect' }), 'UNSUPPORTED_OP', /copies/);
  assert.equal(normalize('Pad', 10, { pads: [1, 2], value: 3, mode: 'constant' }), {
    inputs: ['input0', 'added0', 'added1'],
    attrs: { mode: 'constant' },
    added: [
      ['int64', [2], [1, 2]],
      ['float32', [], [3]],
    ],
  });
});

test('Expand, ConstantOfShape and Cast', () => {
  holds(evaluateOne('Expand', [f32([2, 1], 1, 2), i64(3, 1, 2)]), [3, 2, 2], 1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2);
  holds(evaluateOne('Expand', [count(1, 3), i64(1)]), [1, 3], 0, 1, 2);
  raises(() => evaluate('Expand', [count(3), i64(2)]), 'INVALID_MODEL', /3/);

  holds(evaluateOne('ConstantOfShape', [i64(2, 2)]), [2, 2], 0, 0, 0, 0);
  const seven = evaluateOne('ConstantOfShape', [i64()], { value: new Tensor('int64', [7]) });
  assert.equal([seven.type, seven.dims, numbersOf(seven)], ['int64', [], [7]]);
  raises(() => evaluate('ConstantOfShape', [i64(-1)]), 'INVALID_MODEL', /-1/);

  const cast = (x: Tensor, to: number) => {
    const y = evaluateOne('Cast', [x], { to });
    return [y.type, numbersOf(y)];
  };
  assert.equal(cast(f32([4], 1.9, -1.9, Number.NaN, 0), 7), ['int64', [1, -1, 0, 0]]);
  assert.equal(cast(f32([3], 0.5, -0, Number.NaN), 9), ['bool', [1, 0, 1]]);
  assert.equal(cast(i64(2 ** 32 + 5, -1), 6), ['int32', [5, -1]]);
  assert.equal(cast(i64(300, -1), 2), ['uint8', [44, 255]]);
  assert.equal(cast(i64(3), 1), ['float32', [3]]);
  raises(() => infer('Cast', [fed(1)], { to: 8 }), 'UNSUPPORTED_OP', /number 8/);
  raises(() => lower('Cast', [fed(1)], { to: 11 }), 'UNSUPPORTED_OP', /float32 to float64/);
});

const image = f32([1, 1, 3, 4], 1, 5, 2, 0, 3, 4, 8, -1, 7, 6, 9, -2);

test('MaxPool', () => {
  holds(evaluateOne('MaxPool', [image], { kernel_shape: [2, 2] }), [1, 1, 2, 3], 5, 8, 8, 7, 9, 9);
  holds(evaluateOne('MaxPool', [image], { kernel_shape: [2, 2], strides: [2, 2] }), [1, 1, 1, 2], 5, 8);
  const ceil = { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 };
  holds(evaluateOne('MaxPool', [image], ceil), [1, 1, 2, 2], 5, 8, 7, 9);
  const same = { kernel_shape: [2, 2], auto_pad: 'SAME_LOWER' };
  holds(evaluateOne('MaxPool', [image], same), [1, 1, 3, 4], 1, 5, 5, 2, 3, 5, 8, 8, 7, 7, 9, 9);
  holds(evaluateOne('MaxPool', [image], { kernel_shape: [2, 2], dilations: [2, 3] }), [1, 1, 1, 1], 7);
  holds(evaluateOne('MaxPool', [count(1, 1, 5)], { kernel_shape: [3], strides: [2] }), [1, 1, 2], 2, 4);
  holds(evaluateOne('MaxPool', [f32([1, 1, 3], Number.NaN, 1, Number.NaN)], { kernel_shape: [2] }), [1, 1, 2], 1, 1);
  const outside = { kernel_shape: [1], pads: [1, 1] };
  holds(evaluateOne('MaxPool', [count(1, 1, 1)], outside), [1, 1, 3], -Infinity, 0, -Infinity);
  // The last window would start behind the image and its begin pads.
  const behind = { kernel_shape: [1], strides: [2], pads: [0, 1], ceil_mode: 1 };
  holds(evaluateOne('MaxPool', [count(1, 1, 2)], behind), [1, 1, 1], 0);
});

test('AveragePool', () => {
  holds(
    evaluateOne('AveragePool', [image], { kernel_shape: [3, 2], strides: [1, 2] }),
    [1, 1, 1, 2],
    Math.fround(26 / 6),
    Math.fround(16 / 6),
  );
  const pads = { kernel_shape: [2, 2], strides: [2, 3], pads: [1, 1, 1, 1] };
  holds(evaluateOne('AveragePool', [image], pads), [1, 1, 2, 2], 1, 1, 5, 3.5);
  holds(evaluateOne('AveragePool', [image], { ...pads, count_include_pad: 1 }), [1, 1, 2, 2], 0.25, 0.5, 2.5, 3.5);
  // A ceil window counts no positions behind the end pads.
  const ceil = { kernel_shape: [3], strides: [2], ceil_mode: 1, count_include_pad: 1 };
  holds(evaluateOne('AveragePool', [count(1, 1, 4)], ceil), [1, 1, 2], 1, 2.5);
  holds(evaluateOne('AveragePool', [count(1, 1, 1)], { kernel_shape: [1], pads: [1, 0] }), [1, 1, 2], 0, 0);
});

test('pooling that is wrong or not run', () => {
  const bad = (attrs: Attrs, dims = [1, 1, 4, 4]) => infer('MaxPool', [fed(...dims)], attrs);
  raises(() => bad({}), 'INVALID_MODEL', /kernel_shape/);
  raises(() => bad({ kernel_shape: [5, 1] }), 'INVALID_MODEL', /fits/);
  raises(() => bad({ kernel_shape: [2, 2], strides: [0, 1] }), 'INVALID_MODEL', /strides/);
  raises(() => bad({ kernel_shape: [2] }), 'INVALID_MODEL', /kernel_shape has 2/);
  raises(() => bad({ kernel_shape: [2, 2], pads: [0, 0, -1, 0] }), 'INVALID_MODEL', /pads/);
  raises(() => bad({ kernel_shape: [2, 2], auto_pad: 'SAME' }), 'INVALID_MODEL', /auto_pad/);
  raises(() => bad({ kernel_shape: [1, 1] }, [1, 1, 0, 4]), 'INVALID_MODEL', /empty/);
  raises(() => bad({ kernel_shape: [2, 2, 2] }, [1, 1, 4, 4, 4]), 'UNSUPPORTED_OP', /found 3/);
  raises(
    () => infer('MaxPool', [{ type: 'int8', dims: [1, 1, 4] }], { kernel_shape: [2] }),
    'INVALID_MODEL',
    /float32/,
  );
});

test('movement keeps planes where the axes stay', () => {
  const kernels = (op: string, operands: KnownValue[], attrs?: Attrs) =>
    lower(op, operands, attrs).map((c) => c.kernel);
  const x = fed(1, 2, 3, 4);
  assert.equal(kernels('Concat', [x, x], { axis: 1 }), ['x32_copy__dense', 'x32_copy__planes']);
  assert.equal(kernels('Transpose', [x]), ['x32_copy__dense']);
  assert.equal(kernels('Slice', [{ ...x, type: 'int64' }, fixed(i64(0)), fixed(i64(1))]), ['x64_copy__dense']);
  assert.equal(kernels('MaxPool', [x], { kernel_shape: [2, 2] }).length, 4);
  const [dense] = lower('Concat', [fixed(count(1, 2)), fed(1, 2)], { axis: 1 });
  assert.equal(dense.inputs, [{ kind: 'none' }, { kind: 'any' }]);
});

test.run();
