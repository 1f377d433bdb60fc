import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, exportOnnx } from '../../src/compile.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { ZeroskipBackend } from '../../src/onnxruntime/backend.ts';
import * as ort from '../../src/onnxruntime/index.ts';
import { openOnnx } from '../../src/onnxruntime/onnx.ts';
import { settingsOf } from '../../src/onnxruntime/options.ts';
import { Session } from '../../src/onnxruntime/session.ts';
import { Tensor } from '../../src/tensor.ts';
import { expectAlike, expectOurs, mlpOnnx, reference, twoOutputsOnnx } from '../support/ort.ts';
import { raises } from '../support/raises.ts';
import { rejects } from '../support/rejects.ts';

const { InferenceSession } = ort;
const onnx = mlpOnnx();
const pkg = await compile(onnx);
const simd = await compile(onnx, { target: 'simd' });
const session = await InferenceSession.create(onnx);
const tensor = (dims: number[], type: 'float32' | 'int32' = 'float32') =>
  new ort.Tensor(type, new Array(dims.reduce((a, b) => a * b, 1)).fill(1), dims);

/** ONNX with a node that zeroskip has no op for. */
function unsupported(): Uint8Array {
  const g = new GraphBuilder('unsupported');
  const x = g.input('x', 'float32', [1, 4]);
  g.output(g.node('Sinh', [x], {}, undefined, 'the odd one'), 'y', [1, 4]);
  return exportOnnx(g.build());
}

test('create: what is no model, and what zeroskip has no op for', async () => {
  await rejects(() => InferenceSession.create(new Uint8Array(100)), 'INVALID_MODEL');
  await rejects(() => InferenceSession.create(new Uint8Array(0)), 'INVALID_MODEL', /empty/);
  await rejects(() => InferenceSession.create(pkg.subarray(0, 900)), 'INVALID_PACKAGE');
  await rejects(() => InferenceSession.create(unsupported()), 'UNSUPPORTED_OP', /Sinh/, /'the odd one'/);
  await rejects(() => InferenceSession.create('/there/is/no/model.onnx'), 'FILE_ERROR', /no\/model\.onnx/);
});

test('what onnxruntime-common checks itself stays its own error', async () => {
  for (const call of [
    () => InferenceSession.create(5 as never),
    () => InferenceSession.create(onnx, 'fast' as never),
    () => InferenceSession.create(onnx.slice().buffer, -1),
    () => InferenceSession.create(onnx.slice().buffer, 1e9),
    () => session.run({}),
    () => session.run({ x: tensor([1, 12]) }, ['z']),
    () => InferenceSession.create(onnx, { executionProviders: ['abacus'] }),
  ]) {
    const error = await call().then(
      () => undefined,
      (raised: Error) => raised,
    );
    assert.instance(error, Error);
    assert.not.instance(error, ort.ZeroskipError);
  }
});

test('options that cannot be honoured', async () => {
  const cases: [ort.InferenceSession.SessionOptions, RegExp][] = [
    [{ preferredOutputLocation: 'gpu-buffer' }, /gpu-buffer/],
    [{ preferredOutputLocation: { y: 'ml-tensor' } }, /ml-tensor/],
    [{ enableProfiling: true }, /enableProfiling/],
    [{ optimizedModelFilePath: 'optimised.onnx' }, /optimizedModelFilePath/],
    [{ freeDimensionOverrides: { batch: 0 } }, /'batch'.*0/],
    [{ freeDimensionOverrides: { batch: 1.5 } }, /'batch'.*1\.5/],
    [{ externalData: 'weights.bin' as never }, /externalData.*weights\.bin/],
    [{ externalData: [{ path: 'weights.bin', data: 5 as never }] }, /weights\.bin/],
    [{ externalData: [5 as never] }, /externalData.*5/],
    [{ executionProviders: [{ name: 'zeroskip', cacheSize: 0 }] }, /cacheSize.*0/],
    [{ executionProviders: [{ name: 'zeroskip', sparse: 'never' as never }] }, /sparse.*never/],
    [{ executionProviders: [{ name: 'zeroskip', colour: 'red' } as never] }, /'colour'/],
  ];
  for (const [options, pattern] of cases)
    await rejects(() => InferenceSession.create(onnx, options), 'INVALID_ARGUMENT', pattern);
  for (const bad of [{ sparse: 'off' }, { colour: 'red' }])
    await rejects(
      () => InferenceSession.create(pkg, { executionProviders: [{ name: 'zeroskip', ...bad } as never] }),
      'INVALID_ARGUMENT',
      new RegExp(`'${Object.keys(bad)[0]}'`),
    );
});

test('options of the provider reach the compiler and the loader', async () => {
  const make = (options: Omit<ort.ZeroskipExecutionProviderOption, 'name'>, model = onnx) =>
    InferenceSession.create(model, { executionProviders: [{ name: 'zeroskip', shapes: { x: [2, 12] }, ...options }] });
  await rejects(() => make({ maxBytes: 1000 }), 'OUT_OF_MEMORY');
  await rejects(() => make({ shapes: { z: [1, 12] } }), 'SHAPE_MISMATCH', /'z'/);
  await rejects(() => make({ module: {} as never }), 'INVALID_ARGUMENT', /module/);
  const feeds = { x: new ort.Tensor('float32', Float32Array.from({ length: 24 }, Math.sin), [2, 12]) };
  expectAlike(
    await (await make({ target: 'simd', sparse: 'off', engine: 'narrow' })).run(feeds),
    await reference(onnx, feeds),
  );
  const coarse = await (await make({ skip: 100 })).run(feeds);
  assert.not.equal(coarse.y.data, (await reference(onnx, feeds)).y.data, 'the threshold counts every input as zero');
  const packed = await InferenceSession.create(pkg, {
    executionProviders: [{ name: 'zeroskip', target: 'simd', maxBytes: 2 ** 24 }],
    freeDimensionOverrides: { batch: 1 },
  });
  expectOurs(packed);
  const relaxed = { executionProviders: [{ name: 'zeroskip', target: 'relaxed' }] } as const;
  await rejects(() => InferenceSession.create(simd, relaxed), 'INVALID_ARGUMENT', /relaxed/);
  await rejects(() => packed.run({ x: tensor([3, 12]) }), 'SHAPE_MISMATCH', /3x12/, /1x12/);
});

test('feeds that do not fit', async () => {
  const x = tensor([1, 12]);
  const disposed = tensor([1, 12]);
  disposed.dispose();
  const gpu = ort.Tensor.fromGpuBuffer({} as never, { dataType: 'float32', dims: [1, 12] });
  const cases: [Record<string, unknown>, ErrorCode, RegExp][] = [
    [{ x, z: x }, 'INVALID_ARGUMENT', /no input 'z'.*'x'/],
    [{ x: tensor([1, 12], 'int32') }, 'TYPE_MISMATCH', /'x'.*float32.*int32/],
    [{ x: new ort.Tensor('string', new Array(12).fill('a'), [1, 12]) }, 'TYPE_MISMATCH', /'x'.*string/],
    [{ x: new ort.Tensor('uint4', new Uint8Array(6), [1, 12]) }, 'TYPE_MISMATCH', /'x'.*uint4/],
    [{ x: gpu }, 'INVALID_ARGUMENT', /'x'.*gpu-buffer.*getData/],
    [{ x: disposed }, 'INVALID_ARGUMENT', /'x'.*disposed/],
    [{ x: new Float32Array(12) }, 'TYPE_MISMATCH', /'x'.*Float32Array/],
    [{ x: null }, 'TYPE_MISMATCH', /'x'.*null/],
    [{ x: { type: 'float32', dims: [1, 12], data: 'text' } }, 'TYPE_MISMATCH', /'x'.*Float32Array.*String/],
    [{ x: { type: 'float32', dims: [1, 12] } }, 'TYPE_MISMATCH', /'x'.*Float32Array/],
    [{ x: tensor([12]) }, 'SHAPE_MISMATCH', /'x'.*batchx12.*12/],
    [{ x: tensor([2, 11]) }, 'SHAPE_MISMATCH', /'x'.*batchx12.*2x11/],
    [{ x: tensor([0, 12]) }, 'SHAPE_MISMATCH', /'x'.*0x12/],
  ];
  for (const [feeds, code, pattern] of cases) await rejects(() => session.run(feeds as never), code, pattern);
});

test('feeds are looked at before anything is compiled for them', async () => {
  const network = await openOnnx(onnx, settingsOf({}));
  const handler = new Session(network);
  await rejects(() => handler.run({}, { y: null }), 'MISSING_INPUT', /'x'/);
  await rejects(() => handler.run({ x: tensor([1, 12], 'int32') }, { y: null }), 'TYPE_MISMATCH', /'x'/);
  await rejects(() => handler.run({ x: tensor([1, 12]) }, { z: null }), 'INVALID_ARGUMENT', /'z'.*y/);
  assert.is(network.ready({ x: new Tensor('float32', new Float32Array(12), [1, 12]) }), undefined);
});

test('tensors for outputs that do not fit are refused, and none is written', async () => {
  const two = await InferenceSession.create(twoOutputsOnnx());
  const feeds = { a: tensor([2, 3]), b: tensor([2, 3]) };
  const sum = new ort.Tensor('float32', new Float32Array(6), [2, 3]);
  const gpu = ort.Tensor.fromGpuBuffer({} as never, { dataType: 'float32', dims: [2, 3] });
  await rejects(() => two.run(feeds, { sum, product: tensor([3, 2]) }), 'SHAPE_MISMATCH', /'product'.*2x3.*3x2/);
  await rejects(() => two.run(feeds, { sum, product: tensor([2, 3], 'int32') }), 'TYPE_MISMATCH', /'product'.*int32/);
  await rejects(() => two.run(feeds, { sum, product: gpu }), 'INVALID_ARGUMENT', /'product'.*gpu-buffer/);
  assert.equal([...(sum.data as Float32Array)], [0, 0, 0, 0, 0, 0]);
});

test('a run that is told to terminate does not run', () =>
  rejects(() => session.run({ x: tensor([1, 12]) }, { terminate: true }), 'ABORTED'));

test('profiling and training', async () => {
  raises(() => session.startProfiling(), 'INVALID_ARGUMENT', /profile/);
  session.endProfiling();
  await rejects(() => new ZeroskipBackend().createTrainingSessionHandler(), 'INVALID_ARGUMENT', /training/);
});

test('register takes a module of onnxruntime', () => {
  raises(() => ort.register({} as never), 'INVALID_ARGUMENT', /registerBackend/);
  raises(() => ort.register(undefined as never), 'INVALID_ARGUMENT', /registerBackend/);
  for (const fallback of [[], ['zeroskip'], 'wasm', [{}], null])
    raises(() => ort.register(ort, { fallback: fallback as never }), 'INVALID_ARGUMENT', /fallback/);
  const { registerBackend } = ort;
  raises(() => ort.register({ registerBackend }, { fallback: ['wasm'] }), 'INVALID_ARGUMENT', /InferenceSession/);
  ort.register(ort);
});

test.run();
