import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, exportOnnx } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { load } from '../../src/runtime/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { difference } from '../support/compare.ts';

const inf = Number.POSITIVE_INFINITY;
const BASES = [Number.NaN, inf, -inf, 0, -0, 1, -1, 2, -2, 0.5, -0.75, 3.3, 1e-3, 1e20, -1e20];
const EXPONENTS = [2, 3, 0.5, -1, 1, 0, 2.5, -2, -0.5, 7, inf, -inf, Number.NaN];

test('Pow agrees with onnxruntime, special values included', async () => {
  for (const exponent of EXPONENTS) {
    const g = new GraphBuilder('pow');
    const x = g.input('x', 'float32', [BASES.length]);
    g.output(g.node('Pow', [x, g.constant(new Tensor('float32', [exponent], []))]), 'y');
    const onnx = exportOnnx(g.build());
    const session = await InferenceSession.create(onnx, { intraOpNumThreads: 1, logSeverityLevel: 3 });
    const fed = Float32Array.from(BASES);
    const { y } = await session.run({ x: new OrtTensor('float32', fed, [BASES.length]) });
    await session.release();
    const model = await load(await compile(onnx));
    const found = model.runSync({ x: new Tensor('float32', fed, [BASES.length]) }).y.data as Float32Array;
    model.dispose();
    BASES.forEach((base, i) => {
      const [a, b] = [found[i], (y.data as Float32Array)[i]].map((v) => new Tensor('float32', [v], [1]));
      assert.is(difference(a, b, false), undefined, `${base} ^ ${exponent}: ${a.data[0]}, not ${b.data[0]}`);
    });
  }
});

test.run();
