import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import ort from 'onnxruntime-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { normalised, testDigits } from '../../bench/lib/mnist.ts';
import { compile, exportOnnx, importOnnx } from '../../src/compile.ts';
import type { WorkSession } from '../../src/prune/index.ts';
import { memoryWork, type PruneOptions, prune, type Recipe, ZeroskipError } from '../../src/prune/index.ts';
import { load } from '../../src/runtime/load.ts';
import { Tensor } from '../../src/tensor.ts';
import { fixture } from '../support/cli.ts';

const SAMPLES = 48;
const indices = Array.from({ length: SAMPLES }, (_, i) => i);
const digits = testDigits();
const pixels = normalised(digits, indices, { scale: 255, mean: 0.1307, std: 0.3081 });
const input = new Tensor('float32', pixels, [SAMPLES, 1, 28, 28]);
const labels = digits.labels.subarray(0, SAMPLES);
const lenet = importOnnx(gunzipSync(readFileSync(fixture('dense/lenet300.dynamic.onnx.gz'))));

const run = (target: Record<string, string>, options: PruneOptions = {}, stage: object = {}) =>
  prune(lenet, { stages: [{ target, ...stage }] }, { data: { input }, labels, ...options });

test('a share of zeros is met within one weight, and choosing by layer beats one sparsity for all', async () => {
  const { report, masks, graph } = await run({ sparsity: '0.9' });
  const kept = [...masks.values()].reduce((sum, mask) => sum + mask.reduce((s, bit) => s + bit, 0), 0);
  const dense = report.layers.filter(({ pattern }) => pattern === 'dense').map(({ name }) => name);
  const sizes: Record<string, number> = { '/fc1/Gemm': 235200, '/fc2/Gemm': 30000, '/fc3/Gemm': 1000 };
  const total = 266200;
  const left = kept + dense.reduce((sum, name) => sum + sizes[name], 0);
  assert.ok(Math.abs(left - total * 0.1) <= 1, `${left} of ${total} weights stay`);
  assert.ok(report.pruned.metric!.accuracy! >= report.uniform!.accuracy!);
  assert.ok(report.pruned.metric!.mse < report.uniform!.mse);
  assert.is(graph.values.get('input')!.dims![0], lenet.values.get('input')!.dims![0]);
  assert.type(lenet.values.get('input')!.dims![0], 'string');
});

test('bytes, multiplications and the modelled latency are met', async () => {
  const { report, graph } = await run({ bytes: '0.3x', flops: '0.3x', latency: '0.5x' });
  for (const { name, wanted, reached } of report.targets)
    assert.ok(reached <= wanted, `${name}: ${reached} > ${wanted}`);
  const size = (await compile(graph)).byteLength;
  assert.ok(size <= report.dense.bytes * 0.3, `${size} bytes of ${report.dense.bytes}`);
  assert.ok(report.pruned.latency > 0 && report.pruned.latency <= report.dense.latency / 2);
});

test('a run that goes on from kept measurements gives the same network', async () => {
  const kept = memoryWork();
  const stop = new AbortController();
  const stopped = run(
    { flops: '0.2x' },
    { work: kept, signal: stop.signal, onProgress: (share) => share > 0.4 && stop.abort() },
  );
  await stopped.then(
    () => assert.unreachable(),
    (e: ZeroskipError) => assert.is(e.code, 'ABORTED'),
  );
  let found = 0;
  const counted = {
    open: async (fingerprint: string): Promise<WorkSession> => {
      const session = await kept.open(fingerprint);
      return {
        set: session.set,
        get(key) {
          const value = session.get(key);
          if (value) found++;
          return value;
        },
      };
    },
  };
  const resumed = await run({ flops: '0.2x' }, { work: counted });
  const whole = await run({ flops: '0.2x' });
  assert.ok(found > 3, `${found} measurements were kept`);
  assert.equal(exportOnnx(resumed.graph), exportOnnx(whole.graph));
});

test('the ONNX file gives in onnxruntime what the package gives, and says how it was pruned', async () => {
  const { graph } = await run({ sparsity: '0.8' }, {}, { scope: 'global' });
  const onnx = exportOnnx(graph);
  const session = await ort.InferenceSession.create(onnx);
  const one = pixels.slice(0, 784 * 2);
  const theirs = await session.run({ input: new ort.Tensor('float32', one, [2, 1, 28, 28]) });
  const model = await load(await compile(graph, { shapes: { input: [2, 1, 28, 28] } }));
  const ours = model.runSync({ input: new Tensor('float32', one, [2, 1, 28, 28]) });
  const [name] = graph.outputs;
  const wanted = theirs[name].data as Float32Array;
  const scale = Math.max(...wanted.map(Math.abs));
  (ours[name].data as Float32Array).forEach((y, i) => {
    assert.ok(Math.abs(y - wanted[i]) <= 1e-4 * scale);
  });
  const again = importOnnx(onnx);
  assert.is(JSON.parse(again.metadata['zeroskip.prune']).targets[0].name, 'sparsity');
  assert.is(JSON.parse(model.metadata['zeroskip.recipe']).stages[0].scope, 'global');
});

test('what cannot be done is said', async () => {
  const fails = async (message: RegExp, recipe: Recipe, options: PruneOptions = {}) => {
    const error = await prune(lenet, recipe, options).then(
      () => new Error('nothing was refused'),
      (e: Error) => e,
    );
    assert.instance(error, ZeroskipError);
    assert.match(error.message, message);
  };
  const stages = [{ sparsity: 0.5 }];
  const data = { input };
  await fails(
    /target: bytes 1\.000 KB cannot be reached; the nearest is /,
    { stages: [{ target: { bytes: '1KB' } }] },
    { data },
  );
  await fails(/layers: no layer fits '\/fc1\/Gem'; did you mean '\/fc1\/Gemm'\?/, {
    stages: [{ sparsity: 0.5, layers: ['/fc1/Gem'] }],
  });
  await fails(/48 samples need 48 labels, found 3/, { stages }, { data, labels: [1, 2, 3] });
  await fails(
    /whole number from 0 to 9, found 10 for sample 1/,
    { stages },
    { data, labels: indices.map((i) => (i === 1 ? 10 : 0)) },
  );
  await fails(
    /'input' has NaN at element 7/,
    { stages },
    {
      data: {
        input: new Tensor(
          'float32',
          pixels.map((x, i) => (i === 7 ? Number.NaN : x)),
          input.dims,
        ),
      },
    },
  );
  await fails(
    /expected 'input' 1x1x28x28/,
    { stages },
    { data: { input: new Tensor('float32', pixels, [SAMPLES, 28, 28]) } },
  );
  await fails(/accuracy needs labels/, { metric: 'accuracy', stages }, { data });
  await fails(/nothing to prune/, { stages: [{ sparsity: 0.5, layers: ['/fc1/*'], skip: ['/fc1/*'] }] });
});

test.run();
