import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { relativeError } from '../../bench/lib/stats.ts';
import { compile } from '../../src/compile.ts';
import { load } from '../../src/runtime/index.ts';
import { type Fixture, fixtures, imagesAt, logitsOf, PIXELS } from '../support/fixtures.ts';
import { random } from '../support/graphs.ts';

const TOLERANCE = 1e-5;
const BATCHES = [1, 3, 8];
const RANDOM_IMAGES = 24;

const shapesOf = (batches: number[]) => batches.map((batch) => ({ input: [batch, 1, 28, 28] }));

async function onnxruntime(onnx: Uint8Array, images: Float32Array): Promise<Float32Array> {
  const session = await InferenceSession.create(onnx, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const { data, dims } = imagesAt(images, 0, images.length / PIXELS);
  const out = await session.run({ [session.inputNames[0]]: new OrtTensor('float32', data as Float32Array, dims) });
  await session.release();
  return out[session.outputNames[0]].data as Float32Array;
}

async function check(fixture: Fixture, images: Float32Array): Promise<void> {
  const onnx = fixture.onnx(true);
  const model = await load(await compile(onnx, { shapes: shapesOf(BATCHES) }));
  const expected = await onnxruntime(onnx, images);
  for (const batch of BATCHES) {
    const error = relativeError(logitsOf(model, images, batch), expected);
    assert.ok(error < TOLERANCE, `batch ${batch}: relative error ${error}`);
  }
  model.dispose();
}

for (const [i, fixture] of fixtures.entries()) {
  test(`${fixture.name} agrees with onnxruntime on digits`, () => check(fixture, fixture.digits()));

  test(`${fixture.name} agrees with onnxruntime on random images`, () => {
    const next = random(i + 1);
    return check(
      fixture,
      Float32Array.from({ length: RANDOM_IMAGES * PIXELS }, () => 3 * next()),
    );
  });

  test(`${fixture.name} has its weights once in a package of two plans`, async () => {
    const bytesOf = async (...batches: number[]) =>
      (await compile(fixture.onnx(true), { shapes: shapesOf(batches) })).length;
    const single = Math.max(await bytesOf(1), await bytesOf(32));
    const both = await bytesOf(1, 32);
    assert.ok(both < 1.35 * single, `${both} bytes for two plans, ${single} for the larger one alone`);
  });
}

test.run();
