import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { blockRows, prune } from '../../bench/nets/prune.ts';
import { normals, seedOf } from '../../bench/nets/random.ts';

const rowMajor = (data: number[], outs: number, columns: number) => ({
  data: Float32Array.from(data),
  outs,
  columns,
  outStride: columns,
  columnStride: 1,
});

test('the smallest magnitudes go, of equals the first', () => {
  const weight = rowMajor([3, -1, 1, -2, 1, 4], 2, 3);
  prune(weight, 1, 2 / 6);
  assert.equal([...weight.data], [3, 0, 0, -2, 1, 4]);
  prune(weight, 1, 0.5);
  assert.equal([...weight.data], [3, 0, 0, -2, 0, 4]);
});

test('blocks go by their mean square, the last block row may be lower', () => {
  const weight = rowMajor([5, 1, 0, 1, 1, 2], 3, 2);
  prune(weight, 2, 0.5);
  // Mean squares: 12.5 and 1, then 1 and 4 of one row each.
  assert.equal([...weight.data], [5, 0, 0, 0, 0, 2]);
});

test('outputs may be neighbours in memory', () => {
  const data = [9, 9, 1, 1, 2, 3];
  const weight = { data: Float32Array.from(data), outs: 2, columns: 3, outStride: 1, columnStride: 2 };
  prune(weight, 2, 2 / 3);
  assert.equal([...weight.data], [9, 9, 0, 0, 0, 0]);
});

test('counts are exact at every share', () => {
  for (const share of [0, 0.001, 0.37, 0.9, 1]) {
    const weight = { ...rowMajor([], 10, 1000), data: normals(10_000, 5) };
    prune(weight, 1, share);
    assert.is(weight.data.filter((w) => w === 0).length, Math.round(share * 10_000));
  }
  assert.equal(
    ['unstructured', '2x1', '16x1'].map((p) => blockRows(p as '2x1')),
    [1, 2, 16],
  );
});

test('normals are normal', () => {
  const sample = normals(100_001, seedOf('sample'));
  const moment = (k: number) => sample.reduce((sum, x) => sum + x ** k, 0) / sample.length;
  const near = (found: number, expected: number, tolerance: number) =>
    assert.ok(Math.abs(found - expected) < tolerance, `${found}, expected ${expected}`);
  near(moment(1), 0, 0.015);
  near(moment(2), 1, 0.02);
  near(moment(3), 0, 0.05);
  near(moment(4), 3, 0.15);
  near(sample.filter((x) => Math.abs(x) < 1).length / sample.length, 0.6827, 0.006);
  assert.equal(normals(7, 1), normals(8, 1).subarray(0, 7));
  assert.is.not(normals(1, 1)[0], normals(1, 2)[0]);
});

test.run();
