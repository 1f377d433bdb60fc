import { isDeepStrictEqual } from 'node:util';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { relativeError } from '../../bench/lib/stats.ts';
import { type BenchNet, benchNet, NETS, PATTERNS, SPARSITIES } from '../../bench/nets/index.ts';
import { compileGraph, importOnnx } from '../../src/compile.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { exportOnnx } from '../../src/onnx/export.ts';
import { load, Tensor } from '../../src/runtime/index.ts';
import { raises } from '../support/raises.ts';

const TOLERANCE = 1e-4;

async function run(net: BenchNet, graph: Graph): Promise<Float32Array> {
  const model = await load(compileGraph(graph).bytes);
  const { [net.output.name]: out } = model.runSync({
    [net.input.name]: new Tensor('float32', net.data(), net.input.dims),
  });
  const data = Float32Array.from(out.data as Float32Array);
  model.dispose();
  return data;
}

async function onnxruntime(net: BenchNet, onnx: Uint8Array): Promise<Float32Array> {
  const session = await InferenceSession.create(onnx, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const out = await session.run({ [net.input.name]: new OrtTensor('float32', net.data(), net.input.dims) });
  await session.release();
  return out[net.output.name].data as Float32Array;
}

function deviation(data: Float32Array): number {
  const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
  return Math.sqrt(data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length);
}

/** Weights of the layers of a graph, and the groups of its convolutions. */
function weightsOf(graph: Graph): { op: string; group: unknown; weight: Tensor; bias: Tensor | undefined }[] {
  const constant = (name: string) => graph.values.get(name)?.constant;
  return graph.nodes.flatMap(({ op, inputs, attrs }) => {
    const weight = constant(inputs[1]);
    const isLayer = weight && ['Conv', 'Gemm', 'MatMul'].includes(op);
    return isLayer ? [{ op, group: attrs.group, weight, bias: constant(inputs[2] ?? '') }] : [];
  });
}

const zerosIn = (data: Float32Array): number => data.reduce((n, w) => n + (w === 0 ? 1 : 0), 0);

for (const name of ['lenet300', 'mlp', 'mobilenetv1', 'mobilenetv2'] as const) {
  const sparsities = name === 'lenet300' ? SPARSITIES : [0, 95];
  test(`outputs of ${name} keep about unit variance`, async () => {
    for (const sparsity of sparsities) {
      const net = benchNet(name, sparsity);
      const out = await run(net, net.graph());
      const found = deviation(out);
      assert.ok(out.every(Number.isFinite) && found > 0.1 && found < 10, `${net.id}: deviation ${found}`);
    }
  });
}

test('outputs keep their variance with blocks', async () => {
  for (const pattern of PATTERNS) {
    for (const sparsity of SPARSITIES) {
      const net = benchNet('lenet300', sparsity, pattern);
      const found = deviation(await run(net, net.graph()));
      assert.ok(found > 0.1 && found < 10, `${net.id}: deviation ${found}`);
    }
  }
});

test('all weights but those of the first and of depthwise convolutions are pruned, exactly', () => {
  for (const name of ['mobilenetv1', 'mobilenetv2'] as const) {
    const layers = weightsOf(benchNet(name, 90).graph());
    assert.is(layers.length, name === 'mobilenetv1' ? 28 : 53);
    layers.forEach(({ group, weight, bias }, i) => {
      const dense = i === 0 || (group !== 1 && group !== undefined);
      assert.is(zerosIn(weight.data as Float32Array), dense ? 0 : Math.round(0.9 * weight.size), `layer ${i}`);
      assert.is(bias && zerosIn(bias.data as Float32Array), 0, `bias ${i}`);
    });
  }
});

test('blocks of outputs are pruned as a whole', () => {
  for (const pattern of PATTERNS.slice(1)) {
    const rows = Number(pattern.split('x')[0]);
    for (const { weight } of weightsOf(benchNet('lenet300', 80, pattern).graph())) {
      const [outs, ins] = weight.dims;
      let zeroBlocks = 0;
      for (let first = 0; first < outs; first += rows) {
        const block = Math.min(rows, outs - first);
        for (let i = 0; i < ins; i++) {
          const column = Float32Array.from({ length: block }, (_, r) => weight.data[(first + r) * ins + i] as number);
          const zeros = zerosIn(column);
          assert.ok(zeros === 0 || zeros === block, `${pattern}: ${zeros} zeros in a block of ${block}`);
          if (zeros > 0) zeroBlocks++;
        }
      }
      assert.is(zeroBlocks, Math.round(0.8 * Math.ceil(outs / rows) * ins), pattern);
    }
  }
});

test('a net is the same each time, and at another sparsity the same net pruned', () => {
  const weights = (sparsity: number) =>
    weightsOf(benchNet('lenet300', sparsity).graph()).map(({ weight }) => weight.data);
  assert.ok(isDeepStrictEqual(weights(90), weights(90)));
  const dense = weights(0) as Float32Array[];
  (weights(90) as Float32Array[]).forEach((pruned, i) => {
    const kept = [...pruned.keys()].filter((k) => pruned[k] !== 0);
    const factors = kept.map((k) => pruned[k] / dense[i][k]);
    assert.ok(Math.max(...factors) - Math.min(...factors) < 1e-5 * factors[0], 'all are scaled by one factor');
    const least = Math.min(...kept.map((k) => Math.abs(dense[i][k])));
    const gone = dense[i].filter((_, k) => pruned[k] === 0);
    assert.ok(
      gone.every((w) => Math.abs(w) <= least),
      'the smallest are gone',
    );
  });
});

/** The nodes, their attributes as ordinary objects. */
const plain = ({ nodes }: Graph) => nodes.map((node) => ({ ...node, attrs: { ...node.attrs } }));

for (const name of ['lenet300', 'mlp', 'mobilenetv1', 'mobilenetv2'] as const) {
  const net = benchNet(name, 90);
  test(`${net.id} as ONNX: read and written without change, the same in onnxruntime`, async () => {
    const graph = net.graph();
    const onnx = exportOnnx(graph);
    const read = importOnnx(onnx);
    const copy = exportOnnx(read);
    assert.ok(isDeepStrictEqual(importOnnx(copy), read), 'import - export - import is the identity');
    assert.equal(plain(read), plain(graph));
    const outputs = await onnxruntime(net, onnx);
    for (const source of [graph, read]) {
      const error = relativeError(await run(net, source), outputs);
      assert.ok(error < TOLERANCE, `relative error ${error}`);
    }
  });
}

test('files are made once and then come from the cache', () => {
  const net = benchNet('lenet300', 90, '4x1');
  const path = net.onnxFile();
  assert.match(path, /bench[/\\]\.cache[/\\]lenet300-90-4x1-[0-9a-f]{12}\.onnx$/);
  assert.is(benchNet('lenet300', 90, '4x1').onnxFile(), path);
  assert.ok(Buffer.compare(net.onnx(), exportOnnx(net.graph())) === 0);
  assert.is.not(benchNet('lenet300', 90).onnxFile(), path);
});

test('unknown nets, sparsities and patterns', () => {
  assert.is(NETS.length, 8);
  raises(() => benchNet('alexnet' as 'mlp', 90), 'INVALID_ARGUMENT', /net is one of mobilenetv1, .*'alexnet'/);
  raises(() => benchNet('mlp', 50), 'INVALID_ARGUMENT', /sparsity is one of 0, 70, .* '50'/);
  raises(() => benchNet('mlp', 90, '8x1' as '4x1'), 'INVALID_ARGUMENT', /pattern is one of .* '8x1'/);
});

test.run();
