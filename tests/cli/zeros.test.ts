import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatNpz } from '../../src/arrays/npz.ts';
import { toNpy } from '../../src/npy.ts';
import { Tensor } from '../../src/tensor.ts';
import { digits, facts, fixture, scratch, zeroskip } from '../support/cli.ts';
import { elementsOf } from '../support/xml.ts';

const folder = scratch();
const MODEL = fixture('lenet5.onnx.gz');
const DATA = folder.path('digits.npz');
const labels = new Tensor('int64', BigInt64Array.of(7n, 2n, 1n, 0n));

writeFileSync(folder.path('digit.npy'), toNpy(digits([0])));
writeFileSync(
  DATA,
  formatNpz(
    new Map([
      ['labels', labels],
      ['input', digits([0, 1, 2, 3])],
    ]),
    true,
  ),
);
writeFileSync(folder.path('any.npz'), formatNpz(new Map([['arr_0', digits([0, 1, 2, 3])]])));

test('compile --calibrate: the package says what it found, inspect prints it', () => {
  const made = facts('compile', MODEL, '-o', folder.path('net.zsk'), '--calibrate', DATA);
  assert.ok(made.notes.some((note: string) => /^calibrate: zeros of 6 values counted in 4 samples$/.test(note)));
  const { layers } = facts('inspect', folder.path('net.zsk')).plans[0];
  const counted = layers.flatMap(({ zeros }: { zeros?: { elements: number } }) => (zeros ? [zeros.elements] : []));
  assert.is(counted.length, 6);
  assert.is(counted[0], 0);
  assert.ok(
    counted.slice(1).every((share: number) => share > 0.1 && share < 0.9),
    `${counted}`,
  );
  const text = zeroskip('inspect', folder.path('net.zsk')).stdout;
  assert.match(text, /zeros in {2}zero tiles\n/);
  // The name of the only array does not matter where there is one input.
  facts('compile', MODEL, '-o', folder.path('same.zsk'), '--calibrate', folder.path('any.npz'));
  assert.equal(readFileSync(folder.path('same.zsk')), readFileSync(folder.path('net.zsk')));
});

test('profile: zeros, work and time of each layer', () => {
  const found = facts('profile', folder.path('net.zsk'), '--input', folder.path('digit.npy'));
  assert.is(found.layers.length, 6);
  const [conv, pool] = found.layers;
  assert.equal(conv.zerosIn, { count: 0, of: 784 });
  assert.equal(conv.zerosOut, pool.zerosIn);
  assert.is(conv.zerosOut.of, 20 * 24 * 24);
  assert.ok(conv.zerosOut.count > 0 && conv.ms > 0 && conv.format === 'csr' && conv.sparsity > 0.4);
  const sum = (key: 'planned' | 'done') =>
    found.layers.reduce((total: number, layer: typeof conv) => total + (layer.multiplications?.[key] ?? 0), 0);
  assert.is(found.totals.multiplications.planned, sum('planned'));
  assert.is(found.totals.multiplications.done, sum('done'));
  assert.ok(sum('done') > 0 && sum('done') <= sum('planned'));
  const { stdout, stderr } = zeroskip('profile', folder.path('net.zsk'), '--random', '1');
  assert.is(stderr, '');
  assert.match(stdout, /op +node +kernel +format +weights +zeros in +zeros out +skipped +planned +done +time\n/);
  assert.match(stdout, /products {2}\d+K of \d+K \([\d.]+ %\) that the weights leave/);
  assert.ok(stdout.split('\n').every((line) => line.length <= 120));
});

test('apoz: table, JSON and picture agree', () => {
  const [svg, json] = [folder.path('apoz.svg'), folder.path('apoz.json')];
  const { code, stdout, stderr } = zeroskip('apoz', MODEL, '--data', DATA, '--svg', svg, '--output', json);
  assert.is(code, 0, stderr);
  assert.is(stderr, '');
  const found = facts('apoz', MODEL, '--data', DATA);
  assert.equal(JSON.parse(readFileSync(json, 'utf8')), found);
  assert.is(found.samples, 4);
  assert.equal(
    found.layers.map(({ apoz }: { apoz: number[] }) => apoz.length),
    [20, 50, 500],
  );
  const { apoz, summary } = found.layers[2];
  assert.is(summary.high, apoz.filter((share: number) => share > 0.9).length);
  assert.match(stdout, new RegExp(`Gemm +/fc1/Gemm +1x500 +500 .* ${summary.high}\n`));
  assert.ok(elementsOf(readFileSync(svg, 'utf8')).length > 50);
  const few = zeroskip('apoz', MODEL, '--data', DATA, '--samples', '2').stdout;
  assert.match(few, /2 of 4 samples/);
});

test('nothing is written if one file cannot be', () => {
  const { code } = zeroskip(
    'apoz',
    MODEL,
    '--data',
    DATA,
    '--svg',
    folder.path('new.svg'),
    '--output',
    folder.path('.'),
  );
  assert.is(code, 1);
  assert.not(existsSync(folder.path('new.svg')));
});

test.run();
