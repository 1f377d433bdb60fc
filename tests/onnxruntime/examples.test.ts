import { spawnSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exportOnnx } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { Tensor } from '../../src/tensor.ts';
import { install } from '../hosts/bundlers.ts';
import { stage } from '../hosts/site.ts';
import { relativeError } from '../support/compare.ts';
import { root, textOf } from '../support/sources.ts';

const site = await stage('onnxruntime');
install(site);
for (const name of ['onnxruntime-common', 'onnxruntime-web'])
  symlinkSync(join(root, 'node_modules', name), join(site.folder, 'node_modules', name), 'junction');

function run(name: string): { digit?: number; logits: number[]; sinh?: number[] } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [name], { cwd: site.folder, encoding: 'utf8' });
  assert.is(status, 0, stderr);
  return JSON.parse(stdout);
}

const before = run('before.mjs');

function expectSame({ logits }: { logits: number[] }): void {
  assert.is(logits.length, 10);
  const error = relativeError(new Tensor('float32', logits, [10]), new Tensor('float32', before.logits, [10]));
  assert.ok(error <= 1e-5, `error ${error}`);
}

test('one import is all that changes, and the result is the same', () => {
  const source = (name: string) => textOf(`examples/onnxruntime/${name}`).split('\n');
  const [old, now] = [source('before.mjs'), source('after.mjs')];
  const changed = old.flatMap((line, i) => (line === now[i] ? [] : [[line, now[i]]]));
  assert.is(old.length, now.length);
  assert.equal(changed, [["import * as ort from 'onnxruntime-web';", "import * as ort from 'zeroskip/onnxruntime';"]]);
  const after = run('after.mjs');
  assert.is(after.digit, 7);
  expectSame(after);
});

test('a package and a fallback', () => {
  expectSame(run('packaged.mjs'));
  const { sinh, ...fallback } = run('fallback.mjs');
  expectSame(fallback);
  assert.equal(sinh?.map(Math.fround), [0, Math.fround(Math.sinh(1))]);
});

const RECIPE = textOf('docs/recipes/moving-from-onnxruntime-web.md');
const snippets = [...RECIPE.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code);

test('what the recipe imports is there', async () => {
  assert.ok(snippets.length >= 8);
  for (const contents of snippets) {
    const { warnings } = await build({
      stdin: { contents, resolveDir: root },
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      external: ['@huggingface/transformers', 'onnxruntime-node'],
      logLevel: 'silent',
    });
    assert.equal(
      warnings.map(({ text }) => text).filter((text) => /import|export/i.test(text)),
      [],
    );
  }
});

test('the fallback of the recipe makes sessions of both', async () => {
  const code = snippets.find((text) => text.includes('export async function createSession'));
  assert.ok(code);
  const file = join(site.folder, 'recipe.mjs');
  writeFileSync(file, code);
  const { createSession } = await import(String(pathToFileURL(file)));
  for (const [op, expected] of [
    ['Relu', 2],
    ['Sinh', Math.sinh(2)],
  ] as const) {
    const g = new GraphBuilder('one op');
    g.output(g.node(op, [g.input('x', 'float32', ['n'])]), 'y', ['n']);
    const { ort, session } = await createSession(exportOnnx(g.build()), { freeDimensionOverrides: { n: 1 } });
    const { y } = await session.run({ x: new ort.Tensor('float32', [2], [1]) });
    assert.is(y.data[0], Math.fround(expected));
    assert.is(session.handler.constructor.name === 'Session', op === 'Relu');
  }
});

test.run();
