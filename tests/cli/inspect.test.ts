import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, importOnnx } from '../../src/compile.ts';
import { type Inspection, inspect, type LayerInspection } from '../../src/inspect.ts';
import { readPackage } from '../../src/package/read.ts';
import { writePackage } from '../../src/package/write.ts';
import { facts, fixture, scratch, zeroskip } from '../support/cli.ts';

const folder = scratch();
const onnx = gunzipSync(readFileSync(fixture('lenet300.onnx.gz')));
const mobilenet = gunzipSync(readFileSync(fixture('mobilenet.onnx.gz')));

let plain: Uint8Array;
test.before(async () => {
  plain = await compile(onnx);
});

const weightLayers = ({ plans }: Inspection): LayerInspection[] => plans[0].layers.filter(({ format }) => format);

test('the facts of a package', async () => {
  const bytes = await compile(onnx, { name: 'digits', target: 'simd' });
  const found = await inspect(bytes);
  assert.is(found.kind, 'package');
  assert.is(found.name, 'digits');
  assert.is(found.target, 'simd');
  assert.is(found.bytes, bytes.length);
  assert.is(
    found.sections.reduce((sum, section) => sum + section.bytes, 0),
    bytes.length,
  );
  assert.equal(found.inputs, [{ name: 'input', type: 'float32', dims: [1, 1, 28, 28] }]);
  assert.equal({ ...found.plans[0].outputs }, { logits: [1, 10] });
  const { arena } = found.plans[0];
  assert.ok(arena.peak > 0 && arena.peak <= arena.sum);
  const layers = weightLayers(found);
  // Zero filters and outputs that nothing reads are gone.
  const [hidden1, hidden2, classes] = layers.map(({ dims }) => dims[1]);
  assert.ok(hidden1 <= 300 && hidden2 <= 100 && classes === 10);
  const { macs, sparsity, records, bytes: stored } = layers[0];
  assert.is(macs?.dense, 784 * hidden1);
  assert.ok(macs && macs.kept > 0.9 * 8543 && macs.kept < 0.1 * macs.dense);
  assert.ok(sparsity && Math.abs(sparsity - 0.963678) < 0.02);
  assert.ok(stored && stored < 784 * 300);
  assert.ok(records.narrow > 0 && records.wide > 0);
});

test('a model is compiled in memory: the same facts, with costs, alternatives and the graph', async () => {
  const graph = importOnnx(mobilenet);
  const fromGraph = await inspect(graph);
  const found = await inspect(mobilenet);
  assert.is(found.kind, 'model');
  assert.is(found.modelBytes, mobilenet.length);
  assert.is(fromGraph.modelBytes, undefined);
  const packed = await inspect(await compile(graph));
  const strip = ({ cost, alternatives, ...layer }: LayerInspection) => layer;
  assert.equal(found.plans[0].layers.map(strip), packed.plans[0].layers.map(strip));
  assert.ok(found.plans[0].graph?.startsWith('graph '));
  for (const layer of weightLayers(found)) {
    assert.ok(layer.cost! > 0);
    const sparse = layer.alternatives!.filter(({ format }) => format !== layer.format);
    assert.ok(sparse.length > 0 && sparse.every(({ cost, reject }) => reject || cost >= layer.cost!), layer.node);
    assert.is(layer.format === 'dense', layer.note !== undefined, `${layer.node} says why it stayed dense`);
  }
});

test('options are for models', async () => {
  const found = await inspect(onnx, { sparse: 'off' });
  assert.ok(weightLayers(found).every(({ format }) => format === 'dense'));
  let raised = { code: '', message: '' };
  await inspect(plain, { sparse: 'off' }).catch((error) => {
    raised = error;
  });
  assert.is(raised.code, 'INVALID_ARGUMENT');
  assert.match(raised.message, /'sparse' is for models/);
});

test('a package whose facts have wrong types is refused', async () => {
  const { manifest, sections } = readPackage(plain);
  for (const change of [{ dims: 'x' }, { macs: 3 }, { sparsity: 'a' }, { note: {} }, { structure: 1 }]) {
    const broken = structuredClone(manifest);
    Object.assign(broken.plans[0].steps[0], change);
    let code: string | undefined;
    await inspect(writePackage(broken, sections)).catch((error) => {
      code = error.code;
    });
    assert.is(code, 'INVALID_PACKAGE', JSON.stringify(change));
  }
});

test('--json prints the facts, also of packed files, told apart by their bytes', () => {
  const model = facts('inspect', fixture('lenet300.onnx.gz'));
  assert.is(model.kind, 'model');
  assert.is(model.modelBytes, onnx.length);
  facts(
    'compile',
    fixture('lenet300.dynamic.onnx.gz'),
    '-o',
    folder.path('package.onnx'),
    '--plan',
    '1x1x28x28',
    '--plan',
    '4x1x28x28',
  );
  const found = facts('inspect', folder.path('package.onnx'));
  assert.is(found.kind, 'package');
  assert.equal(
    found.plans.map((plan: { outputs: unknown }) => plan.outputs),
    [{ logits: [1, 10] }, { logits: [4, 10] }],
  );
  assert.equal(found.inputs[0].dims.slice(1), [1, 28, 28]);
});

test('the text has a line for each layer and fits 120 columns', () => {
  const { code, stdout } = zeroskip('inspect', fixture('mobilenet.onnx.gz'), '--alternatives', '--graph');
  assert.is(code, 0);
  const lines = stdout.split('\n');
  const top = lines.findIndex((line) => /^op +node +output +zeros +structure +kernel +bytes +kept +dense$/.test(line));
  assert.ok(top > 0, 'the heading of the table');
  const rows = lines.slice(top + 2, lines.indexOf('', top));
  assert.ok(rows.filter((row) => /^(Fused)?Conv /.test(row)).length >= 13);
  assert.ok(rows.every((row) => [...row].length <= 120));
  assert.match(stdout, /stayed dense:\n.*no zeros/);
  assert.match(stdout, /, taken\n/);
  assert.match(stdout, /\ngraph /);
});

function packageNamed(name: string): Uint8Array {
  const { manifest, sections } = readPackage(plain);
  manifest.name = name;
  manifest.plans[0].steps[0].node = name;
  return writePackage(manifest, sections);
}

test('a name that would steer the terminal does not', () => {
  const packed = folder.path('steer.zsk');
  writeFileSync(packed, packageNamed('\x1b[2Jname'));
  const { code, stdout } = zeroskip('inspect', packed);
  assert.is(code, 0);
  assert.not.ok(stdout.includes('\x1b'));
  assert.match(stdout, /\[2Jname/);
});

test.run();
