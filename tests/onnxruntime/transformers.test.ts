import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Tensor } from '../../src/tensor.ts';
import { relativeError } from '../support/compare.ts';
import { root } from '../support/sources.ts';
import { writeModels } from '../support/transformers_models.ts';

interface Outcome {
  handlers: string[];
  outputs: { dims: number[]; data: number[] }[];
  ranks: unknown[];
}

const folder = mkdtempSync(join(tmpdir(), 'zeroskip-')) + sep;
writeModels(folder);

function outcomes(how: 'registered' | 'symbol'): Promise<Outcome[]> {
  const args = ['--import', 'tsx', 'tests/support/transformers_child.ts', how, folder];
  return promisify(execFile)(process.execPath, args, { cwd: root }).then(({ stdout }) => JSON.parse(stdout));
}
const [[registered, own], [symbol]] = await Promise.all([outcomes('registered'), outcomes('symbol')]);

const expectAlike = (actual: Outcome['outputs']): void => {
  assert.equal(
    actual.map(({ dims }) => dims),
    own.outputs.map(({ dims }) => dims),
  );
  const tensor = ({ dims, data }: Outcome['outputs'][number]) => new Tensor('float32', data, dims);
  for (const [i, output] of actual.entries()) {
    const error = relativeError(tensor(output), tensor(own.outputs[i]));
    assert.ok(error <= 1e-5, `error ${error}`);
  }
};

/** Scores to five digits. */
const rounded = (ranks: unknown): unknown =>
  JSON.parse(JSON.stringify(ranks, (_, value) => (typeof value === 'number' ? Number(value.toFixed(5)) : value)));

test('the comparison is with the runtime of Transformers.js', () => {
  assert.equal(new Set(own.handlers), new Set(['OnnxruntimeSessionHandler']));
  assert.is(own.ranks.length, 3);
  assert.match(JSON.stringify(own.ranks), /"label":"owl","score":0\.\d+/);
});

test('pipelines for images and texts run on zeroskip, registered with onnxruntime-node', () => {
  assert.equal(registered.handlers, ['Session', 'Session', 'Session']);
  expectAlike(registered.outputs);
  assert.equal(rounded(registered.ranks), rounded(own.ranks));
});

test('models run under the symbol of onnxruntime; pipelines that end in TopK say that it is missing', () => {
  assert.equal(symbol.handlers, ['Session', 'Session', 'Session']);
  expectAlike(symbol.outputs);
  for (const [code, message] of symbol.ranks as [string, string][]) {
    assert.is(code, 'UNSUPPORTED_OP');
    assert.match(message, /TopK/);
  }
});

test.after(() => rmSync(folder, { recursive: true }));

test.run();
