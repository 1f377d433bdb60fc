import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { load, Tensor } from '../../src/runtime/index.ts';
import { loadInWorker } from '../../src/worker/client.ts';
import { randomTensor } from '../support/graphs.ts';
import { mlpPackage } from '../support/nets.ts';
import { rejects } from '../support/rejects.ts';

const bytes = mlpPackage();
const feeds = { x: randomTensor([1, 12]) };
const expected = (await load(bytes)).runSync(feeds).y;
const start = () => new Worker(new URL('../../dist/node/worker-script.js', import.meta.url));
const shared = start();

test('a model in a worker says and computes what one here does', async () => {
  const local = await load(bytes);
  const model = await loadInWorker(shared, bytes);
  assert.equal(model.inputs, local.inputs);
  assert.is(model.memoryBytes, local.memoryBytes);
  const { y } = await model.run(feeds);
  assert.instance(y, Tensor);
  assert.equal(y, expected);
  assert.is((await model.profile(feeds)).length, local.profile(feeds).length);
  await model.dispose();
  await rejects(() => model.run(feeds), 'DISPOSED');
});

test('bytes of another realm', async () => {
  const other: Uint8Array = runInNewContext('Uint8Array.from(bytes)', { bytes });
  for (const source of [other, other.buffer as ArrayBuffer])
    assert.equal((await (await loadInWorker(shared, source)).run(feeds)).y, expected);
});

test('buffers are copied, or moved on demand', async () => {
  const model = await loadInWorker(shared, bytes.slice().buffer);
  const x = new Tensor('float32', Float32Array.from(feeds.x.data as Float32Array), [1, 12]);
  assert.equal((await model.run({ x })).y, expected);
  assert.is(x.data.length, 12);
  assert.equal((await model.run({ x }, { transfer: true })).y, expected);
  assert.is(x.data.length, 0);
});

test('calls queue, and one that waits can be taken back', async () => {
  const model = await loadInWorker(shared, bytes);
  const controller = new AbortController();
  const order: number[] = [];
  const calls = [0, 1, 2, 3].map(async (i) => {
    const { y } = await model.run(feeds, i === 2 ? { signal: controller.signal } : {});
    order.push(i);
    return y;
  });
  controller.abort();
  await rejects(() => calls[2], 'ABORTED');
  for (const i of [0, 1, 3]) assert.equal(await calls[i], expected);
  assert.equal(order, [0, 1, 3]);
  await rejects(() => model.run(feeds, { signal: AbortSignal.abort() }), 'ABORTED');
});

test('errors keep their codes', async () => {
  await rejects(() => loadInWorker(shared, new Uint8Array(100)), 'INVALID_PACKAGE');
  await rejects(() => loadInWorker(shared, 'file:///absent.zsk'), 'FILE_ERROR', /absent/);
  const model = await loadInWorker(shared, bytes);
  await rejects(() => model.run({}), 'MISSING_INPUT');
  await rejects(() => model.run(null as never), 'INVALID_ARGUMENT');
  const uncopyable = { x: { type: 'float32', data: () => undefined, dims: [1, 12] } };
  await rejects(() => model.run(uncopyable as never), 'INVALID_ARGUMENT', /cannot be sent/);
  assert.equal((await model.run(feeds)).y, expected);
});

test('loading shows its progress and can be aborted', async () => {
  const seen: number[] = [];
  await loadInWorker(shared, bytes, { onProgress: ({ loaded }) => seen.push(loaded) });
  assert.is(seen.at(-1), bytes.length);
  const controller = new AbortController();
  const loading = loadInWorker(shared, bytes, { signal: controller.signal });
  controller.abort();
  await rejects(() => loading, 'ABORTED');
  assert.equal((await (await loadInWorker(shared, bytes)).run(feeds)).y, expected);
});

test('a worker that dies fails all its calls', async () => {
  const worker = start();
  const model = await loadInWorker(worker, bytes);
  const calls = [model.run(feeds), model.run(feeds)];
  const failed = calls.map((call) => rejects(() => call, 'WORKER_LOST'));
  await worker.terminate();
  await Promise.all(failed);
  await rejects(() => model.run(feeds), 'WORKER_LOST');
  await rejects(() => loadInWorker(worker, bytes), 'WORKER_LOST');
});

test('a worker without the script is reported', async () => {
  const worker = new Worker('throw new Error("no script")', { eval: true });
  await rejects(() => loadInWorker(worker, bytes), 'WORKER_LOST', /no script/);
});

test.after(async () => {
  await shared.terminate();
});
test.run();
