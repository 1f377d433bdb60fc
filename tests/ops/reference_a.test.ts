import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Attr, Node } from '../../src/graph/ir.ts';
import { OPS } from '../../src/ops/index.ts';
import { LowerCall } from '../../src/ops/lower.ts';
import { Call, type KnownValue, type OnnxNode } from '../../src/ops/op.ts';
import { numbersOf, Tensor } from '../../src/tensor.ts';
import { raises } from '../support/raises.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const nodeOf = (op: string, inputs: number, attrs: Record<string, Attr> = {}): Node => ({
  name: 'node',
  op,
  inputs: Array.from({ length: inputs }, (_, i) => `input${i}`),
  outputs: ['output'],
  attrs: { ...attrs },
});

const f32 = (dims: readonly number[], ...values: number[]) => new Tensor('float32', values, dims);
const i32 = (dims: readonly number[], ...values: number[]) => new Tensor('int32', values, dims);
const i64 = (dims: readonly number[], ...values: (number | bigint)[]) => new Tensor('int64', values.map(BigInt), dims);

type Operands = readonly (Tensor | undefined)[];

/** Inference and reference of a node with constant operands; they have to agree. */
function evaluate(op: string, operands: Operands, attrs?: Record<string, Attr>): Tensor {
  const node = nodeOf(op, operands.length, attrs);
  const known = operands.map((t): KnownValue | undefined => t && { type: t.type, dims: t.dims, constant: t });
  const call = new Call(node, known);
  const [type] = OPS.get(op)!.infer(call);
  const [y] = OPS.get(op)!.reference(call, operands);
  assert.equal({ type: y.type, dims: y.dims }, { type: type.type, dims: type.dims });
  return y;
}

/** As {@link evaluate}, for a node whose operands are fed: only inference and lowering see it. */
function lower(op: string, operands: readonly (KnownValue | undefined)[], attrs?: Record<string, Attr>) {
  const node = nodeOf(op, operands.length, attrs);
  const outputs = OPS.get(op)!.infer(new Call(node, operands));
  return OPS.get(op)!.lower!(new LowerCall(node, operands, outputs, 'auto'));
}

function near(found: Tensor, dims: readonly number[], ...values: number[]): void {
  assert.equal(found.dims, dims);
  const elements = numbersOf(found);
  assert.is(elements.length, values.length);
  values.forEach((value, i) => {
    const same = Object.is(elements[i], value) || Math.abs(elements[i] - value) <= 1e-6 * Math.max(1, Math.abs(value));
    assert.ok(same, `element ${i}: expected ${value}, found ${elements[i]}`);
  });
}

/** What `normalize` makes of a node of an older opset. */
function normalize(op: string, opset: number, attrs: Record<string, Attr>, inputs = 1) {
  const node = nodeOf(op, inputs, attrs);
  const added: Tensor[] = [];
  const n: OnnxNode = { node, opset, constant: () => undefined, add: (t) => `added${added.push(t) - 1}` };
  OPS.get(op)!.onnx.normalize?.(n);
  return { inputs: node.inputs, attrs: node.attrs, added };
}

const unary: [string, Record<string, Attr>, number[], number[]][] = [
  ['Relu', {}, [-2, 0, 3, nan, inf, -inf], [0, 0, 3, nan, inf, 0]],
  ['LeakyRelu', {}, [-2, 0, 3, nan], [-0.02, 0, 3, nan]],
  ['LeakyRelu', { alpha: 0.5 }, [-2, -inf], [-1, -inf]],
  ['Sigmoid', {}, [0, 1, -1, inf, -inf, nan, 200, -200], [0.5, 0.7310586, 0.2689414, 1, 0, nan, 1, 0]],
  ['Tanh', {}, [0, 1, -0.5, inf, -inf, nan], [0, 0.7615942, -0.4621172, 1, -1, nan]],
  ['HardSigmoid', {}, [-3, -1, 0, 3, nan], [0, 0.3, 0.5, 1, nan]],
  ['HardSigmoid', { alpha: 1, beta: 0 }, [0.25, -1, 2], [0.25, 0, 1]],
  ['HardSwish', {}, [-4, -1.5, 0, 1.5, 4], [0, -0.375, 0, 1.125, 4]],
  ['Neg', {}, [1, -2, inf], [-1, 2, -inf]],
  ['Abs', {}, [1, -2, -inf], [1, 2, inf]],
  ['Exp', {}, [0, 1, -1, -inf, nan], [1, Math.E, 0.3678794, 0, nan]],
  ['Sqrt', {}, [0, 4, 2.25, -1], [0, 2, 1.5, nan]],
  ['Erf', {}, [0, 0.5, -1, 2, 7, -inf, nan], [0, 0.5204999, -0.8427008, 0.9953223, 1, -1, nan]],
];

for (const [op, attrs, x, y] of unary) {
  test(`${op} ${JSON.stringify(attrs)}`, () => near(evaluate(op, [f32([x.length], ...x)], attrs), [y.length], ...y));
}

test('a scalar stays a scalar', () => near(evaluate('Relu', [f32([], -1)]), [], 0));

test('Clip: bounds, either may be absent', () => {
  const x = f32([5], -2, 0.25, 3, nan, inf);
  near(evaluate('Clip', [x, f32([], -1), f32([], 1)]), [5], -1, 0.25, 1, nan, 1);
  near(evaluate('Clip', [x, f32([], 0.5)]), [5], 0.5, 0.5, 3, nan, inf);
  near(evaluate('Clip', [x, undefined, f32([], 0)]), [5], -2, 0, 0, nan, 0);
  near(evaluate('Clip', [x]), [5], -2, 0.25, 3, nan, inf);
  near(evaluate('Clip', [x, f32([], 1), f32([], -1)]), [5], -1, -1, -1, nan, -1);
});

test('integers fold', () => {
  near(evaluate('Relu', [i64([3], -2, 0, 3)]), [3], 0, 0, 3);
  near(evaluate('Clip', [i32([3], -2, 0, 3), i32([], -1), i32([], 2)]), [3], -1, 0, 2);
  near(evaluate('Clip', [i64([3], -2, 0, 3), i64([], -1), undefined]), [3], -1, 0, 3);
  near(evaluate('Neg', [i64([2], -2, 3)]), [2], 2, -3);
  near(evaluate('Abs', [i32([2], -2, 3)]), [2], 2, 3);
  near(evaluate('Add', [i64([2], 1, 2), i64([], 10)]), [2], 11, 12);
  near(evaluate('Sub', [i32([2], 1, 2), i32([1], 10)]), [2], -9, -8);
  near(evaluate('Div', [i64([3], 7, -7, 8), i64([], 2)]), [3], 3, -3, 4);
  near(evaluate('Div', [i32([3], 7, -7, 8), i32([], 2)]), [3], 3, -3, 4);
});

test('integers wrap around', () => {
  near(evaluate('Add', [i32([1], 2147483647), i32([1], 1)]), [1], -2147483648);
  near(evaluate('Mul', [i32([1], 123456789), i32([1], 987654321)]), [1], -67153019);
  assert.is(evaluate('Mul', [i64([1], 2n ** 62n), i64([1], 2)]).data[0], -(2n ** 63n));
  assert.is(evaluate('Add', [i64([1], 2n ** 53n), i64([1], 1)]).data[0], 2n ** 53n + 1n);
});

test('broadcasting', () => {
  const a = f32([2, 3], 1, 2, 3, 4, 5, 6);
  near(evaluate('Add', [a, f32([], 10)]), [2, 3], 11, 12, 13, 14, 15, 16);
  near(evaluate('Sub', [a, f32([3], 1, 2, 3)]), [2, 3], 0, 0, 0, 3, 3, 3);
  near(evaluate('Mul', [a, f32([2, 1], 2, 3)]), [2, 3], 2, 4, 6, 12, 15, 18);
  near(evaluate('Div', [f32([1, 2], 1, 2), f32([2, 1], 2, 4)]), [2, 2], 0.5, 1, 0.25, 0.5);
  near(evaluate('Add', [f32([2, 1, 2], 1, 2, 3, 4), f32([2, 1], 10, 20)]), [2, 2, 2], 11, 12, 21, 22, 13, 14, 23, 24);
  near(evaluate('Add', [f32([0, 2]), f32([1, 2], 1, 2)]), [0, 2]);
  near(evaluate('Add', [f32([1, 2], 1, 2), f32([0, 1])]), [0, 2]);
  near(evaluate('Div', [f32([3], 1, -1, 0), f32([], 0)]), [3], inf, -inf, nan);
});

test('Softmax along an axis, and over all dims from an axis on', () => {
  const x = f32([2, 2], 0, Math.log(3), 1000, 1000 + Math.log(3));
  near(
    evaluate('Softmax', [x]),
    [2, 2],
    0.25,
    0.75,
    ...numbersOf(evaluate('Softmax', [f32([2], 1000, x.data[3] as number)])),
  );
  near(evaluate('Softmax', [f32([2, 2], 0, 5, Math.log(3), 5)], { axis: 0 }), [2, 2], 0.25, 0.5, 0.75, 0.5);
  const logs = f32([1, 2, 2], 0, Math.log(2), Math.log(3), Math.log(4));
  near(evaluate('Softmax', [logs], { axis: 1, flatten: 1 }), [1, 2, 2], 0.1, 0.2, 0.3, 0.4);
  near(evaluate('Softmax', [logs], { axis: 1 }), [1, 2, 2], 0.25, 1 / 3, 0.75, 2 / 3);
});

test('Softmax makes NaN of NaN and of infinity minus infinity only', () => {
  near(evaluate('Softmax', [f32([2], -1e30, 1e30)]), [2], 0, 1);
  near(evaluate('Softmax', [f32([2], -inf, 0)]), [2], 0, 1);
  near(evaluate('Softmax', [f32([2], inf, 0)]), [2], nan, nan);
  near(evaluate('Softmax', [f32([2], -inf, -inf)]), [2], nan, nan);
  near(evaluate('Softmax', [f32([2, 2], nan, 0, 0, 0)]), [2, 2], nan, nan, 0.5, 0.5);
});

test('ReduceMean', () => {
  const x = f32([2, 3], 1, 2, 3, 4, 5, 9);
  near(evaluate('ReduceMean', [x, i64([1], 1)]), [2, 1], 2, 6);
  near(evaluate('ReduceMean', [x, i64([1], -2)], { keepdims: 0 }), [3], 2.5, 3.5, 6);
  near(evaluate('ReduceMean', [x]), [1, 1], 4);
  near(evaluate('ReduceMean', [x, i64([0])], { keepdims: 0 }), [], 4);
  near(evaluate('ReduceMean', [x, i64([0])], { noop_with_empty_axes: 1 }), [2, 3], 1, 2, 3, 4, 5, 9);
  near(evaluate('ReduceMean', [f32([2, 2, 2], 1, 2, 3, 4, 5, 6, 7, 8), i64([2], 2, 0)]), [1, 2, 1], 3.5, 5.5);
  near(evaluate('ReduceMean', [f32([2, 0]), i64([1], 1)]), [2, 1], nan, nan);
  near(evaluate('ReduceMean', [f32([0, 2]), i64([1], 1)]), [0, 1]);
});

test('GlobalAveragePool', () => {
  near(evaluate('GlobalAveragePool', [f32([1, 2, 2, 2], 1, 2, 3, 4, 5, 6, 7, 10)]), [1, 2, 1, 1], 2.5, 7);
  near(evaluate('GlobalAveragePool', [f32([2, 1, 2], 1, 2, 3, 5)]), [2, 1, 1], 1.5, 4);
});

test('older opsets', () => {
  const clip = normalize('Clip', 6, { min: 0, max: 6 });
  assert.equal(clip.inputs, ['input0', 'added0', 'added1']);
  assert.equal(clip.attrs, {});
  assert.equal(
    clip.added.map((t) => [t.type, t.dims, t.data[0]]),
    [
      ['float32', [], 0],
      ['float32', [], 6],
    ],
  );
  assert.equal(normalize('Clip', 10, { max: 6 }).inputs, ['input0', '', 'added0']);
  assert.equal(normalize('Clip', 10, { min: 6 }).inputs, ['input0', 'added0']);
  assert.equal(normalize('Clip', 13, {}, 3).inputs, ['input0', 'input1', 'input2']);

  assert.equal(normalize('Softmax', 11, {}).attrs, { axis: 1, flatten: 1 });
  assert.equal(normalize('Softmax', 12, { axis: 2 }).attrs, { axis: 2, flatten: 1 });
  assert.equal(normalize('Softmax', 13, {}).attrs, { axis: -1 });

  const mean = normalize('ReduceMean', 13, { axes: [-1, 2], keepdims: 0 });
  assert.equal(mean.inputs, ['input0', 'added0']);
  assert.equal(mean.attrs, { keepdims: 0 });
  assert.equal(numbersOf(mean.added[0]), [-1, 2]);
  assert.equal(normalize('ReduceMean', 17, {}).inputs, ['input0']);
  assert.equal(normalize('ReduceMean', 18, {}, 2).inputs, ['input0', 'input1']);
});

const fed = (type: 'float32' | 'int64', ...dims: number[]): KnownValue => ({ type, dims });
const fixed = (t: Tensor): KnownValue => ({ type: t.type, dims: t.dims, constant: t });
const layouts = (operands: KnownValue[], op = 'Add') => lower(op, operands).map((c) => c.output);

test('layouts of the candidates', () => {
  const x = fed('float32', 2, 3, 5, 7);
  const channel = fixed(f32([3, 1, 1], 1, 2, 3));
  assert.equal(layouts([x], 'Relu'), ['dense', 'columns', 'planes']);
  assert.equal(layouts([fed('float32', 9)], 'Relu'), ['dense']);
  assert.equal(layouts([x, x]), ['dense', 'planes', 'columns']);
  assert.equal(layouts([x, channel]), ['dense', 'planes']);
  assert.equal(layouts([channel, x]), ['dense', 'planes']);
  assert.equal(layouts([x, fed('float32', 2, 3, 1, 1)]), ['dense', 'planes']);
  assert.equal(layouts([x, fed('float32', 1, 1, 5, 7)]), ['dense']);
  assert.equal(layouts([fed('float32', 4, 3), fixed(f32([3], 1, 2, 3))]), ['dense', 'columns']);
  assert.equal(layouts([fed('float32', 2, 1), fixed(f32([2, 1], 1, 2))]), ['dense']);
  assert.equal(layouts([fed('float32', 1, 9), fed('float32', 9, 1)]), ['dense']);
  assert.equal(layouts([x], 'GlobalAveragePool'), ['dense', 'dense']);
  assert.equal(lower('Add', [x, x])[0].inplace, [0, 1]);
  assert.equal(lower('Add', [x, channel])[1].inplace, [0]);
});

test('errors name the node, what was expected and what was found', () => {
  const x = f32([2, 3], 1, 2, 3, 4, 5, 6);
  raises(() => evaluate('Add', [x, f32([2], 1, 2)]), 'INVALID_MODEL', /Add 'node'/, /2x3/);
  raises(() => evaluate('Add', [x, i64([], 1)]), 'INVALID_MODEL', /float32/, /int64/);
  raises(() => evaluate('Div', [i64([1], 1), i64([2], 1, 0)]), 'INVALID_MODEL', /divisor/);
  raises(() => evaluate('Exp', [i64([1], 1)]), 'INVALID_MODEL', /float32/, /int64/);
  raises(() => evaluate('Clip', [x, x]), 'INVALID_MODEL', /scalar/);
  raises(() => evaluate('Softmax', [x], { axis: 2 }), 'INVALID_MODEL', /axis/, /found 2/);
  raises(() => evaluate('ReduceMean', [x, i64([1], 2)]), 'INVALID_MODEL', /axis/);
  raises(() => evaluate('ReduceMean', [x, i64([2], 1, -1)]), 'INVALID_MODEL', /once/);
  raises(() => evaluate('GlobalAveragePool', [x]), 'INVALID_MODEL', /3 dimensions/);
  raises(() => lower('Relu', [fed('int64', 3)]), 'UNSUPPORTED_OP', /Relu 'node'/, /int64/);
  raises(() => lower('Mul', [fed('int64', 3), fed('int64', 3)]), 'UNSUPPORTED_OP', /int64/);
  raises(() => lower('Clip', [fed('float32', 3), fed('float32')]), 'UNSUPPORTED_OP', /constant/);
  raises(() => lower('ReduceMean', [fed('float32', 3), fed('int64', 1)]), 'UNSUPPORTED_OP', /constant/);
  raises(
    () => lower('Add', [fed('float32', 2, 1, 2, 1, 2, 1, 2), fed('float32', 1, 2, 1, 2, 1, 2, 1)]),
    'UNSUPPORTED_OP',
    /broadcasting/,
  );
});

test.run();
