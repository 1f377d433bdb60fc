import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { featuresOf, headInputs, modelBytes } from '../../bench/wakeword/features.ts';
import { type CompileOptions, compile, compileGraph, exportOnnx, importOnnx } from '../../src/compile.ts';
import { prune } from '../../src/prune/index.ts';
import { load } from '../../src/runtime/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { randomTensor } from '../support/graphs.ts';
import { reference } from '../support/ort.ts';
import { rejects } from '../support/rejects.ts';

const EMBEDDING = 96;

/** What `onnx` gives for each of `inputs`, by us and by onnxruntime. */
async function expectSameOutputs(onnx: Uint8Array, name: string, inputs: Tensor[], bytes?: Uint8Array): Promise<void> {
  const options: CompileOptions = { shapes: { [name]: [...inputs[0].dims] } };
  const model = await load(bytes ?? (await compile(onnx, options)));
  for (const x of inputs) {
    const found = model.runSync({ [name]: x });
    for (const [output, { data, dims }] of Object.entries(await reference(onnx, { [name]: x }))) {
      const own = found[output]!;
      assert.equal([...own.dims], [...dims]);
      const [a, b] = [own.data, data].map((list) => Array.from(list as Float32Array));
      // onnxruntime's Sigmoid is exact to 1e-7 of 1, not of a score near 0.
      const error = Math.max(...a.map((v, i) => Math.abs(v - b[i]))) / Math.max(1, ...b.map(Math.abs));
      assert.ok(error <= 1e-5, `${output}: error ${error}`);
    }
  }
  model.dispose();
}

const HEADS: [string, number][] = [
  ['alexa', 16],
  ['hey_jarvis', 16],
  ['hey_mycroft', 16],
  ['hey_rhasspy', 16],
  ['timer', 34],
  ['weather', 22],
];

for (const [name, windows] of HEADS) {
  test(`${name} agrees with onnxruntime`, async () => {
    const onnx = modelBytes(`${name}_v0.1`);
    const [input] = importOnnx(onnx).inputs;
    await expectSameOutputs(
      onnx,
      input,
      [1, 2, 3].map((seed) => randomTensor([1, windows, EMBEDDING], seed)),
    );
  });
}

test('the embedding model agrees with onnxruntime', () =>
  expectSameOutputs(modelBytes('embedding_model'), 'input_1', [randomTensor([1, 76, 32, 1])]));

test('the spectra that the embedding model reads agree with onnxruntime', () =>
  expectSameOutputs(modelBytes('melspectrogram'), 'input', [randomTensor([1, 1280]), randomTensor([1, 1280], 2)]));

test('a network with recurrent layers is refused with a list of what is missing', () =>
  rejects(() => compile(modelBytes('silero_vad')), 'UNSUPPORTED_OP', /LSTM 'LSTM_245'/));

test('a head pruned to 80 % zeros is smaller, and is the same network in onnxruntime', async () => {
  const source = importOnnx(modelBytes('hey_rhasspy_v0.1'));
  const [input] = source.inputs;
  const samples = headInputs(await featuresOf([1], 6), 16, 1);
  assert.ok(samples.dims[0] >= 10, `${samples.dims[0]} samples`);
  const recipe = { stages: [{ criterion: 'wanda', target: { sparsity: '0.8' } }] };
  const { graph, report } = await prune(source, recipe, { data: { [input]: samples } });
  const zeros = report.layers.reduce((sum, layer) => Math.max(sum, layer.sparsity), 0);
  assert.ok(zeros > 0.75 && report.targets[0].reached > 0.79, `${zeros}`);
  const [dense, bytes] = [source, graph].map((g) => compileGraph(g).bytes);
  assert.ok(bytes.length < 0.65 * dense.length, `${bytes.length} bytes of ${dense.length}`);
  const size = samples.size / samples.dims[0];
  const inputs = [0, samples.dims[0] - 1].map((row) => {
    const data = (samples.data as Float32Array).slice(row * size, (row + 1) * size);
    return new Tensor('float32', data, [1, 16, EMBEDDING]);
  });
  await expectSameOutputs(exportOnnx(graph), input, inputs, bytes);
});

test.run();
