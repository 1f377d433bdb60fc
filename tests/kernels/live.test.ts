import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CompileOptions, compileGraph } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Candidate } from '../../src/ops/lower.ts';
import { load } from '../../src/runtime/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { randomTensor } from '../support/graphs.ts';

const LIVE = 'f32_gemm_rt__4x8_live';

/** Rows of probabilities `[m, k]` times `[k, n]`, by the kernel that skips or by the one that does not. */
async function product(p: Tensor, v: Tensor, skip: CompileOptions['skip'], kernel = LIVE) {
  const g = new GraphBuilder();
  g.output(g.matMul(g.input('p', 'float32', p.dims), g.input('v', 'float32', v.dims)), 'y');
  const { bytes } = compileGraph(g.build(), { skip }, { choose: (_, all) => all.find((c) => c.kernel === kernel) });
  const model = await load(bytes, { target: 'simd' });
  const [{ live }] = model.profile({ p, v });
  return { y: model.runSync({ p, v }).y.data as Float32Array, live };
}

/** A row of `k` probabilities that are zero but at some places, `m` times. */
function rows(m: number, k: number, at: (row: number, column: number) => number): Tensor {
  return new Tensor(
    'float32',
    Float32Array.from({ length: m * k }, (_, i) => at(Math.floor(i / k), i % k)),
    [m, k],
  );
}

const STATIC = 'f32_gemm_rt__4x8';

test('what skips and what does not agree to the bit, whatever is zero', async () => {
  for (const m of [1, 3, 4, 5, 12, 40]) {
    for (const k of [1, 3, 4, 7, 8, 31, 64, 65]) {
      const v = randomTensor([k, 13], k);
      const noise = randomTensor([m, k], m).data as Float32Array;
      const patterns: ((row: number, column: number) => boolean)[] = [
        () => false,
        () => true,
        (row, column) => column <= row,
        (row, column) => column >= k - 1 - row,
        (_, column) => column % 5 === 1,
        (row, column) => (row * 7 + column * 13) % 11 === 0,
        (_, column) => column < 2 || column >= k - 1,
      ];
      for (const keep of patterns) {
        const p = rows(m, k, (row, column) => (keep(row, column) ? noise[row * k + column] : row % 2 ? -0 : 0));
        const [a, b] = [await product(p, v, 'auto'), await product(p, v, 'off', STATIC)];
        assert.equal(a.y, b.y, `${m} x ${k} ${keep}`);
        assert.is(
          a.live! > 0,
          (p.data as Float32Array).some((x) => x !== 0),
        );
      }
    }
  }
});

test('NaN, infinities and denormals are live', async () => {
  for (const x of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-45]) {
    const p = rows(4, 32, (row, column) => (row === 2 && column === 17 ? x : 0));
    const v = new Tensor('float32', new Float32Array(32 * 8).fill(1), [32, 8]);
    const { y } = await product(p, v, 'auto');
    assert.ok(y.subarray(16, 24).every((found) => Object.is(found, Math.fround(x))));
    assert.equal(y.subarray(0, 16), new Float32Array(16));
  }
});

test('a skipped probability times NaN counts as 0', async () => {
  const p = rows(4, 32, (_, column) => (column < 8 ? 1 : 0));
  const v = new Tensor(
    'float32',
    Float32Array.from({ length: 256 }, (_, i) => (i < 64 ? 1 : Number.NaN)),
    [32, 8],
  );
  assert.equal((await product(p, v, 'auto')).y, new Float32Array(32).fill(8));
  assert.ok((await product(p, v, 'off', STATIC)).y.every(Number.isNaN));
});

test('a threshold skips what is small in all of four rows', async () => {
  const p = rows(4, 64, (_, column) => (column % 8 === 0 ? 1 : 0.01));
  const v = new Tensor('float32', new Float32Array(64 * 8).fill(1), [64, 8]);
  const { y, live } = await product(p, v, 0.01);
  assert.equal(y, new Float32Array(32).fill(8));
  assert.is(live, 8);
  assert.is((await product(p, v, 0.009)).live, 64);
});

test('skip off offers no kernel that skips', () => {
  const g = new GraphBuilder();
  g.output(g.matMul(g.input('p', 'float32', [8, 8]), g.input('v', 'float32', [8, 8])), 'y');
  const kernels = new Set<string>();
  const choose = (_: unknown, all: readonly Candidate[]) => {
    for (const { kernel } of all) kernels.add(kernel);
    return undefined;
  };
  compileGraph(g.build(), { skip: 'off' }, { choose });
  assert.equal([...kernels], [STATIC]);
});

test.run();
