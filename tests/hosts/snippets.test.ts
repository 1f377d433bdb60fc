/** The code of the README and of the recipes for hosts, as it stands, with the package as npm installs it. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { relativeError } from '../../bench/lib/stats.ts';
import { compileGraph, exportOnnx } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { toNpy } from '../../src/npy.ts';
import { load } from '../../src/runtime/index.ts';
import { randomTensor } from '../support/graphs.ts';
import { textOf } from '../support/sources.ts';
import { TOLERANCE } from './check.ts';
import { type Site, stage } from './site.ts';
import { startWorkerd, workerdHost } from './workerd.ts';

const DIMS = [1, 3, 224, 224];

/** Has the names and shapes of the snippets. */
function network(batch: number | string) {
  const g = new GraphBuilder('snippets');
  const x = g.input('input', 'float32', [batch, ...DIMS.slice(1)]);
  const y = g.conv(x, randomTensor([8, 3, 8, 8]), randomTensor([8]), { kernel_shape: [8, 8], strides: [8, 8] });
  g.output(g.gemm(g.flatten(g.globalAveragePool(g.relu(y))), randomTensor([10, 8]), randomTensor([10])), 'logits');
  return g.build();
}

const onnx = exportOnnx(network('batch'));
const graph = network(1);
const model = compileGraph(graph).bytes;
const input = randomTensor(DIMS);
const { logits } = (await load(model)).runSync({ input });
const expected = [...(logits.data as Float32Array)];
const expectRight = (found: number[]) => assert.ok(relativeError(found, expected) <= TOLERANCE, `${found}`);

/** Blocks of code in `language` that contain `text`: exactly one is expected. */
function snippet(file: string, language: string, text: string): string {
  const blocks = [...textOf(file).matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(
    ([, code]) => code,
  );
  const found = blocks.filter((code) => code.includes(text));
  assert.is(found.length, 1, `${file}: ${found.length} blocks with ${text}`);
  return found[0];
}

const site = await stage('node');

/** Puts the models and the input where the snippets read them. */
function fill({ folder }: Site): void {
  writeFileSync(join(folder, 'model.onnx'), onnx);
  writeFileSync(join(folder, 'model.zsk'), model);
  writeFileSync(join(folder, 'image.npy'), toNpy(input));
}
fill(site);

/** Runs a module made of `lines` in the folder and gives what it prints. */
function runModule(...lines: string[]): string {
  writeFileSync(join(site.folder, 'snippet.mjs'), lines.join('\n'));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['snippet.mjs'], {
    cwd: site.folder,
    encoding: 'utf8',
  });
  assert.is(status, 0, stderr);
  return stdout;
}

const DATA =
  "import { readFileSync } from 'node:fs'; import { fromNpy } from 'zeroskip/npy'; const { data } = fromNpy(readFileSync('image.npy'));";

test('README: compile, load and run', () => {
  const code = snippet('README.md', 'ts', "import { load, Tensor } from 'zeroskip'");
  expectRight(JSON.parse(runModule(DATA, code, 'console.log(JSON.stringify([...out.logits.data]));')));
});

test('README: several shapes, and a network without a file', () => {
  const shapes = snippet('README.md', 'ts', '[32, 3, 224, 224]');
  assert.ok(Number(runModule(shapes, 'console.log(pkg.length);')) > 0);
  const arrays = `
    const rowPtr = Uint32Array.from({ length: 11 }, (_, i) => i), colIdx = Uint32Array.from({ length: 10 }, (_, i) => 3 * i);
    const values = new Float32Array(10).fill(1), bias = new Float32Array(10);`;
  const built = snippet('README.md', 'ts', "format: 'csr'");
  assert.ok(Number(runModule(arrays, built, 'console.log(pkg.length);')) > 0);
});

test('README: the shell', () => {
  const lines = snippet('README.md', 'sh', 'zeroskip inspect model.zsk').trim().split('\n');
  assert.is(lines.length, 5);
  const cli = join(site.installed, 'dist', 'node', 'cli.js');
  for (const line of lines.filter((text) => !text.startsWith('zeroskip bench'))) {
    const [program, ...args] = line.replace(/#.*/, '').trim().split(/\s+/);
    assert.is(program, 'zeroskip');
    const { status, stderr } = spawnSync(process.execPath, [cli, ...args], { cwd: site.folder, encoding: 'utf8' });
    assert.is(status, 0, `${line}\n${stderr}`);
  }
  assert.ok(existsSync(join(site.folder, 'results', 'logits.npy')));
});

test('AWS Lambda', () => {
  writeFileSync(
    join(site.folder, 'handler.mjs'),
    snippet('docs/recipes/lambda.md', 'js', 'export async function handler'),
  );
  const stdout = runModule(
    DATA,
    "import { handler } from './handler.mjs';",
    "const body = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');",
    'console.log(JSON.stringify(await handler({ body, isBase64Encoded: true })));',
  );
  const { statusCode, body } = JSON.parse(stdout);
  assert.is(statusCode, 200);
  expectRight(JSON.parse(body));
});

const missing = workerdHost.unavailable();
if (missing) console.log(`\nworkerd is skipped: ${missing}`);

(missing ? test.skip : test)('Cloudflare Workers', async () => {
  const worker = await stage('cloudflare-workers');
  const recipe = 'docs/recipes/cloudflare-worker.md';
  writeFileSync(join(worker.folder, 'src', 'index.js'), snippet(recipe, 'js', 'export default'));
  writeFileSync(join(worker.folder, 'wrangler.json'), snippet(recipe, 'jsonc', 'r2_buckets').replace(/^\/\/.*\n/, ''));
  const { main } = JSON.parse(readFileSync(join(worker.folder, 'wrangler.json'), 'utf8'));
  const { miniflare, bucket } = await startWorkerd(worker, main);
  try {
    await bucket.put('model.zsk', model);
    const body = new Uint8Array((input.data as Float32Array<ArrayBuffer>).buffer);
    const response = await miniflare.dispatchFetch('http://localhost/', { method: 'POST', body });
    expectRight(JSON.parse(await response.text()));
  } finally {
    await miniflare.dispose();
  }
});

test.run();
