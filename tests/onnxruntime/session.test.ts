import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as web from 'onnxruntime-web';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import defaultOrt, * as ort from '../../src/onnxruntime/index.ts';
import type { DType } from '../../src/tensor.ts';
import { fixtures, PIXELS } from '../support/fixtures.ts';
import { numbers } from '../support/graphs.ts';
import { expectAlike, expectOurs, mlpOnnx, reference, transposeOnnx, twoOutputsOnnx } from '../support/ort.ts';

const folder = mkdtempSync(join(tmpdir(), 'zeroskip-'));
const image = (batch: number, digits: Float32Array) =>
  new ort.Tensor('float32', digits.slice(0, batch * PIXELS), [batch, 1, 28, 28]);
const vectors = (rows: number, seed = 1) =>
  new ort.Tensor('float32', Float32Array.from(numbers(12 * rows, seed)), [rows, 12]);

for (const fixture of fixtures) {
  test(`${fixture.name} computes what onnxruntime-web computes, at several batch sizes`, async () => {
    const onnx = fixture.onnx(true);
    const ours = await ort.InferenceSession.create(onnx, {
      executionProviders: ['wasm'],
      graphOptimizationLevel: 'all',
    });
    const theirs = await web.InferenceSession.create(onnx, { executionProviders: ['wasm'] });
    expectOurs(ours);
    assert.equal(ours.inputNames, theirs.inputNames);
    assert.equal(ours.outputNames, theirs.outputNames);
    assert.equal(ours.inputMetadata, theirs.inputMetadata);
    assert.equal(ours.outputMetadata, theirs.outputMetadata);
    for (const batch of [1, 3]) {
      const feeds = { [ours.inputNames[0]]: image(batch, fixture.digits()) };
      const out = await ours.run(feeds);
      assert.instance(out.logits, ort.Tensor);
      expectAlike(out, await theirs.run(feeds));
    }
    await ours.release();
    await theirs.release();
  });
}

test('a model of fixed dims is compiled by create, and runs', async () => {
  const [fixture] = fixtures;
  const session = await ort.InferenceSession.create(fixture.onnx(false));
  const feeds = { input: image(1, fixture.digits()) };
  expectAlike(await session.run(feeds), await reference(fixture.onnx(false), feeds));
});

test('bytes, array buffers and parts of them', async () => {
  const onnx = mlpOnnx();
  const feeds = { x: vectors(2) };
  const expected = await reference(onnx, feeds);
  const { InferenceSession } = ort;
  const padded = new Uint8Array(onnx.length + 13);
  padded.set(onnx, 5);
  const shared = new SharedArrayBuffer(onnx.length);
  new Uint8Array(shared).set(onnx);
  const sessions = [
    await InferenceSession.create(onnx),
    await InferenceSession.create(Buffer.from(onnx)),
    await InferenceSession.create(onnx.slice().buffer as ArrayBuffer, {}),
    await InferenceSession.create(shared),
    await InferenceSession.create(padded.buffer, 5, onnx.length),
    await InferenceSession.create(padded.buffer, 5, onnx.length, { executionProviders: ['webgpu', 'wasm'] }),
    await InferenceSession.create(padded.subarray(5, 5 + onnx.length), { executionProviders: ['zeroskip', 'wasm'] }),
    await InferenceSession.create(padded.slice(0, 5 + onnx.length).buffer, 5),
  ];
  padded.fill(255);
  for (const session of sessions) {
    expectOurs(session);
    expectAlike(await session.run(feeds), expected);
  }
});

test('paths and URLs, of models and of packages', async () => {
  const onnx = mlpOnnx();
  const [model, renamed] = [join(folder, 'model.onnx'), join(folder, 'also.onnx')];
  writeFileSync(model, onnx);
  writeFileSync(renamed, await compile(onnx, { shapes: { x: [2, 12] } }));
  const server = createServer((_, response) => response.end(onnx)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const feeds = { x: vectors(2) };
  const expected = await reference(onnx, feeds);
  for (const uri of [model, String(pathToFileURL(model)), renamed, `http://127.0.0.1:${port}/model.onnx`]) {
    const session = await ort.InferenceSession.create(uri);
    expectOurs(session);
    expectAlike(await session.run(feeds), expected);
  }
  server.close();
});

test('fetches: names, null, and tensors that get the results', async () => {
  const onnx = twoOutputsOnnx();
  const session = await ort.InferenceSession.create(onnx);
  const pair = (seed: number) => new ort.Tensor('float32', Float32Array.from(numbers(6, seed)), [2, 3]);
  const feeds = { a: pair(1), b: pair(2) };
  const { sum, product } = await reference(onnx, feeds);
  expectAlike(await session.run(feeds), { sum, product });
  expectAlike(await session.run(feeds, ['product']), { product });
  expectAlike(await session.run(feeds, { sum: null }, { tag: 'one', logSeverityLevel: 3 }), { sum });
  expectAlike(await session.run(feeds, { logVerbosityLevel: 0 }), { sum, product });
  const room = new ort.Tensor('float32', new Float32Array(6), [2, 3]);
  const data = room.data;
  const out = await session.run(feeds, { sum: room, product: null });
  assert.is(out.sum, room);
  assert.is(out.sum.data, data);
  expectAlike(out, { sum, product });
});

const ARRAYS: Record<DType, (numbers: number[]) => ort.Tensor.DataType> = {
  float32: (n) => Float32Array.from(n),
  float64: (n) => Float64Array.from(n),
  float16: (n) => Uint16Array.from(n, (x) => 0x3c00 + x),
  int8: (n) => Int8Array.from(n),
  uint8: (n) => Uint8Array.from(n),
  int16: (n) => Int16Array.from(n),
  uint16: (n) => Uint16Array.from(n),
  int32: (n) => Int32Array.from(n),
  uint32: (n) => Uint32Array.from(n),
  int64: (n) => BigInt64Array.from(n, BigInt),
  uint64: (n) => BigUint64Array.from(n, BigInt),
  bool: (n) => Uint8Array.from(n, (x) => x & 1),
};

test('elements of every type come in and go out', async () => {
  for (const [type, make] of Object.entries(ARRAYS)) {
    const onnx = transposeOnnx(type as DType);
    const session = await ort.InferenceSession.create(onnx);
    const expected = session.inputMetadata[0];
    assert.equal(expected, { name: 'x', isTensor: true, type, shape: ['rows', 2] });
    const feeds = { x: new ort.Tensor(type as ort.Tensor.Type, make([1, 2, 3, 4, 5, 6]) as never, [3, 2]) };
    const out = await session.run(feeds);
    assert.is(out.y.data.constructor, feeds.x.data.constructor);
    expectAlike(out, await reference(onnx, feeds));
  }
  const bytes = await ort.InferenceSession.create(transposeOnnx('uint8'));
  const { y } = await bytes.run({ x: new ort.Tensor('uint8', Buffer.from([1, 2, 3, 4]), [2, 2]) });
  assert.equal([...(y.data as Uint8Array)], [1, 3, 2, 4]);
});

test('half-precision floats may be Float16Arrays', async () => {
  class Float16Array extends Uint16Array {}
  const session = await ort.InferenceSession.create(transposeOnnx('float16'));
  const x = {
    type: 'float16',
    data: Float16Array.of(1, 2, 3, 4),
    dims: [2, 2],
    location: 'cpu',
  } as unknown as ort.Tensor;
  const { y } = await session.run({ x });
  const { buffer, byteOffset, length } = y.data as Uint16Array;
  assert.equal([...new Uint16Array(buffer, byteOffset, length)], [1, 3, 2, 4]);
});

test('the module is onnxruntime-common, by name and by default', () => {
  for (const name of Object.keys(web).filter((key) => key !== 'default')) assert.ok(name in ort, name);
  assert.is(ort.env, web.env);
  assert.is(ort.Tensor, web.Tensor);
  assert.is(defaultOrt.Tensor, ort.Tensor);
  assert.is(defaultOrt.InferenceSession, ort.InferenceSession);
});

test('settings of the environment that code for onnxruntime-web makes do no harm', async () => {
  const { numThreads, proxy } = ort.env.wasm;
  Object.assign(ort.env.wasm, { numThreads: 4, proxy: true, simd: true, wasmPaths: 'https://example.invalid/dist/' });
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(mlpOnnx(), {
    executionProviders: ['webgl', { name: 'wasm' }, 'cpu'],
    graphOptimizationLevel: 'extended',
    intraOpNumThreads: 2,
    interOpNumThreads: 1,
    enableCpuMemArena: true,
    enableMemPattern: false,
    executionMode: 'parallel',
    logId: 'test',
    logSeverityLevel: 0,
    preferredOutputLocation: 'cpu',
    extra: { session: { set_denormal_as_zero: '1' } },
  });
  expectOurs(session);
  assert.equal((await session.run({ x: vectors(1) })).y.dims, [1, 5]);
  Object.assign(ort.env.wasm, { numThreads, proxy, wasmPaths: undefined });
});

test.after(() => rmSync(folder, { recursive: true }));

test.run();
