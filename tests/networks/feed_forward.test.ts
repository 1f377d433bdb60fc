import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { relativeError } from '../../bench/lib/stats.ts';
import { STACK, stackGraph } from '../../bench/skip/stack.ts';
import { compileGraph, exportOnnx } from '../../src/compile.ts';
import { load } from '../../src/runtime/load.ts';
import { Tensor } from '../../src/tensor.ts';
import { random } from '../support/graphs.ts';

const WIDTH = 128;
const TOLERANCE = 1e-5;

test('feed-forward layers that skip agree with onnxruntime and with those that do not', async () => {
  const next = random(1);
  const x = Float32Array.from({ length: WIDTH }, () => 2 * next() - 1);
  for (const zeros of [0, 50, 90]) {
    const graph = stackGraph({ ...STACK, layers: 3, width: WIDTH, hidden: 1024, zeros }, x);
    const session = await InferenceSession.create(exportOnnx(graph), { intraOpNumThreads: 1, logSeverityLevel: 3 });
    const expected = (await session.run({ x: new OrtTensor('float32', x, [1, WIDTH]) })).y.data as Float32Array;
    await session.release();
    for (const skip of ['auto', 'off'] as const) {
      const model = await load(compileGraph(graph, { skip }).bytes);
      const feeds = { x: new Tensor('float32', x, [1, WIDTH]) };
      const error = relativeError(model.runSync(feeds).y.data as Float32Array, expected);
      assert.ok(error < TOLERANCE, `${zeros} % zeros, skip ${skip}: relative error ${error}`);
      assert.is(
        model.profile(feeds).some(({ dynamic }) => dynamic !== undefined),
        skip === 'auto',
      );
      model.dispose();
    }
  }
});

test.run();
