import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fileName } from '../../src/cli/files.ts';
import { compile } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { fromNpy, toNpy } from '../../src/npy.ts';
import { numbersOf, Tensor } from '../../src/tensor.ts';
import { digits, expected, facts, fixture, scratch, zeroskip } from '../support/cli.ts';

const folder = scratch();
const { indices, logits } = expected.nets.lenet5;

function agrees(result: Tensor, rows: readonly number[][]): void {
  assert.equal(result.dims, [rows.length, 10]);
  const wanted = rows.flat();
  const scale = Math.max(...wanted.map(Math.abs));
  numbersOf(result).forEach((x, i) => {
    assert.ok(Math.abs(x - wanted[i]) <= 1e-4 * scale, `logit ${i}: ${x}, expected ${wanted[i]}`);
  });
}

const readOutput = (path: string): Tensor => fromNpy(readFileSync(folder.path(path)), path);

test('compile and run: the logits of a digit are those of PyTorch', () => {
  const compiled = zeroskip('compile', fixture('lenet5.onnx.gz'), '-o', folder.path('one.zsk'));
  assert.is(compiled.code, 0, compiled.stderr);
  assert.is(compiled.stderr, '');
  assert.match(compiled.stdout, /input 1x1x28x28 -> logits 1x10/);
  writeFileSync(folder.path('digit.npy'), toNpy(digits([indices[5]])));
  const ran = zeroskip(
    'run',
    folder.path('one.zsk'),
    '--input',
    folder.path('digit.npy'),
    '--output',
    folder.path('out'),
  );
  assert.is(ran.code, 0, ran.stderr);
  agrees(readOutput('out/logits.npy'), [logits[5]]);
});

test('compile --masks reads regions from a JSON file, whose errors name it', () => {
  const [model, masks, output] = ['lenet5.onnx.gz', 'masks.json', 'masked.zsk'];
  const write = (text: string) => writeFileSync(folder.path(masks), text);
  const compileMasked = () =>
    zeroskip('compile', fixture(model), '-o', folder.path(output), '--masks', folder.path(masks));
  write('[{');
  assert.match(compileMasked().stderr, /masks\.json is not JSON/);
  write(JSON.stringify([{ nodes: ['conv1'], mask: { input: 'm' } }]));
  assert.match(compileMasked().stderr, /masks\.json: masks\[0\]: block is one or two whole numbers/);
  const [conv] = facts('inspect', fixture(model)).plans[0].layers.filter(({ op }: { op: string }) => op === 'Conv');
  write(JSON.stringify([{ nodes: [conv.node], mask: { input: 'm' }, block: 8 }]));
  const made = compileMasked();
  assert.is(made.code, 0, made.stderr);
  assert.match(made.stdout, /m 1x1x\d+x\d+/);
});

test('several plans in one package', () => {
  const made = facts(
    'compile',
    fixture('lenet5.dynamic.onnx.gz'),
    '-o',
    folder.path('two.zsk'),
    '--plan',
    'input=1x1x28x28',
    '--plan',
    '3x1x28x28',
    '--name',
    'two',
  );
  assert.equal(
    made.plans.map((plan: { inputs: unknown }) => plan.inputs),
    [{ input: [1, 1, 28, 28] }, { input: [3, 1, 28, 28] }],
  );
  assert.is(made.package.name, 'two');
  assert.is(made.package.bytes, readFileSync(folder.path('two.zsk')).length);
  assert.ok(made.plans[0].macs.kept < made.plans[0].macs.dense);
  for (const rows of [[2], [7, 8, 9]]) {
    writeFileSync(folder.path('digits.npy'), toNpy(digits(rows.map((row) => indices[row]))));
    const ran = facts(
      'run',
      folder.path('two.zsk'),
      '--input',
      `input=${folder.path('digits.npy')}`,
      '--output',
      folder.path('out'),
      '--target',
      'simd',
    );
    assert.equal(ran.outputs[0].dims, [rows.length, 10]);
    assert.is(ran.outputs[0].file, 'logits.npy');
    assert.is(ran.target, 'simd');
    agrees(
      readOutput('out/logits.npy'),
      rows.map((row) => logits[row]),
    );
  }
});

test('an input that is fixed at compile time is no input of the package', () => {
  writeFileSync(folder.path('digit.npy'), toNpy(digits([indices[4]])));
  facts('compile', fixture('lenet5.onnx.gz'), '-o', folder.path('fixed.zsk'), '--value', folder.path('digit.npy'));
  const ran = facts('run', folder.path('fixed.zsk'), '--output', folder.path('fixed'));
  assert.equal(ran.inputs, []);
  agrees(readOutput('fixed/logits.npy'), [logits[4]]);
});

test('random inputs depend on the seed only; without --output nothing is written', () => {
  const [a, b, c] = ['1', '1', '2'].map((seed) => facts('run', folder.path('one.zsk'), '--random', seed).outputs[0]);
  assert.equal(a, b);
  assert.not.equal(a, c);
  assert.is(a.file, undefined);
});

test('names of outputs become safe file names', async () => {
  const names = ['../../escape', '..', 'a/b', 'é', '__proto__', 'plain'];
  const g = new GraphBuilder('names');
  const x = g.input('x=y', 'float32', [1, 4]);
  for (const name of names) g.output(g.relu(x), name);
  writeFileSync(folder.path('names.zsk'), await compile(g.build()));
  writeFileSync(folder.path('x.npy'), toNpy(new Tensor('float32', Float32Array.of(-1, 0, 1, 2), [1, 4])));
  const ran = facts(
    'run',
    folder.path('names.zsk'),
    '--input',
    `x=y=${folder.path('x.npy')}`,
    '--output',
    folder.path('names/deep'),
  );
  assert.equal(
    ran.outputs.map(({ name }: { name: string }) => name),
    names,
  );
  const files = names.map((name) => `${fileName(name)}.npy`);
  assert.equal(readdirSync(folder.path('names/deep')).sort(), [...files].sort());
  assert.equal(readdirSync(folder.path('names')), ['deep']);
  assert.not(existsSync(folder.path('escape.npy')));
  for (const file of files) assert.equal(numbersOf(readOutput(`names/deep/${file}`)), [0, 0, 1, 2]);
});

test('bench: a model against itself with its zeros multiplied, and a package alone', () => {
  const [plan] = facts('bench', fixture('lenet300.onnx.gz'), '--runs', '20', '--profile').plans;
  assert.is(plan.times.runs, 20);
  assert.is(plan.dense.runs, 20);
  assert.is(plan.ratio, plan.dense.min / plan.times.min);
  assert.ok(
    plan.times.min <= plan.times.p10 && plan.times.p10 <= plan.times.median && plan.times.median <= plan.times.p90,
  );
  assert.equal(
    plan.profile.map(({ op }: { op: string }) => op),
    ['Gemm', 'Gemm', 'Gemm'],
  );
  const two = facts('bench', folder.path('two.zsk'), '--seconds', '0.01').plans;
  assert.equal(
    two.map(({ inputs }: { inputs: unknown }) => inputs),
    [{ input: [1, 1, 28, 28] }, { input: [3, 1, 28, 28] }],
  );
  assert.is(two[0].dense, undefined);
  const text = zeroskip('bench', fixture('lenet300.onnx.gz'), '--runs', '3');
  assert.match(text.stdout, /sparse is [\d.]+x as fast as dense/);
  assert.is(text.stderr, '', 'no progress bar without a terminal');
});

test.run();
