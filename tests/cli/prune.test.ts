import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testDigits } from '../../bench/lib/mnist.ts';
import { formatNpz } from '../../src/arrays/npz.ts';
import { importOnnx } from '../../src/compile.ts';
import { inspect } from '../../src/inspect.ts';
import { Tensor } from '../../src/tensor.ts';
import { BIN, digits, facts, fixture, scratch, zeroskip } from '../support/cli.ts';

const folder = scratch();
const MODEL = fixture('dense/lenet300.dynamic.onnx.gz');
const indices = Array.from({ length: 16 }, (_, i) => i);
const labels = new Tensor('int64', [...testDigits().labels.subarray(0, 16)].map(BigInt), [16]);
const data = folder.path('calib.npz');
writeFileSync(
  data,
  formatNpz(
    new Map([
      ['input', digits(indices)],
      ['labels', labels],
    ]),
  ),
);

test('prune writes a model and masks that give the same model again', () => {
  const report = facts(
    'prune',
    MODEL,
    '--data',
    data,
    '--target',
    'flops=0.2x',
    '-o',
    folder.path('a.onnx'),
    '--masks-out',
    folder.path('m.npz'),
  );
  assert.is(report.metric, 'accuracy');
  assert.is(report.samples, 16);
  assert.ok(report.targets[0].reached <= report.targets[0].wanted);
  const again = zeroskip('prune', MODEL, '--masks', folder.path('m.npz'), '-o', folder.path('b.onnx'));
  assert.is(again.code, 0, again.stderr);
  const weights = (file: string) => {
    const graph = importOnnx(readFileSync(folder.path(file)));
    return [...graph.values.values()].flatMap(({ constant }) => (constant ? [[...constant.data].join()] : []));
  };
  assert.equal(weights('b.onnx'), weights('a.onnx'));
});

test('a .zsk output is a package that meets its bytes', async () => {
  const out = folder.path('c.zsk');
  const report = facts('prune', MODEL, '--data', data, '--target', 'bytes=300KB', '-o', out);
  const found = await inspect(new Uint8Array(readFileSync(out)));
  assert.ok(found.bytes <= 300_000, `${found.bytes} bytes`);
  assert.is(JSON.parse(found.metadata['zeroskip.prune']).targets[0].name, 'bytes');
  assert.is(report.targets[0].wanted, 300_000);
});

test('what is wrong is said and nothing is written', () => {
  const out = folder.path('none.onnx');
  const wrong: [string[], RegExp, number][] = [
    [['--target', 'bytes=1KB', '--data', data], /bytes 1\.000 KB cannot be reached; the nearest is/, 1],
    [['--target', 'sparsity=2'], /sparsity is 0\.9 or 90%, found '2'/, 1],
    [['--target', 'sparsity=0.5', '--layers', '/fc9/*'], /no layer fits '\/fc9\/\*'/, 1],
    [
      ['--target', 'sparsity=0.5', '--criterion', 'magnitude'],
      /stages\[0\]\.criterion: .*did you mean 'magnitude-l/,
      1,
    ],
    [['--target', 'latency=0.5x'], /data are needed/, 1],
    [[], /--target is missing/, 2],
  ];
  for (const [args, message, code] of wrong) {
    const ran = zeroskip('prune', MODEL, '-o', out, '--work', folder.path('none'), ...args);
    assert.is(ran.code, code, ran.stderr);
    assert.match(ran.stderr, message);
    assert.not(existsSync(out), args.join(' '));
  }
  const recipe = folder.path('recipe.json');
  writeFileSync(recipe, JSON.stringify({ stages: [{ sparsity: 0.5, patern: '2:4' }] }));
  const ran = zeroskip('prune', MODEL, '--recipe', recipe, '-o', out);
  assert.match(ran.stderr, /recipe\.json: stages\[0\]\.patern: unknown field.*did you mean 'pattern'\?/);
});

test('a recipe in YAML is what the options say', () => {
  const recipe = folder.path('recipe.yaml');
  writeFileSync(
    recipe,
    [
      '# channels first, then zeros',
      'seed: 0',
      'stages:',
      '  - pattern: channel',
      '    target: { flops: 0.6x }',
      '    repair: [least-squares, bias]',
    ].join('\n'),
  );
  const by = (out: string, ...args: string[]) => facts('prune', MODEL, '--data', data, '-o', folder.path(out), ...args);
  const file = by('y.onnx', '--recipe', recipe, '--masks-out', folder.path('y.npz'));
  const options = ['--target', 'flops=0.6x', '--pattern', 'channel', '--repair', 'least-squares', '--repair', 'bias'];
  const own = by('z.onnx', ...options, '--seed', '0');
  assert.equal(own.layers, file.layers);
  const graph = importOnnx(readFileSync(folder.path('y.onnx')));
  assert.equal(JSON.parse(graph.metadata['zeroskip.recipe']).stages[0].repair, ['least-squares', 'bias']);
  const sizes = [...graph.values.values()].map(({ constant }) => constant?.size ?? 0);
  assert.ok(Math.max(...sizes) < 300 * 784, 'channels are gone');
  assert.ok(statSync(folder.path('y.npz')).size > 0);
});

test('YAML with mistakes', () => {
  const recipe = folder.path('wrong.yaml');
  const wrong: [string, RegExp][] = [
    ['stages: [', /wrong\.yaml is neither YAML nor JSON: .*line 1/],
    [
      'stages:\n  - sparsity: 0.5\n    criterion: wandah',
      /wrong\.yaml: stages\[0\]\.criterion: .*did you mean 'wanda'/,
    ],
    ['a: &a [1]\nb: *c\n', /wrong\.yaml is neither YAML nor JSON: .*alias/i],
    [
      `a: &a [x]\n${'bcdefghi'
        .split('')
        .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`)}]`)
        .join('\n')}`,
      /neither YAML nor JSON: .*alias/i,
    ],
  ];
  for (const [text, message] of wrong) {
    writeFileSync(recipe, text);
    const ran = zeroskip('prune', MODEL, '--recipe', recipe, '-o', folder.path('none.onnx'));
    assert.is(ran.code, 1, text);
    assert.match(ran.stderr, message);
    assert.not(existsSync(folder.path('none.onnx')));
  }
});

test('--dry-run writes nothing', () => {
  const before = folder.list();
  const ran = zeroskip('prune', MODEL, '--target', 'sparsity=0.5', '--dry-run');
  assert.is(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /nothing written/);
  assert.equal(folder.list(), before);
});

test('a run that was killed goes on from its measurements; damaged lines are noted', async () => {
  const args = (out: string) => [
    'prune',
    MODEL,
    '--data',
    data,
    '--target',
    'flops=0.1x',
    '--work',
    folder.path('work'),
    '-o',
    folder.path(out),
    '--json',
  ];
  const child = spawn(process.execPath, [BIN, ...args('killed.onnx')], { stdio: 'ignore' });
  const lines = (): number => {
    if (!existsSync(folder.path('work'))) return 0;
    return readdirSync(folder.path('work')).reduce(
      (n, f) => n + readFileSync(folder.path(`work/${f}`), 'utf8').split('\n').length,
      0,
    );
  };
  const ended = new Promise((resolve) => child.once('exit', resolve));
  while (lines() < 8 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGKILL');
  await ended;
  assert.not(existsSync(folder.path('killed.onnx')));
  const [file] = readdirSync(folder.path('work'));
  appendFileSync(folder.path(`work/${file}`), '["scan broken');
  const resumed = facts(...args('resumed.onnx').slice(0, -1));
  assert.match(resumed.notes.join('\n'), /1 damaged line ignored/);
  const whole = facts(
    'prune',
    MODEL,
    '--data',
    data,
    '--target',
    'flops=0.1x',
    '--work',
    folder.path('other'),
    '-o',
    folder.path('whole.onnx'),
  );
  assert.is(whole.notes.length, 0);
  assert.equal(readFileSync(folder.path('resumed.onnx')), readFileSync(folder.path('whole.onnx')));
});

test.run();
