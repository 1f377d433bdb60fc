import type { Backend, InferenceSession, InferenceSessionFactory } from 'onnxruntime-common';
import * as native from 'onnxruntime-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, exportOnnx } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { register } from '../../src/onnxruntime/index.ts';
import { numbers } from '../support/graphs.ts';
import { expectAlike, mlpOnnx, reference } from '../support/ort.ts';
import { rejects } from '../support/rejects.ts';

let backend: Backend | undefined;
let opened: InferenceSession.SessionOptions[] = [];

/** As onnxruntime-node, but that it keeps the backend to itself: other tests compare with onnxruntime-node. */
register(
  {
    registerBackend: (_, given) => {
      backend = given;
    },
    InferenceSession: {
      create: ((model: Uint8Array, options: InferenceSession.SessionOptions) => {
        opened.push(options);
        return native.InferenceSession.create(model, options);
      }) as InferenceSessionFactory['create'],
    },
  },
  { fallback: ['cpu'] },
);

const open = (model: Uint8Array, options: InferenceSession.SessionOptions = {}) => {
  opened = [];
  return backend!.createInferenceSessionHandler(model, options);
};

/** ONNX that zeroskip cannot read. */
function unread(): Uint8Array {
  const g = new GraphBuilder('unread');
  g.output(g.node('Sinh', [g.input('x', 'float32', ['n', 4])]), 'y', ['n', 4]);
  return exportOnnx(g.build());
}

/** ONNX that zeroskip reads, but has no kernel for: rows `from` to `to` of `x`, which are inputs. */
function uncompiled(): Uint8Array {
  const g = new GraphBuilder('uncompiled');
  const x = g.input('x', 'float32', ['n', 4]);
  const bounds = ['from', 'to'].map((name) => g.input(name, 'int64', [1]));
  g.output(g.node('Slice', [x, ...bounds]), 'y', ['m', 4]);
  return exportOnnx(g.build());
}

const matrix = (rows: number, seed = 1) =>
  new native.Tensor('float32', Float32Array.from(numbers(4 * rows, seed)), [rows, 4]);
const index = (i: number) => new native.Tensor('int64', BigInt64Array.of(BigInt(i)), [1]);
const sliced = (rows: number, seed = 1) => ({ x: matrix(rows, seed), from: index(1), to: index(rows) });

test('a model that zeroskip runs stays with it', async () => {
  const onnx = mlpOnnx();
  for (const model of [onnx, await compile(onnx, { shapes: { x: [2, 12] } })]) {
    const session = await open(model);
    const feeds = { x: new native.Tensor('float32', Float32Array.from(numbers(24)), [2, 12]) };
    expectAlike(await session.run(feeds, { y: null }, {}), await reference(onnx, feeds));
    assert.equal(opened, []);
  }
});

test('a model that zeroskip cannot read goes to the other providers, with the options of the session', async () => {
  const session = await open(unread(), { logSeverityLevel: 3, executionProviders: ['zeroskip'] });
  assert.equal(opened, [{ logSeverityLevel: 3, executionProviders: ['cpu'] }]);
  assert.equal(session.inputMetadata, [{ name: 'x', isTensor: true, type: 'float32', shape: ['n', 4] }]);
  assert.equal(session.outputNames, ['y']);
  const feeds = { x: matrix(3) };
  expectAlike(await session.run(feeds, { y: null }, {}), await reference(unread(), feeds));
  await session.dispose();
});

test('a model that the first run finds no kernel for goes there then', async () => {
  const bytes = uncompiled();
  const session = await open(bytes);
  assert.equal(session.inputNames, ['x', 'from', 'to']);
  assert.equal(opened, []);
  bytes.fill(0);
  const runs = [2, 3, 2, 5].map((rows, i) => session.run(sliced(rows, i), { y: null }, {}));
  for (const [i, rows] of [2, 3, 2, 5].entries()) {
    expectAlike(await runs[i], await reference(uncompiled(), sliced(rows, i)));
  }
  assert.is(opened.length, 1);
  expectAlike(await session.run(sliced(4), { y: null }, {}), await reference(uncompiled(), sliced(4)));
  await session.dispose();
  let message = '';
  await session.run(sliced(4), { y: null }, {}).catch((error) => {
    message = error.message;
  });
  assert.match(message, /disposed/, 'of onnxruntime');
});

test('other errors do not fall back', async () => {
  await rejects(() => open(new Uint8Array(100)), 'INVALID_MODEL');
  await rejects(() => open(unread(), { enableProfiling: true }), 'INVALID_ARGUMENT');
  const session = await open(mlpOnnx());
  await rejects(() => session.run({ x: matrix(2) }, { y: null }, {}), 'SHAPE_MISMATCH');
  await session.dispose();
  await rejects(() => session.run({ x: matrix(2) }, { y: null }, {}), 'DISPOSED');
  assert.equal(opened, []);
});

test('without a fallback such a model fails', async () => {
  let plain: Backend | undefined;
  register({
    registerBackend: (_, given) => {
      plain = given;
    },
  });
  await rejects(() => plain!.createInferenceSessionHandler(unread()), 'UNSUPPORTED_OP', /Sinh/);
  const session = await plain!.createInferenceSessionHandler(uncompiled());
  await rejects(() => session.run(sliced(3), { y: null }, {}), 'UNSUPPORTED_OP', /Slice/);
});

test.run();
