import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testDigits } from '../../bench/lib/mnist.ts';
import { formatNpz } from '../../src/arrays/npz.ts';
import { Tensor } from '../../src/tensor.ts';
import { BIN, digits, facts, fixture, scratch, zeroskip } from '../support/cli.ts';
import { elementsOf } from '../support/xml.ts';

const folder = scratch();
const MODEL = fixture('dense/lenet300.dynamic.onnx.gz');
const PRUNED = folder.path('pruned.onnx');
const DATA = folder.path('calib.npz');
const input = digits(Array.from({ length: 12 }, (_, i) => i));
const labels = new Tensor('int64', [...testDigits().labels.subarray(0, 12)].map(BigInt), [12]);
const write = (name: string, arrays: Record<string, Tensor>): string => {
  writeFileSync(folder.path(name), formatNpz(new Map(Object.entries(arrays))));
  return folder.path(name);
};
write('calib.npz', { input, labels });
assert.is(zeroskip('prune', MODEL, '--target', 'sparsity=0.9', '--pattern', '2x1', '-o', PRUNED).code, 0);

test('a page, its figures and its numbers', () => {
  const [html, svg, json] = ['report.html', 'figures', 'report.json'].map(folder.path);
  const found = facts(
    'report',
    MODEL,
    PRUNED,
    '--data',
    DATA,
    '--criterion',
    'magnitude-l1',
    '-o',
    html,
    '--svg',
    svg,
    '--json-out',
    json,
  );
  assert.equal(JSON.parse(readFileSync(json, 'utf8')), found);
  assert.equal([found.metric, found.samples, found.pruned], ['accuracy', 12, 'pruned.onnx']);
  assert.is(found.measurements.layers[0].pattern, '2x1');
  assert.is(found.layers[0].pruned.pattern, 'blocks 2x1');
  const shown = facts('prune', MODEL, '--masks', maskFile(), '--data', DATA, '-o', folder.path('same.onnx'));
  assert.is(found.summary.pruned.quality.accuracy, shown.pruned.metric.accuracy);
  const page = readFileSync(html, 'utf8');
  elementsOf(page.slice(page.indexOf('<body>'), page.indexOf('</html>')));
  const names = ['apoz', 'costs', 'patterns', 'sensitivity', 'summary', 'tradeoff', 'weights'];
  assert.equal(
    readdirSync(svg).sort(),
    names.map((name) => `${name}.svg`),
  );
  for (const name of names) elementsOf(readFileSync(`${svg}/${name}.svg`, 'utf8'));
  // A second run takes what the first has measured, and gives the same page.
  const lines = () => readdirSync(`${html}.work`).map((file) => readFileSync(`${html}.work/${file}`, 'utf8'));
  const before = lines();
  assert.ok(before.length > 0);
  const again = zeroskip('report', MODEL, PRUNED, '--data', DATA, '--criterion', 'magnitude-l1', '-o', html);
  assert.is(again.code, 0, again.stderr);
  assert.match(again.stdout, /accuracy +\d+\.\d % -> /);
  assert.equal(lines(), before);
  assert.is(readFileSync(html, 'utf8'), page);
});

/** The zeros of the pruned model as a file of masks. */
function maskFile(): string {
  const path = folder.path('masks.npz');
  const ran = zeroskip(
    'prune',
    MODEL,
    '--target',
    'sparsity=0.9',
    '--pattern',
    '2x1',
    '-o',
    folder.path('m.onnx'),
    '--masks-out',
    path,
  );
  assert.is(ran.code, 0, ran.stderr);
  return path;
}

test('no command but those that draw loads what draws', () => {
  const imported = (file: string): string[] =>
    [...readFileSync(join(dirname(BIN), file), 'utf8').matchAll(/^import .*from '([^']+)';$/gm)].map(
      ([, name]) => name,
    );
  const seen = new Set<string>();
  const follow = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    if (file.startsWith('./')) imported(file).forEach(follow);
  };
  follow('./cli.js');
  assert.ok(seen.size > 5);
  assert.equal(
    [...seen].filter((name) => /observablehq|linkedom|draw/.test(name)),
    [],
  );
  assert.ok(imported('draw.js').includes('@observablehq/plot'));
});

test('without data and without a pruned model', () => {
  const html = folder.path('dense.html');
  const found = facts('report', MODEL, '-o', html);
  assert.equal(
    [found.pruned, found.metric, found.tradeoff, found.sensitivity],
    [undefined, undefined, undefined, undefined],
  );
  assert.match(readFileSync(html, 'utf8'), /Report on lenet300\.dynamic\.onnx\.gz/);
  assert.not(existsSync(`${html}.work`));
});

test('what is wrong is said and nothing is written', () => {
  const out = folder.path('none.html');
  const nan = input.data.slice() as Float32Array;
  nan[5] = Number.NaN;
  writeFileSync(folder.path('plain.onnx'), gunzipSync(readFileSync(MODEL)));
  mkdirSync(folder.path('taken'));
  const package_ = folder.path('net.zsk');
  assert.is(zeroskip('compile', MODEL, '-o', package_).code, 0);
  const other = fixture('dense/lenet5.dynamic.onnx.gz');
  const wrong: [string[], RegExp, number][] = [
    [
      [MODEL, other],
      /lenet5\.dynamic\.onnx\.gz is another network than lenet300\.dynamic\.onnx\.gz: it has no layer '\/fc3\/Gemm'|layer '\/fc1\/Gemm'/,
      1,
    ],
    [[MODEL, '--criterion', 'wandaa'], /did you mean 'wanda'\?/, 1],
    [[MODEL, '--pattern', 'unstructred'], /did you mean 'unstructured'\?/, 1],
    [
      [MODEL, '--data', write('nan.npz', { input: new Tensor('float32', nan, input.dims) })],
      /report: data: input 'input' has NaN at element 5/,
      1,
    ],
    [
      [MODEL, '--data', write('flat.npz', { input: new Tensor('float32', input.data, [12, 784]) })],
      /report: data: .*input/,
      1,
    ],
    [
      [MODEL, '--data', write('few.npz', { input, labels: new Tensor('int64', [1n], [1]) })],
      /12 samples need 12 labels, found 1/,
      1,
    ],
    [[MODEL, '--metric', 'accuracy'], /the metric accuracy needs labels/, 1],
    [[MODEL, '--scope', 'auto'], /--scope is layer or global or erk, found 'auto'/, 2],
    [[MODEL, package_], /report needs models, .*net\.zsk is a package/, 1],
    [[MODEL, PRUNED, 'third.onnx'], /found a third argument 'third\.onnx'/, 2],
    [[MODEL, 'numbers.json'], /--json-out FILE writes them/, 2],
    [[MODEL, '--svg', PRUNED], /pruned\.onnx is a file, the outputs need a directory/, 1],
    [[], /MODEL is missing/, 2],
  ];
  for (const [args, message, code] of wrong) {
    const ran = zeroskip('report', ...args, '-o', out, '--work', folder.path('work'));
    assert.is(ran.code, code, ran.stderr);
    assert.match(ran.stderr, message);
    assert.not(existsSync(out), args.join(' '));
  }
  for (const [file, message] of [
    [folder.path('taken'), /taken cannot be written: it is a directory/],
    [folder.path('no/where.html'), /does not exist/],
  ] as const)
    assert.match(zeroskip('report', MODEL, '-o', file).stderr, message);
  assert.match(
    zeroskip('report', folder.path('plain.onnx'), '-o', folder.path('plain.onnx')).stderr,
    /it is the model itself/,
  );
});

test.run();
