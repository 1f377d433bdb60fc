import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { relativeError } from '../../bench/lib/stats.ts';
import { benchNet } from '../../bench/nets/index.ts';
import { RUNTIMES } from '../../bench/peers/index.ts';
import { layersOf } from '../../bench/peers/layers.ts';
import { permute } from '../../bench/peers/order.ts';
import { paddingOf } from '../../bench/peers/padding.ts';
import { toTflite } from '../../bench/peers/tflite/ops.ts';
import { BuiltinOperator } from '../../bench/peers/tflite/schema.ts';
import { sparseRows } from '../../bench/peers/tflite/sparse.ts';
import { writeTflite } from '../../bench/peers/tflite/writer.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import { OPS } from '../../src/ops/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { flattenedNet, residualNet, tinyNet, weights } from '../support/bench_nets.ts';
import { raises } from '../support/raises.ts';
import { readTflite } from '../support/tflite_read.ts';

const TOLERANCE = 1e-5;

for (const net of [residualNet, flattenedNet, benchNet('lenet300', 90)]) {
  const feeds = { [net.input.name]: new Tensor('float32', net.data(), net.input.dims) };
  const expected = evaluate(net.graph(), OPS, feeds)[net.output.name].data as Float32Array;
  for (const runtime of RUNTIMES) {
    test(`${runtime.name} computes ${net.id}`, async () => {
      assert.is(runtime.unsupported(net), undefined);
      const session = await runtime.open(net);
      for (const name of ['self', 'importScripts', 'Module', 'ModuleFactory'])
        assert.not.ok(name in globalThis, `no ${name} is left behind`);
      for (let i = 0; i < 3; i++) {
        await session.run();
        const error = relativeError(session.output(), expected);
        assert.ok(error < TOLERANCE, `run ${i}: relative error ${error}`);
      }
      assert.ok(session.bytes > 0);
      session.dispose();
    });
  }
}

test('sessions of one runtime do not disturb each other', async () => {
  for (const runtime of RUNTIMES) {
    const sessions = [await runtime.open(residualNet), await runtime.open(flattenedNet)];
    await sessions[0].run();
    const before = sessions[0].output().slice();
    await sessions[1].run();
    await sessions[0].run();
    assert.is(relativeError(sessions[0].output(), before), 0, runtime.name);
    for (const session of sessions) session.dispose();
  }
});

test('every runtime has a name of its own, a label and a version', () => {
  assert.is(new Set(RUNTIMES.map(({ name }) => name)).size, RUNTIMES.length);
  for (const runtime of RUNTIMES) {
    assert.match(runtime.version(), /^\d+\.\d+\.\d+/);
    assert.ok(runtime.label);
  }
});

test('sparse tensors are for networks with zeros', () => {
  const sparse = RUNTIMES.find(({ name }) => name === 'litert-sparse')!;
  assert.match(sparse.unsupported({ ...residualNet, sparsity: 0 })!, /no zeros/);
});

test('the TFLite file holds the layers, in channels-last order', () => {
  const file = toTflite(layersOf(flattenedNet.graph()), { sparse: false });
  assert.is(new TextDecoder().decode(file.subarray(4, 8)), 'TFL3');
  const { tensors, ops, inputs, outputs } = readTflite(file);
  const { CONV_2D, MAX_POOL_2D, RESHAPE, FULLY_CONNECTED, ADD } = BuiltinOperator;
  assert.equal(
    ops.map(({ code }) => code),
    [CONV_2D, MAX_POOL_2D, RESHAPE, FULLY_CONNECTED, FULLY_CONNECTED, ADD],
  );
  assert.equal(
    [...inputs, ...outputs].map((i) => tensors[i].shape),
    [
      [1, 9, 7, 2],
      [1, 20],
    ],
  );
  const filter = tensors[ops[0].inputs[1]];
  assert.equal(filter.shape, [8, 3, 3, 2]);
  assert.equal(filter.data, permute(weights('c', [8, 2, 3, 3], 0.7).data, [8, 2, 3, 3], [0, 2, 3, 1]));
  assert.is(ops[4].inputs[2], -1, 'no bias');
  for (const { data, address } of tensors) if (data) assert.is(address % 16, 0, 'constants are aligned');
});

test('what is neither SAME nor VALID is a PAD before a convolution', () => {
  const { tensors, ops } = readTflite(toTflite(layersOf(residualNet.graph()), { sparse: false }));
  const [pad, conv] = ops;
  assert.equal([pad.code, conv.code], [BuiltinOperator.PAD, BuiltinOperator.CONV_2D]);
  assert.equal([...tensors[pad.inputs[1]].data!], [0, 0, 1, 1, 1, 1, 0, 0]);
  assert.equal(tensors[conv.inputs[0]].shape, [1, 22, 16, 3]);
  assert.is(ops.at(-2)!.code, BuiltinOperator.MEAN);
});

test('filters of mostly zeros are stored without them, behind a DENSIFY', () => {
  const network = layersOf(residualNet.graph());
  const dense = readTflite(toTflite(network, { sparse: false }));
  const sparse = readTflite(toTflite(network, { sparse: true }));
  const densify = sparse.ops.filter(({ code }) => code === BuiltinOperator.DENSIFY);
  assert.is(densify.length, 5);
  assert.not.ok(dense.tensors.some((tensor) => tensor.sparse));
  for (const { inputs, outputs } of densify) {
    const stored = sparse.tensors[inputs[0]];
    assert.ok(stored.sparse);
    const { name } = sparse.tensors[outputs[0]];
    const same = dense.tensors.find((tensor) => tensor.name === name)!;
    assert.equal(stored.shape, same.shape);
    assert.equal(stored.data, same.data, name);
  }
});

test('sparse tensors of any shape come back, empty rows and wide ones too', () => {
  for (const shape of [
    [1, 1],
    [3, 5],
    [4, 3, 3, 2],
    [2, 70000],
    [5, 1, 1, 8],
  ]) {
    for (const zeros of [0, 0.9, 1]) {
      const size = shape.reduce((a, b) => a * b);
      const data = Float32Array.from({ length: size }, (_, i) => ((i * 7919) % 1000 < 1000 * zeros ? 0 : i + 1));
      const sparse = sparseRows(data, shape);
      const file = writeTflite({ tensors: [{ name: 'w', shape, sparse }], ops: [], inputs: [], outputs: [] });
      assert.equal(readTflite(file).tensors[0].data, data, `${shape} with ${zeros} zeros`);
    }
  }
});

test('padding is SAME where TensorFlow means the same', () => {
  const axis = (size: number, stride: number, window: number, begin: number, end: number) => {
    const out = Math.floor((size + begin + end - window) / stride) + 1;
    return { size, stride, window, begin, end, out };
  };
  const of = (...sizes: Parameters<typeof axis>) => paddingOf(axis(...sizes), axis(...sizes));
  assert.is(of(7, 1, 3, 0, 0), 'valid');
  assert.is(of(7, 1, 3, 1, 1), 'same');
  assert.is(of(8, 2, 3, 0, 1), 'same');
  assert.is(of(7, 2, 3, 1, 1), 'same');
  assert.equal(of(8, 2, 3, 1, 1), { top: 1, bottom: 1, left: 1, right: 1 });
  assert.equal(paddingOf(axis(8, 1, 5, 2, 2), axis(8, 1, 5, 0, 0)), { top: 2, bottom: 2, left: 0, right: 0 });
});

test('layers that the channels-last runtimes do not get are named', () => {
  const image = [1, 4, 6, 6];
  const graph = (make: Parameters<typeof tinyNet>[2]) => tinyNet('wrong', image, make).graph();
  raises(() => layersOf(graph((g, x) => g.softmax(x))), 'UNSUPPORTED_OP', /Softmax/);
  raises(
    () => layersOf(graph((g, x) => g.clip(g.conv(x, weights('w', [4, 4, 1, 1], 0)), -1, 1))),
    'UNSUPPORTED_OP',
    /clamp to \[-1, 1\]/,
  );
  const grouped = graph((g, x) =>
    g.conv(x, weights('w', [4, 2, 1, 1], 0), undefined, { group: 2, name: 'two groups' }),
  );
  raises(() => layersOf(grouped), 'UNSUPPORTED_OP', /'two groups'/);
  raises(() => layersOf(graph((g, x) => g.flatten(g.maxPool(x, [2, 2])))), 'UNSUPPORTED_OP', /fully connected/);
  const pooled = layersOf(graph((g, x) => g.maxPool(x, [3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] })));
  raises(() => toTflite(pooled, { sparse: false }), 'UNSUPPORTED_OP', /MaxPool/);
});

test.run();
