import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Bsr, countBlocks, decodeBsr, encodeBsr, validateBsr } from '../../src/sparse/bsr.ts';
import { countOutputBlocks } from '../../src/sparse/count.ts';
import { decodeCsr, encodeCsr, validateCsr } from '../../src/sparse/csr.ts';
import { type Matrix, wholeRows } from '../../src/sparse/matrix.ts';
import { decodePanels, encodePanels } from '../../src/sparse/panels.ts';
import { decodeRowBlocks, encodeRowBlocks, type RowBlocks, validateRowBlocks } from '../../src/sparse/row_blocks.ts';
import { sliceColumns } from '../../src/sparse/slices.ts';
import { describeStructure, detectStructure, sparsityOf } from '../../src/sparse/structure.ts';
import { raises } from '../support/raises.ts';

/** Random matrices, from empty to full, with NaN and -0 among the elements. */
const shapes = fc.record({ rows: fc.integer({ min: 0, max: 35 }), cols: fc.integer({ min: 0, max: 13 }) });
const matrices = shapes.chain(({ rows, cols }) =>
  fc
    .array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.float() }), {
      minLength: rows * cols,
      maxLength: rows * cols,
    })
    .map((data) => wholeRows(rows, cols, Float32Array.from(data))),
);

/** Compares NaN, too. */
const bits = (data: Float32Array): Uint32Array => new Uint32Array(data.slice().buffer);

/** -0 is a zero: it may come back as +0. */
const plusZero = (data: Float32Array): Float32Array => data.map((x) => (x === 0 ? 0 : x));

test('decode(encode(W)) is W in every format', () => {
  fc.assert(
    fc.property(matrices, (m) => {
      const counted = countOutputBlocks(m);
      for (const blockRows of [1, 2, 4, 8, 16, 32] as const) {
        const bsr = encodeBsr(m, blockRows);
        validateBsr(bsr, 'W');
        assert.equal(bits(plusZero(decodeBsr(bsr))), bits(plusZero(m.data)));
        assert.is(bsr.columns.length, countBlocks(m, blockRows));
        if (blockRows > 1) assert.is(bsr.columns.length, counted[blockRows as 2]);
      }
      if (m.cols % 4 === 0) {
        const blocks = encodeRowBlocks(m);
        validateRowBlocks(blocks, 'W');
        assert.equal(bits(plusZero(decodeRowBlocks(blocks))), bits(plusZero(m.data)));
        assert.is(blocks.columns.length, detectStructure(m).inputBlocks);
      }
      const csr = encodeCsr(m);
      validateCsr(csr, 'W');
      assert.equal(bits(plusZero(decodeCsr(csr))), bits(plusZero(m.data)));
      assert.equal(bits(decodePanels(encodePanels(m), m.rows, m.cols)), bits(m.data));
    }),
    { seed: 7, numRuns: 200 },
  );
});

test('a block is stored exactly if it holds a non-zero', () => {
  const m = wholeRows(5, 3, Float32Array.from([1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0]));
  const bsr = encodeBsr(m, 2);
  assert.equal(bsr.counts, Uint32Array.of(2, 0, 1));
  assert.equal(bsr.columns, Uint16Array.of(0, 2, 1));
  assert.equal(bsr.values, Float32Array.of(1, 0, 0, 2, 3, 0));
  assert.equal(encodeCsr(m).counts, Uint32Array.of(1, 1, 0, 0, 1));
});

test('slices hold the blocks of their columns, chunk by chunk, and nothing else', () => {
  fc.assert(
    fc.property(matrices, fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 6 }), (m, width, chunk) => {
      for (const blockRows of [1, 2]) {
        const bsr = encodeBsr(m, blockRows);
        const { slices, counts, columns, values } = sliceColumns(bsr, width, chunk);
        const dense = new Float32Array(m.rows * m.cols);
        let block = 0;
        let entry = 0;
        for (let top = 0; top < bsr.counts.length; top += chunk) {
          for (let slice = 0; slice < slices; slice++) {
            for (let row = top; row < Math.min(top + chunk, bsr.counts.length); row++) {
              for (let n = counts[entry++]; n > 0; n--, block++) {
                assert.is(Math.floor(columns[block] / width), slice);
                for (let r = 0; r < blockRows && row * blockRows + r < m.rows; r++)
                  dense[(row * blockRows + r) * m.cols + columns[block]] = values[block * blockRows + r];
              }
            }
          }
        }
        assert.is(block, columns.length);
        assert.is(entry, counts.length);
        assert.equal(bits(plusZero(dense)), bits(plusZero(m.data)));
      }
    }),
    { seed: 8, numRuns: 200 },
  );
});

test('columns beyond 16 bits are stored in 32', () => {
  const wide = wholeRows(1, 70000, new Float32Array(70000));
  wide.data[69999] = 1;
  assert.ok(encodeCsr(wide).columns instanceof Uint32Array);
  assert.equal(Array.from(encodeCsr(wide).columns), [69999]);
});

test('rows of a grouped convolution are stored at the columns of their group', () => {
  const grouped: Matrix = {
    rows: 4,
    cols: 4,
    width: 2,
    data: Float32Array.from([1, 0, 0, 2, 3, 4, 0, 5]),
    first: (r) => (r < 2 ? 0 : 2),
  };
  const dense = Float32Array.from([1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 4, 0, 0, 0, 5]);
  for (const blockRows of [1, 2, 4, 8, 16, 32]) assert.equal(decodeBsr(encodeBsr(grouped, blockRows)), dense);
  assert.equal(countOutputBlocks(grouped), { 2: 4, 4: 4, 8: 4, 16: 4, 32: 4 });
  assert.equal(decodePanels(encodePanels(grouped), 4, 4), dense);
});

test('validate names what is wrong', () => {
  const good = encodeBsr(wholeRows(2, 4, Float32Array.from([1, 0, 2, 0, 0, 3, 0, 0])), 1);
  const broken = (change: Partial<Bsr>) => () => validateBsr({ ...good, ...change }, 'W');
  raises(broken({ columns: Uint16Array.of(0, 4, 1) }), 'INVALID_MODEL', /W: block row 0: column 4/);
  raises(broken({ columns: Uint16Array.of(2, 0, 1) }), 'INVALID_MODEL', /ascend/);
  raises(broken({ columns: Uint16Array.of(0, 2) }), 'INVALID_MODEL', /3 blocks/);
  raises(broken({ values: new Float32Array(2) }), 'INVALID_MODEL', /3 values/);
  raises(broken({ counts: Uint32Array.of(3) }), 'INVALID_MODEL', /2 block rows/);
});

test('row blocks: layout, and validate names what is wrong', () => {
  const m = wholeRows(3, 8, new Float32Array(24));
  m.data.set([1, 2], 0);
  m.data.set([3, 4, 5, 6], 19);
  const good = encodeRowBlocks(m);
  assert.equal(good.counts, Uint32Array.of(1, 0, 2));
  assert.equal(good.columns, Uint16Array.of(0, 0, 4));
  assert.equal(good.values, Float32Array.of(1, 2, 0, 0, 0, 0, 0, 3, 4, 5, 6, 0));
  const broken = (change: Partial<RowBlocks>) => () => validateRowBlocks({ ...good, ...change }, 'W');
  raises(broken({ cols: 7 }), 'INVALID_MODEL', /W: expected a multiple of 4 columns, found 7/);
  raises(broken({ columns: Uint16Array.of(0, 0, 8) }), 'INVALID_MODEL', /row 2: column 8 is outside/);
  raises(broken({ columns: Uint16Array.of(0, 0, 2) }), 'INVALID_MODEL', /row 2: column 2 is not a multiple/);
  raises(broken({ columns: Uint16Array.of(0, 4, 0) }), 'INVALID_MODEL', /ascend/);
  raises(broken({ columns: Uint16Array.of(0, 4) }), 'INVALID_MODEL', /3 blocks/);
  raises(broken({ values: new Float32Array(8) }), 'INVALID_MODEL', /12 values/);
  raises(broken({ counts: Uint32Array.of(3) }), 'INVALID_MODEL', /3 rows/);
  raises(() => encodeRowBlocks(wholeRows(1, 3, new Float32Array(3))), 'INTERNAL', /3 columns/);
});

test('structure is found by counting', () => {
  const blocks = new Float32Array(8 * 8);
  for (const [row, col] of [
    [0, 1],
    [0, 5],
    [4, 2],
  ])
    for (let r = 0; r < 4; r++) blocks[(row + r) * 8 + col] = r + 1;
  const found = detectStructure(wholeRows(8, 8, blocks));
  assert.is(found.nonZeros, 12);
  assert.equal(found.outputBlocks, { 2: 6, 4: 3, 8: 3, 16: 3, 32: 3 });
  assert.is(found.inputBlocks, 12);
  assert.is(describeStructure(found), 'blocks 4x1');
  assert.is(sparsityOf(found), 1 - 12 / 64);

  for (const height of [2, 4, 8, 16, 32]) {
    const data = Float32Array.from({ length: 64 * 3 }, (_, i) =>
      Number(Math.floor(i / 3 / height) % 2 === (i % 3) % 2),
    );
    assert.is(describeStructure(detectStructure(wholeRows(64, 3, data))), `blocks ${height}x1`);
  }
  const rowBlocks = Float32Array.from({ length: 6 * 12 }, (_, i) => Number([0, 5, 7, 9, 13].includes(i >> 2)));
  assert.is(describeStructure(detectStructure(wholeRows(6, 12, rowBlocks))), 'blocks 1x4, 1 zero rows');

  const twoOfFour = Float32Array.from([1, 0, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 1, 0, 0, 1]);
  assert.is(describeStructure(detectStructure(wholeRows(3, 8, twoOfFour))), '2:4');

  const zeroRow = Float32Array.from([1, 0, 0, 0, 0, 0, 0, 1, 1]);
  assert.is(describeStructure(detectStructure(wholeRows(3, 3, zeroRow))), 'unstructured, 1 zero rows');
  assert.is(describeStructure(detectStructure(wholeRows(1, 3, Float32Array.of(1, 2, 3)))), 'dense');
});

test.run();
