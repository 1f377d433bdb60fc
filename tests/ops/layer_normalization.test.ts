import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, exportOnnx } from '../../src/compile.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { load } from '../../src/runtime/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { Contract } from '../support/contract.ts';
import { randomTensor } from '../support/graphs.ts';
import { expectAlike, reference } from '../support/ort.ts';
import { rejects } from '../support/rejects.ts';

/** `y` alone, or with `mean` and `inverse`. */
function normOf(dims: number[], axis: number, outputs: string[], epsilon?: number): GraphBuilder {
  const g = new GraphBuilder('norm');
  const own = dims.slice(axis);
  const vectors = [1, 2].map((seed) => g.constant(randomTensor(own, seed)));
  const attrs = { axis, ...(epsilon !== undefined && { epsilon }) };
  g.node('LayerNormalization', [g.input('x', 'float32', dims), ...vectors], attrs, outputs);
  for (const name of outputs) if (name) g.output(name);
  return g;
}

const SHAPES: [number[], number, number?][] = [
  [[1, 128], -1],
  [[5, 768], -1],
  [[2, 17, 96], -1, 1e-12],
  [[2, 3, 5, 7], -1],
  [[2, 3, 5, 7], 1],
  [[2, 3, 5, 7], -2, 0.1],
  [[33, 1], 1],
];

test('LayerNormalization agrees with onnxruntime, its statistics too', async () => {
  for (const [dims, axis, epsilon] of SHAPES) {
    for (const outputs of [['y'], ['y', 'mean'], ['y', '', 'inverse'], ['y', 'mean', 'inverse']]) {
      const onnx = exportOnnx(normOf(dims, axis, outputs, epsilon).build());
      const x = randomTensor(dims, 3);
      x.data.forEach((v, i) => {
        x.data[i] = 3 * (v as number) + 7;
      });
      const model = await load(await compile(onnx));
      expectAlike(model.runSync({ x }) as Record<string, Tensor>, await reference(onnx, { x }));
      model.dispose();
    }
  }
});

test('every kernel writes the statistics, whatever the number of threads', async () => {
  const contract = await Contract.open('simd');
  for (const [dims, axis] of SHAPES)
    await contract.check(`${dims} ${axis}`, normOf(dims, axis, ['y', 'mean', 'inverse']).build(), {
      x: randomTensor(dims, 3),
    });
  assert.equal(contract.failures, []);
});

test('operands that do not fit are refused', async () => {
  const refused = (code: ErrorCode, pattern: RegExp, scale: Tensor, attrs: Record<string, number> = {}) => {
    const g = new GraphBuilder('norm');
    const x = g.input('x', 'float32', [2, 3, 5]);
    g.output(g.node('LayerNormalization', [x, g.constant(scale)], attrs));
    return rejects(() => compile(g.build()), code, pattern);
  };
  const ok = randomTensor([5]);
  await refused('INVALID_MODEL', /Scale has dims 5 or what broadcasts to them, found 4/, randomTensor([4]));
  await refused('UNSUPPORTED_OP', /Scale has dims 5, the same for all rows, found 3x5/, randomTensor([3, 5]));
  await refused('INVALID_MODEL', /axis lies in \[-3, 2\], found 3/, ok, { axis: 3 });
  await refused('UNSUPPORTED_OP', /stash_type 1\), found stash_type 11/, ok, { stash_type: 11 });
  await refused('INVALID_MODEL', /input 1: expected float32, found int32/, new Tensor('int32', [1, 1, 1, 1, 1], [5]));
});

test('a slope that does not broadcast to the input is refused', async () => {
  for (const dims of [[4], [2, 3, 5], [2, 1, 5]]) {
    const g = new GraphBuilder('slopes');
    g.output(g.node('PRelu', [g.input('x', 'float32', [3, 5]), g.constant(randomTensor(dims))]));
    await rejects(() => compile(g.build()), 'INVALID_MODEL', /the slope broadcasts to the input's dims 3x5, found/);
  }
});

test.run();
