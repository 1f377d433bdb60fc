import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatNpz } from '../../src/arrays/npz.ts';
import { compile } from '../../src/compile.ts';
import { toNpy } from '../../src/npy.ts';
import { Tensor } from '../../src/tensor.ts';
import { digits, fixture, scratch, zeroskip } from '../support/cli.ts';

const folder = scratch();
const MODEL = fixture('lenet300.onnx.gz');
const onnx = gunzipSync(readFileSync(MODEL));

test.before(async () => {
  const bytes = await compile(onnx);
  const flipped = bytes.slice();
  flipped[bytes.length >> 1] ^= 16;
  const files: Record<string, Uint8Array | string> = {
    'good.zsk': bytes,
    'flipped.zsk': flipped,
    'cut.zsk': bytes.subarray(0, 5000),
    'cut.onnx': onnx.subarray(0, onnx.length >> 1),
    'cut.onnx.gz': readFileSync(MODEL).subarray(0, 4000),
    'text.onnx': '{"not": "a model"}',
    'empty.onnx': '',
    'plain.onnx': onnx,
    'digit.npy': toNpy(digits([0])),
    'wide.npy': toNpy(new Tensor('float32', new Float32Array(784), [1, 1, 14, 56])),
    'digits.npz': formatNpz(new Map([['input', digits([0, 1, 2])]])),
    'wide.npz': formatNpz(new Map([['input', new Tensor('float32', new Float32Array(784), [1, 1, 14, 56])]])),
    'other.npz': formatNpz(
      new Map([
        ['input', digits([0])],
        ['mask', digits([0])],
      ]),
    ),
    'labels.npz': formatNpz(new Map([['labels', digits([0])]])),
    'cut.npz': formatNpz(new Map([['input', digits([0, 1, 2])]])).subarray(0, 4000),
    'whole.npy': toNpy(new Tensor('int32', new Int32Array(784), [1, 1, 28, 28])),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(folder.path(name), content);
});

interface Case {
  what: string;
  args: (path: (name: string) => string) => string[];
  exit: 1 | 2;
  code: string;
  message: RegExp;
}

const fails = (what: string, exit: 1 | 2, code: string, message: RegExp, args: Case['args']): Case => ({
  what,
  exit,
  code,
  message,
  args,
});

const run = (p: (name: string) => string, name: string, ...rest: string[]): string[] => [
  'run',
  p(name),
  '--output',
  p('out'),
  ...rest,
];

const CASES: Case[] = [
  fails('no command', 2, 'USAGE', /a command is missing/, () => []),
  fails('an unknown command', 2, 'USAGE', /unknown command 'inspekt'; did you mean 'inspect'\?/, () => ['inspekt']),
  fails('an unknown option', 2, 'USAGE', /unknown option '--outptu'; did you mean '--output'\?/, (p) => [
    'compile',
    MODEL,
    '--outptu',
    p('out'),
  ]),
  fails('no output', 2, 'USAGE', /--output is missing/, () => ['compile', MODEL]),
  fails('a threshold that is none', 2, 'USAGE', /--skip is auto, off or a number of at least 0, found 'on'/, (p) => [
    'compile',
    MODEL,
    '-o',
    p('out'),
    '--skip',
    'on',
  ]),
  fails('dims that are none', 2, 'USAGE', /--shape: dims such as/, (p) => [
    'compile',
    MODEL,
    '-o',
    p('out'),
    '--shape',
    'input=1,1,28',
  ]),
  fails('a missing file', 1, 'FILE_ERROR', /missing\.onnx cannot be read: there is no such file/, (p) => [
    'compile',
    p('missing.onnx'),
    '-o',
    p('out'),
  ]),
  fails('a JSON text as a model', 1, 'INVALID_MODEL', /text\.onnx: not an ONNX model/, (p) => [
    'compile',
    p('text.onnx'),
    '-o',
    p('out'),
  ]),
  fails('an empty model', 1, 'INVALID_MODEL', /empty\.onnx: the file is empty/, (p) => [
    'compile',
    p('empty.onnx'),
    '-o',
    p('out'),
  ]),
  fails('a truncated model', 1, 'INVALID_MODEL', /cut\.onnx/, (p) => ['compile', p('cut.onnx'), '-o', p('out')]),
  fails('a truncated packed model', 1, 'FILE_ERROR', /cut\.onnx\.gz cannot be unpacked/, (p) => [
    'inspect',
    p('cut.onnx.gz'),
  ]),
  fails('a shape of another rank', 1, 'SHAPE_MISMATCH', /'input' is declared 1x1x28x28, asked for 1x784/, (p) => [
    'compile',
    MODEL,
    '-o',
    p('out'),
    '--shape',
    '1x784',
  ]),
  fails('a shape for no input', 1, 'INVALID_ARGUMENT', /no input 'image'; its inputs are 'input'/, (p) => [
    'compile',
    MODEL,
    '-o',
    p('out'),
    '--shape',
    'image=1x1x28x28',
  ]),
  fails('a directory as output', 1, 'FILE_ERROR', /cannot be written: it is a directory/, (p) => [
    'compile',
    MODEL,
    '-o',
    p('.'),
  ]),
  fails('a file as the folder of the output', 1, 'FILE_ERROR', /a part of its path is a file, not a directory/, (p) => [
    'compile',
    MODEL,
    '-o',
    p('good.zsk/x'),
  ]),
  fails('a file above the folder of outputs', 1, 'FILE_ERROR', /a part of its path is a file, not a directory/, (p) => [
    ...['run', p('good.zsk'), '--random', '1', '--output', p('plain.onnx/x')],
  ]),
  fails('the model as output', 1, 'FILE_ERROR', /it is the model itself/, (p) => [
    'compile',
    p('plain.onnx'),
    '-o',
    p('plain.onnx'),
  ]),
  fails('a package to compile', 1, 'INVALID_MODEL', /zeroskip package/, (p) => [
    'compile',
    p('good.zsk'),
    '-o',
    p('out'),
  ]),
  fails('a missing input', 1, 'MISSING_INPUT', /'input' is missing/, (p) => run(p, 'good.zsk')),
  fails('an unknown input', 1, 'INVALID_ARGUMENT', /no input 'image'/, (p) =>
    run(p, 'good.zsk', '--input', `image=${p('digit.npy')}`),
  ),
  fails('an input of another shape', 1, 'SHAPE_MISMATCH', /no plan for 'input' 1x1x14x56/, (p) =>
    run(p, 'good.zsk', '--input', p('wide.npy')),
  ),
  fails('an input of another type', 1, 'TYPE_MISMATCH', /has type float32, found int32/, (p) =>
    run(p, 'good.zsk', '--input', p('whole.npy')),
  ),
  fails('an input that is no .npy file', 1, 'FILE_ERROR', /no \.npy file/, (p) =>
    run(p, 'good.zsk', '--input', p('text.onnx')),
  ),
  fails('a package with a flipped byte', 1, 'INVALID_PACKAGE', /flipped\.zsk: the checksum does not match/, (p) =>
    run(p, 'flipped.zsk', '--input', p('digit.npy')),
  ),
  fails('a truncated package', 1, 'INVALID_PACKAGE', /cut\.zsk: \d+ bytes expected, found 5000/, (p) => [
    'inspect',
    p('cut.zsk'),
  ]),
  fails('a model to run', 1, 'INVALID_PACKAGE', /has to be compiled first/, (p) => run(p, 'plain.onnx')),
  fails('options of models for a package', 1, 'INVALID_ARGUMENT', /--shape is for models/, (p) => [
    'inspect',
    p('good.zsk'),
    '--shape',
    '1x1x28x28',
  ]),
  fails('a data set that is cut off', 1, 'FILE_ERROR', /cut\.npz: the zip file is damaged/, (p) => [
    ...['compile', MODEL, '-o', p('out'), '--calibrate', p('cut.npz')],
  ]),
  fails('a data set that is no zip file', 1, 'FILE_ERROR', /digit\.npy: it is no \.npz file/, (p) => [
    ...['compile', MODEL, '-o', p('out'), '--calibrate', p('digit.npy')],
  ]),
  fails('a data set without the input', 1, 'MISSING_INPUT', /labels\.npz: there is no array for input 'input'/, (p) => [
    ...['apoz', MODEL, '--data', p('labels.npz')],
  ]),
  fails(
    'a data set with an array too many',
    1,
    'INVALID_ARGUMENT',
    /other\.npz: array 'mask' belongs to no input/,
    (p) => [...['apoz', MODEL, '--data', p('other.npz')]],
  ),
  fails('samples of another shape', 1, 'SHAPE_MISMATCH', /calibrate: expected 'input' 1x1x28x28, .* 1x1x14x56/, (p) => [
    ...['compile', MODEL, '-o', p('out'), '--calibrate', p('wide.npz')],
  ]),
  fails('samples for a package', 1, 'INVALID_ARGUMENT', /--calibrate is for models/, (p) => [
    ...['inspect', p('good.zsk'), '--calibrate', p('digits.npz')],
  ]),
  fails('apoz without data', 2, 'USAGE', /--data is missing/, () => ['apoz', MODEL]),
  fails('apoz of a package', 1, 'INVALID_ARGUMENT', /apoz needs a model, .*good\.zsk is a package/, (p) => [
    ...['apoz', p('good.zsk'), '--data', p('digits.npz')],
  ]),
  fails('a picture where there is no folder', 1, 'FILE_ERROR', /none\/x\.svg cannot be written/, (p) => [
    ...['apoz', MODEL, '--data', p('digits.npz'), '--output', p('x.json'), '--svg', p('none/x.svg')],
  ]),
  fails('profile without an input', 1, 'MISSING_INPUT', /'input' is missing/, (p) => ['profile', p('good.zsk')]),
  fails('profile of a model', 1, 'INVALID_PACKAGE', /has to be compiled first/, (p) => [
    ...['profile', p('plain.onnx'), '--input', p('digit.npy')],
  ]),
  fails('a package to compare', 1, 'INVALID_ARGUMENT', /--compare/, (p) => ['bench', p('good.zsk'), '--compare']),
];

for (const { what, args, exit, code, message } of CASES) {
  test(`${what}: one sentence, exit code ${exit}, nothing written`, () => {
    const before = folder.list();
    const argv = args(folder.path);
    const { code: status, stdout, stderr } = zeroskip(...argv);
    assert.is(status, exit, stderr);
    assert.is(stdout, '');
    assert.match(stderr, message);
    assert.ok(stderr.startsWith(`zeroskip: ${code}: `), stderr);
    assert.is(stderr.trimEnd().split('\n').length, 1, 'no stack');
    assert.equal(folder.list(), before);
    assert.equal(readFileSync(folder.path('plain.onnx')), Buffer.from(onnx));
  });
}

test('--json prints the error on standard output', () => {
  for (const [args, code, exit] of [
    [['compile', folder.path('missing.onnx'), '-o', folder.path('out')], 'FILE_ERROR', 1],
    [['inspect', folder.path('good.zsk'), '--bogus'], 'USAGE', 2],
  ] as const) {
    const result = zeroskip(...args, '--json');
    assert.is(result.code, exit);
    assert.is(result.stderr, '');
    const { error } = JSON.parse(result.stdout);
    assert.is(error.code, code);
    assert.ok(error.message.length > 0);
  }
});

test('an output that cannot be renamed leaves the old files', () => {
  writeFileSync(folder.path('file'), 'old');
  const { code } = zeroskip('run', folder.path('good.zsk'), '--random', '1', '--output', folder.path('file'));
  assert.is(code, 1);
  assert.is(readFileSync(folder.path('file'), 'utf8'), 'old');
});

test('help and version', () => {
  assert.match(zeroskip('--help').stdout, /Commands:\n {2}compile/);
  assert.is(zeroskip('--version').stdout, `${JSON.parse(readFileSync('package.json', 'utf8')).version}\n`);
  for (const command of ['compile', 'run', 'inspect', 'profile', 'apoz', 'bench']) {
    const { code, stdout } = zeroskip(command, '--help');
    assert.is(code, 0);
    assert.match(stdout, new RegExp(`Usage: zeroskip ${command} `));
    assert.match(stdout, new RegExp(`Examples:\n {2}zeroskip ${command} `));
    assert.ok(
      stdout.split('\n').every((line) => line.length <= 120),
      `${command}: the lines fit`,
    );
  }
});

test.run();
