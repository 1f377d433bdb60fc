import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as ort from '../../src/onnxruntime/index.ts';
import type { Network } from '../../src/onnxruntime/network.ts';
import { openOnnx } from '../../src/onnxruntime/onnx.ts';
import { settingsOf } from '../../src/onnxruntime/options.ts';
import type { Model } from '../../src/runtime/model.ts';
import { Tensor } from '../../src/tensor.ts';
import { numbers } from '../support/graphs.ts';
import { expectAlike, mlpOnnx, reference, twoOutputsOnnx } from '../support/ort.ts';
import { raises } from '../support/raises.ts';
import { rejects } from '../support/rejects.ts';

const onnx = mlpOnnx();
const vectors = (rows: number, seed = 1) =>
  new ort.Tensor('float32', Float32Array.from(numbers(12 * rows, seed)), [rows, 12]);
const feedsOf = (rows: number) => ({ x: new Tensor('float32', numbers(12 * rows), [rows, 12]) });
const open = (options: Omit<ort.ZeroskipExecutionProviderOption, 'name'> = {}, bytes = onnx): Promise<Network> =>
  openOnnx(bytes, settingsOf({ executionProviders: [{ name: 'zeroskip', ...options } as never] }));

const isDisposed = (model: Model) => raises(() => model.runSync({}), 'DISPOSED');

test('each set of dims is compiled once', async () => {
  const network = await open();
  assert.is(network.ready(feedsOf(1)), undefined);
  const one = await network.prepare(feedsOf(1));
  const three = await network.prepare(feedsOf(3));
  assert.is.not(one, three);
  assert.is(network.ready(feedsOf(1)), one);
  assert.is(await network.prepare(feedsOf(3)), three);
});

test('the model used longest ago goes first, and its memory with it', async () => {
  const network = await open({ cacheSize: 2 });
  const one = await network.prepare(feedsOf(1));
  const two = await network.prepare(feedsOf(2));
  network.ready(feedsOf(1));
  await network.prepare(feedsOf(3));
  isDisposed(two);
  assert.is(network.ready(feedsOf(2)), undefined);
  assert.is(network.ready(feedsOf(1)), one);
  assert.is.not(await network.prepare(feedsOf(2)), two);
});

test('four are kept unless the options say otherwise', async () => {
  const network = await open();
  const models: Model[] = [];
  for (const rows of [1, 2, 3, 4, 5]) models.push(await network.prepare(feedsOf(rows)));
  isDisposed(models[0]);
  for (const rows of [2, 3, 4, 5]) assert.is(network.ready(feedsOf(rows)), models[rows - 1]);
});

test('shapes of the options share one package, other dims are compiled beside it', async () => {
  const network = await open({ shapes: [{ x: [1, 12] }, { x: [4, 12] }] });
  const both = network.ready(feedsOf(1));
  assert.ok(both);
  assert.is(network.ready(feedsOf(4)), both);
  assert.is(network.ready(feedsOf(2)), undefined);
  assert.is.not(await network.prepare(feedsOf(2)), both);
  assert.is(network.ready(feedsOf(4)), both);
});

test('dims of two inputs that only look alike are told apart', async () => {
  const network = await open({}, twoOutputsOnnx());
  const pair = (...dims: number[]) => ({
    a: new Tensor('float32', numbers(24), dims),
    b: new Tensor('float32', numbers(24), dims),
  });
  const wide = await network.prepare(pair(2, 12));
  assert.is(network.ready(pair(12, 2)), undefined);
  assert.is(network.ready(pair(2, 12)), wide);
});

test('freeDimensionOverrides binds dimensions: create compiles, metadata say so, other sizes are refused', async () => {
  const freeDimensionOverrides = { batch: 2, another: 7 };
  const session = await ort.InferenceSession.create(onnx, { freeDimensionOverrides });
  assert.equal(session.inputMetadata, [{ name: 'x', isTensor: true, type: 'float32', shape: [2, 12] }]);
  const feeds = { x: vectors(2) };
  expectAlike(await session.run(feeds), await reference(onnx, feeds));
  await rejects(() => session.run({ x: vectors(3) }), 'SHAPE_MISMATCH', /'x' 3x12/, /'x' 2x12/);
  const network = await openOnnx(onnx, settingsOf({ freeDimensionOverrides }));
  assert.ok(network.ready(feedsOf(2)));
});

test('values that are fixed in the options are no inputs', async () => {
  const b = new Tensor('float32', [1, 2, 3, 4], [2, 2]);
  const session = await ort.InferenceSession.create(twoOutputsOnnx(), {
    executionProviders: [{ name: 'zeroskip', values: { b } }],
  });
  assert.equal(session.inputNames, ['a']);
  const { sum } = await session.run({ a: new ort.Tensor('float32', [10, 20, 30, 40], [2, 2]) });
  assert.equal([...(sum.data as Float32Array)], [11, 22, 33, 44]);
});

test('calls at the same time are done in order, each with the feeds that it was given', async () => {
  const session = await ort.InferenceSession.create(onnx);
  await session.run({ x: vectors(1) });
  const order: number[] = [];
  const buffer = new Float32Array(36);
  const calls = [2, 1, 2, 3, 1, 2].map((rows, i) => {
    buffer.set(numbers(12 * rows, i));
    return session.run({ x: new ort.Tensor('float32', buffer.subarray(0, 12 * rows), [rows, 12]) }).then((out) => {
      order.push(i);
      return out;
    });
  });
  buffer.fill(Number.NaN);
  const results = await Promise.all(calls);
  assert.equal(order, [0, 1, 2, 3, 4, 5]);
  for (const [i, rows] of [2, 1, 2, 3, 1, 2].entries()) {
    expectAlike(results[i], await reference(onnx, { x: vectors(rows, i) }));
  }
});

test('a run that fails does not stop those behind it', async () => {
  const session = await ort.InferenceSession.create(twoOutputsOnnx());
  const tensor = (...dims: number[]) => new ort.Tensor('float32', new Float32Array(6).fill(2), dims);
  const wrong = session.run({ a: tensor(2, 3), b: tensor(3, 2) });
  const right = session.run({ a: tensor(2, 3), b: tensor(2, 3) });
  await rejects(() => wrong, 'SHAPE_MISMATCH');
  assert.equal([...((await right).product.data as Float32Array)], [4, 4, 4, 4, 4, 4]);
});

test('the bytes of a model are not read again after create', async () => {
  const bytes = onnx.slice();
  const session = await ort.InferenceSession.create(bytes);
  bytes.fill(0);
  const feeds = { x: vectors(2) };
  expectAlike(await session.run(feeds), await reference(onnx, feeds));
});

test('release gives the memory back and ends what waits', async () => {
  const network = await open();
  const one = await network.prepare(feedsOf(1));
  const pending = network.prepare(feedsOf(2));
  network.dispose();
  isDisposed(one);
  isDisposed(await pending);

  const session = await ort.InferenceSession.create(onnx);
  await session.run({ x: vectors(1) });
  const waiting = [session.run({ x: vectors(2) }), session.run({ x: vectors(3) })];
  for (const call of waiting) call.catch(() => undefined);
  await session.release();
  for (const call of waiting) await rejects(() => call, 'DISPOSED', /released/);
  await rejects(() => session.run({ x: vectors(1) }), 'DISPOSED', /released/);
  await session.release();
  assert.equal(session.inputNames, ['x']);
});

test.run();
