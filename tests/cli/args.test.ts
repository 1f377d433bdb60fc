import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Args, type OptionSpecs, parse } from '../../src/cli/args.ts';
import { MODEL_OPTIONS, modelOptions } from '../../src/cli/model_options.ts';
import { namedValue } from '../../src/cli/named.ts';
import { UsageError } from '../../src/cli/usage.ts';
import { didYouMean, editDistance } from '../../src/words.ts';
import { raises } from '../support/raises.ts';

const SPECS: OptionSpecs = {
  output: { type: 'string', short: 'o', help: '' },
  input: { type: 'string', multiple: true, help: '' },
  compare: { type: 'boolean', help: '' },
};

function misuse(run: () => unknown, pattern: RegExp): void {
  assert.throws(run, (error: unknown) => error instanceof UsageError && pattern.test(error.message));
}

test('options, repeated ones, negated ones, positionals', () => {
  const args = parse(['a', '-o', 'f', '--input=x=1', '--input', 'y', '--no-compare'], SPECS);
  assert.equal(args.positionals, ['a']);
  assert.is(args.string('output'), 'f');
  assert.equal(args.strings('input'), ['x=1', 'y']);
  assert.is(args.flag('compare'), false);
  assert.is(parse([], SPECS).flag('compare'), undefined);
});

test('misuse names the argument', () => {
  misuse(() => parse(['--outptu', 'f'], SPECS), /unknown option '--outptu'; did you mean '--output'\?/);
  misuse(() => parse(['--xyzzyx'], SPECS), /unknown option '--xyzzyx'$/);
  misuse(() => parse(['--output'], SPECS), /--output/);
  misuse(() => parse(['--compare=1'], SPECS), /--compare/);
  misuse(() => parse([], SPECS).only('MODEL'), /MODEL is missing/);
  misuse(() => parse(['a', 'b'], SPECS).only('MODEL'), /'b'/);
  misuse(() => parse([], SPECS).required('output', 'the file'), /--output is missing/);
  misuse(() => parse(['-o', 'fast'], SPECS).choice('output', ['simd', 'both']), /simd or both, found 'fast'/);
  for (const text of ['', 'x', '0', '1.5', 'Infinity', '1e400']) {
    misuse(() => parse([`--output=${text}`], SPECS).number('output', 1, true), /whole number of at least 1/);
  }
  assert.is(parse(['--output=0.5'], SPECS).number('output', 0, false), 0.5);
});

test('nearest names', () => {
  assert.is(editDistance('kitten', 'sitting'), 3);
  assert.is(editDistance('', 'abc'), 3);
  assert.is(didYouMean('inspct', ['compile', 'inspect']), "; did you mean 'inspect'?");
  assert.is(didYouMean('zzz', ['compile', 'inspect']), '');
});

test('NAME=VALUE: names of inputs may hold =, one input needs no name', () => {
  assert.equal(namedValue('input', 'a=b=c', ['a', 'a=b']), { name: 'a=b', value: 'c' });
  assert.equal(namedValue('input', 'a=b=c', ['a', 'b']), { name: 'a', value: 'b=c' });
  assert.equal(namedValue('input', 'x.npy', ['a']), { name: 'a', value: 'x.npy' });
  misuse(() => namedValue('input', 'x.npy', ['a', 'b']), /several inputs/);
  raises(() => namedValue('input', 'c=x.npy', ['a', 'b']), 'INVALID_ARGUMENT', /no input 'c'; its inputs are 'a', 'b'/);
});

const shapesOf = async (argv: string[], inputs: string[]) => {
  const { shapes } = await modelOptions(parse(argv, MODEL_OPTIONS) as Args, inputs);
  return JSON.parse(JSON.stringify(shapes));
};

test('--shape holds in all plans, --plan makes one each and overrides it', async () => {
  assert.equal(await shapesOf([], ['a']), {});
  assert.equal(await shapesOf(['--shape', 'a=1x2', '--shape', 'b=scalar'], ['a', 'b']), { a: [1, 2], b: [] });
  assert.equal(await shapesOf(['--shape', '1x2'], ['a']), { a: [1, 2] });
  assert.equal(await shapesOf(['--shape', 'b=5', '--plan', 'a=1x2', '--plan', 'a=3x4,b=6'], ['a', 'b']), [
    { a: [1, 2], b: [5] },
    { a: [3, 4], b: [6] },
  ]);
  assert.equal(await shapesOf(['--plan', 'x,1=2x3,y=4'], ['x,1', 'y']), [{ 'x,1': [2, 3], y: [4] }]);
});

test('dims that are none are misuse', async () => {
  for (const argv of [
    ['--shape', 'a=1x'],
    ['--shape', 'a=-1'],
    ['--shape', 'a=1,2'],
    ['--shape', 'a=1', '--shape', 'a=2'],
  ]) {
    let raised: unknown;
    await shapesOf(argv, ['a']).catch((error: unknown) => {
      raised = error;
    });
    assert.instance(raised, UsageError, argv.join(' '));
  }
});

test.run();
