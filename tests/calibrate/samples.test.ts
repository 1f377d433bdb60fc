import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cutSamples, type SampleData, spreadOver } from '../../src/calibrate/samples.ts';
import { numbersOf, Tensor } from '../../src/tensor.ts';
import { raises } from '../support/raises.ts';

const floats = (dims: number[]): Tensor =>
  new Tensor(
    'float32',
    Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => i),
    dims,
  );

const X = { name: 'x', type: 'float32' } as const;
const MASK = { name: 'mask', type: 'float32' } as const;
const one = { inputs: [X], plans: [{ inputs: [[1, 2]] }, { inputs: [[2, 2]] }, { inputs: [[1, 3]] }] };
const two = { inputs: [X, MASK], plans: [{ inputs: [[2, 2], [2]] }] };

test('the first dimension is cut by the batch of the first plan that fits', () => {
  const samples = cutSamples({ x: floats([3, 2]) }, one, 'calibrate');
  assert.is(samples.plan, 0);
  assert.equal(
    [0, 1, 2].map((i) => numbersOf(samples.at(i).x)),
    [
      [0, 1],
      [2, 3],
      [4, 5],
    ],
  );
  assert.equal(samples.at(2).x.dims, [1, 2]);
  const wide = cutSamples({ x: floats([4, 3]) }, one, 'calibrate');
  assert.is(wide.plan, 2);
  assert.is(wide.count, 4);
});

test('rows that fill no run are left out; an array as long as its input serves all samples', () => {
  const samples = cutSamples({ x: floats([5, 2]), mask: floats([2]) }, two, 'apoz');
  assert.is(samples.count, 2);
  assert.equal(numbersOf(samples.at(1).x), [4, 5, 6, 7]);
  assert.equal(numbersOf(samples.at(1).mask), [0, 1]);
});

test('a list of feeds counts on; views into larger arrays are read where they stand', () => {
  const back = floats([8]).data as Float32Array;
  const view = new Tensor('float32', back.subarray(4), [2, 2]);
  const samples = cutSamples([{ x: floats([1, 2]) }, { x: view }], one, 'calibrate');
  assert.is(samples.count, 3);
  assert.equal(
    [0, 1, 2].map((i) => numbersOf(samples.at(i).x)),
    [
      [0, 1],
      [4, 5],
      [6, 7],
    ],
  );
});

test('errors name the option, the input, what is expected and what was found', () => {
  const cut = (data: unknown, target = two) => cutSamples(data as SampleData, target, 'calibrate');
  const fine = { x: floats([2, 2]), mask: floats([2]) };
  raises(() => cut(null), 'INVALID_ARGUMENT', /^calibrate: the data are tensors by input name/);
  raises(() => cut([]), 'INVALID_ARGUMENT', /empty/);
  raises(() => cut({ ...fine, y: floats([2]) }), 'INVALID_ARGUMENT', /no input 'y'; the inputs are 'x', 'mask'/);
  raises(() => cut({ x: fine.x }), 'MISSING_INPUT', /'mask' is missing/);
  raises(() => cut({ x: fine.x, mask: [1, 2] }), 'MISSING_INPUT', /a Tensor for input 'mask'/);
  raises(
    () => cut({ ...fine, mask: new Tensor('int32', Int32Array.of(1, 2)) }),
    'TYPE_MISMATCH',
    /'mask' has type float32, found int32/,
  );
  raises(() => cut({ ...fine, x: floats([1, 2]) }), 'SHAPE_MISMATCH', /expected 'x' 2x2, 'mask' 2, .* found 'x' 1x2/);
  raises(() => cut({ ...fine, x: floats([2, 3]) }), 'SHAPE_MISMATCH', /found 'x' 2x3/);
  raises(
    () => cut({ x: floats([8, 2]), mask: floats([4]) }),
    'SHAPE_MISMATCH',
    /'mask' holds 2 samples, another input 4/,
  );
});

test('a bounded choice is evenly spread, and so is each beginning of it', () => {
  assert.equal(
    spreadOver(7, 100).toSorted((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6],
  );
  assert.equal(spreadOver(1, 5), [0]);
  for (const [count, most] of [
    [10000, 256],
    [1000, 100],
    [257, 256],
    [100, 2],
  ]) {
    const chosen = spreadOver(count, most);
    assert.is(new Set(chosen).size, most);
    assert.ok(chosen.every((i) => Number.isInteger(i) && i >= 0 && i < count));
    for (const part of [most, most >> 1, most >> 2].filter((n) => n >= 16)) {
      const sorted = [0, ...chosen.slice(0, part).toSorted((a, b) => a - b), count];
      const gap = Math.max(...sorted.slice(1).map((x, i) => x - sorted[i]));
      assert.ok(gap <= (3 * count) / part, `${part} of ${most}: a gap of ${gap}`);
    }
  }
});

test.run();
