import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { argmax, softmax, topK } from '../../src/labels.ts';
import { numbersOf, Tensor } from '../../src/tensor.ts';
import { raises } from '../support/raises.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const sum = (x: ArrayLike<number>): number => Array.from(x).reduce((a, b) => a + b, 0);

test('softmax of numbers far from zero', () => {
  const y = softmax(Float32Array.of(1000, 1001, 1002));
  assert.instance(y, Float32Array);
  const expected = [0.09003057317038046, 0.24472847105479764, 0.6652409557748218];
  for (const [i, p] of expected.entries()) assert.ok(Math.abs(y[i] - p) < 1e-7);
  assert.equal([...softmax([-1e30, -1e30])], [0.5, 0.5]);
  assert.equal([...softmax([-inf, 3])], [0, 1]);
  assert.equal([...softmax([7])], [1]);
  assert.is(softmax([]).length, 0);
});

test('softmax along any axis', () => {
  const data = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i * 7) * 4);
  const x = new Tensor('float32', data, [2, 3, 4]);
  for (const [axis, dims, inner] of [
    [0, 2, 12],
    [1, 3, 4],
    [-1, 4, 1],
    [2, 4, 1],
    [-3, 2, 12],
  ] as const) {
    const y = softmax(x, axis);
    assert.equal(y.dims, [2, 3, 4]);
    for (let i = 0; i < 24; i++) {
      const first = i - (Math.floor(i / inner) % dims) * inner;
      const row = Array.from({ length: dims }, (_, k) => Math.exp(data[first + k * inner]));
      assert.ok(Math.abs(Number(y.data[i]) - Math.exp(data[i]) / sum(row)) < 1e-6, `axis ${axis}, element ${i}`);
    }
  }
  assert.equal(x.data[0], 0, 'the tensor is left as it was');
});

test('what is not finite spoils its own row only', () => {
  const x = new Tensor('float32', Float32Array.of(1, nan, 0, 0, inf, 0, -inf, -inf), [4, 2]);
  assert.equal(numbersOf(softmax(x)), [nan, nan, 0.5, 0.5, nan, nan, nan, nan]);
});

test('the largest scores of every row, with their labels', () => {
  const x = new Tensor('float32', Float32Array.of(1, 5, 3, 9, 2, 4), [2, 3]);
  assert.equal(topK(x, 2, ['cat', 'dog', 'owl']), [
    [
      { index: 1, label: 'dog', score: 5 },
      { index: 2, label: 'owl', score: 3 },
    ],
    [
      { index: 0, label: 'cat', score: 9 },
      { index: 2, label: 'owl', score: 4 },
    ],
  ]);
  assert.equal(topK([1, 2], 1), [{ index: 1, label: undefined, score: 2 }]);
  assert.equal(topK(new Tensor('float32', new Float32Array(), [0, 3]), 1), []);
  assert.equal(topK(new Tensor('uint8', Uint8Array.of(3, 200), [2]), 1), [
    [{ index: 1, label: undefined, score: 200 }],
  ]);
});

test('every k gives the front of the same order: larger, then lower index, NaN last', () => {
  const x = [3, nan, 7, 3, -inf, 7, nan, 0, -0, inf, 3];
  const order = [9, 2, 5, 0, 3, 10, 7, 8, 4, 1, 6];
  for (let k = 1; k <= x.length; k++)
    assert.equal(
      topK(Float32Array.from(x), k).map(({ index }) => index),
      order.slice(0, k),
    );
  assert.is(argmax(x), 9);
  assert.is(argmax([nan, nan]), 0);
  assert.is(argmax([nan, -inf]), 1);
});

test('argmax takes an axis away', () => {
  const x = new Tensor('float32', Float32Array.of(1, 9, 5, 4, 3, 9, 2, 8, 7, 0, 1, 8), [1, 3, 2, 2]);
  const map = argmax(x, 1);
  assert.is(map.type, 'int32');
  assert.equal(map.dims, [1, 2, 2]);
  assert.equal(numbersOf(map), [2, 0, 0, 1]);
  assert.equal(argmax(x).dims, [1, 3, 2]);
  assert.equal(argmax(new Tensor('float32', Float32Array.of(1, 2))).dims, []);
});

test('mistakes are named', () => {
  const x = new Tensor('float32', new Float32Array(6), [2, 3]);
  raises(() => topK(x, 4), 'INVALID_ARGUMENT', /1 to the 3 classes, found 4/);
  raises(() => topK(x, 0), 'INVALID_ARGUMENT', /found 0/);
  raises(() => topK(x, 1.5), 'INVALID_ARGUMENT');
  raises(() => topK(x, 1, ['cat', 'dog']), 'SHAPE_MISMATCH', /each of 3 classes is expected, found 2/);
  raises(() => topK(x, 1, 'abc' as never), 'SHAPE_MISMATCH');
  raises(() => topK({} as never, 1), 'INVALID_ARGUMENT', /Tensor/);
  raises(() => topK(['1'] as never, 1), 'INVALID_ARGUMENT', /Tensor/);
  raises(() => softmax(x, 2), 'INVALID_ARGUMENT', /from -2 to 1, found 2/);
  raises(() => softmax(new Tensor('float32', [1], [])), 'INVALID_ARGUMENT', /axis/);
  raises(() => softmax(new Tensor('float16', new Uint16Array(3), [3])), 'TYPE_MISMATCH', /found float16/);
  raises(() => argmax(new Tensor('int64', new BigInt64Array(3), [3])), 'TYPE_MISMATCH', /found int64/);
  raises(() => argmax([]), 'INVALID_ARGUMENT', /no elements/);
  raises(() => topK([], 1), 'INVALID_ARGUMENT', /0 classes/);
});

test.run();
