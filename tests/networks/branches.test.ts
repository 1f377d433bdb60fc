import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { relativeError } from '../../bench/lib/stats.ts';
import { compileGraph, exportOnnx, importOnnx } from '../../src/compile.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import { OPS } from '../../src/ops/index.ts';
import { load, type ProfileEntry } from '../../src/runtime/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { randomTensor } from '../support/graphs.ts';

const TOLERANCE = 1e-5;

const fixture = (name: string): Uint8Array =>
  gunzipSync(readFileSync(new URL(`../fixtures/branches/${name}.onnx.gz`, import.meta.url)));

async function onnxruntime(onnx: Uint8Array, x: Tensor): Promise<Float32Array> {
  const session = await InferenceSession.create(onnx, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const out = await session.run({ x: new OrtTensor('float32', x.data as Float32Array, x.dims) });
  await session.release();
  return out.y.data as Float32Array;
}

/** Compares with onnxruntime and with the reference evaluator, also after a round trip through an ONNX file; returns the profile. */
async function check(onnx: Uint8Array, x: Tensor): Promise<ProfileEntry[]> {
  const graph = importOnnx(onnx);
  const expected = await onnxruntime(onnx, x);
  const error = (y: Tensor) => relativeError(y.data as Float32Array, expected);
  assert.ok(error(evaluate(graph, OPS, { x }).y) < TOLERANCE, 'reference');
  const model = await load(compileGraph(graph, { shapes: { x: [...x.dims] } }).bytes);
  assert.ok(error(model.runSync({ x }).y) < TOLERANCE, 'package');
  const written = exportOnnx(graph);
  assert.ok(relativeError(await onnxruntime(written, x), expected) < TOLERANCE, 'onnxruntime on what is exported');
  const again = await load(compileGraph(importOnnx(written), { shapes: { x: [...x.dims] } }).bytes);
  assert.equal(again.runSync({ x }).y.data, model.runSync({ x }).y.data, 'read again');
  return model.profile({ x });
}

const scaled = (scale: number): Tensor =>
  new Tensor(
    'float32',
    (randomTensor([1, 8], 3).data as Float32Array).map((v) => v * scale),
    [1, 8],
  );

for (const opset of [13, 17]) {
  test(`a scripted if in an if, opset ${opset}: only what is taken runs`, async () => {
    const taken = new Set<string>();
    for (const scale of [0.01, 0.3, 0.5, 0.7, 0.9, 1.1, 1.4, 3]) {
      const profile = await check(fixture(`branches.opset${opset}`), scaled(scale));
      const skipped = profile.filter((step) => step.skipped);
      assert.ok(skipped.length > 0, 'a branch is skipped');
      assert.ok(
        skipped.every(({ ms }) => ms === 0 || ms === null),
        'and takes no time',
      );
      const layers = profile.filter(({ op }) => op === 'Gemm');
      taken.add(layers.map((step) => (step.skipped ? '-' : 'x')).join(''));
    }
    assert.equal([...taken].sort(), ['x--x', 'x-xx', 'xx-x'], 'all three ways are gone');
  });

  test(`causal attention, opset ${opset}: masked positions are skipped`, async () => {
    const profile = await check(fixture(`causal.opset${opset}`), randomTensor([1, 24, 16], 4));
    const dynamic = profile.filter(({ dynamic }) => dynamic);
    // 6 groups of 4 rows see 4, 8, … 24 columns, in 2 heads.
    assert.equal(
      dynamic.map(({ live, dynamic }) => [live, dynamic?.total]),
      [[2 * 84, 2 * 6 * 24]],
    );
  });
}

test('an If that a shape decides is gone', async () => {
  const profile = await check(fixture('squeeze.opset13'), randomTensor([3, 1, 5], 5));
  assert.not.ok(profile.some(({ op }) => op === 'If'));
});

test.run();
