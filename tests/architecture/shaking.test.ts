import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, transformSync } from 'esbuild';
import { parseAst } from 'rollup/parseAst';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { root, sourcesIn, textOf } from '../support/sources.ts';

const { sideEffects } = JSON.parse(textOf('package.json')) as { sideEffects: string[] };

/** Whether a module does something besides declaring. */
const acts = (code: string): boolean =>
  parseAst(code).body.some(({ type }) => !/^(Import|Export.*|Variable|Function|Class)Declaration$/.test(type));

/** Bundles of a host that do something, or import such ones: a bundler drops the whole of what is declared to do nothing. */
function actingBundles(host: string): string[] {
  const folder = join(root, 'dist', host);
  const texts = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  // What runs in it are two lines of the loader, for hosts without Object.hasOwn.
  texts.delete('runtime.js');
  const acting = new Set([...texts.keys()].filter((file) => acts(texts.get(file)!)));
  for (const [file, text] of texts)
    if ([...acting].some((other) => text.includes(`'./${other}'`) || text.includes(`"./${other}"`))) acting.add(file);
  return [...acting].sort().map((file) => `./dist/${host}/${file}`);
}

test('modules that do something when they are imported are declared, and no others', () => {
  const sources = sourcesIn('src').filter((file) =>
    acts(transformSync(textOf(file), { loader: 'ts', format: 'esm' }).code),
  );
  const expected = [...actingBundles('node'), ...actingBundles('web'), ...sources.map((file) => `./${file}`)];
  assert.equal(sideEffects, expected);
});

/** What a page gets of the package, as it is published, for a source text; minified. */
async function bundled(source: string): Promise<{ text: string; files: string[] }> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: source, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    logLevel: 'silent',
  });
  const [{ inputs }] = Object.values(metafile.outputs);
  const files = Object.keys(inputs).filter((name) => inputs[name].bytesInOutput > 0 && name.startsWith('dist/'));
  return { text: outputFiles[0].text, files: files.map((name) => name.replace('dist/', '')).sort() };
}

/** Words of parts that are left out: of the runtime, of resizing, of drawing, of labels, of .npy files. */
const RUNTIME = /WebAssembly|\.wasm|\bfetch\b|INVALID_PACKAGE/;
const RESIZE = /bicubic|shortestEdge|zeroskip\.image/;
const DRAW = /putImageData|toCanvas/;
const LABELS = /topK/;
const NPY = /NUMPY/;

async function has(source: string, wanted: RegExp[], others: RegExp[], most: number): Promise<void> {
  const { text } = await bundled(source);
  for (const words of wanted) assert.match(text, words, source);
  for (const words of others) assert.not.match(text, words, source);
  assert.ok(text.length <= most, `${source}: ${text.length} bytes, at most ${most} expected`);
}

test('labels alone bring no Wasm, no pictures and no runtime', async () => {
  await has("export { topK } from 'zeroskip/labels';", [LABELS], [RUNTIME, RESIZE, DRAW, NPY, /argmax|softmax/], 4000);
  await has("export { softmax } from 'zeroskip/labels';", [/softmax/], [RUNTIME, RESIZE, DRAW, NPY, LABELS], 4000);
});

test('.npy files alone bring nothing else', () =>
  has("export { fromNpy } from 'zeroskip/npy';", [NPY], [RUNTIME, RESIZE, DRAW, LABELS], 5000));

test('tensors become pictures without what makes tensors of pictures', async () => {
  const source = "export { toCanvas, IMAGENET } from 'zeroskip/image';";
  await has(source, [DRAW], [RUNTIME, RESIZE, LABELS, NPY], 5000);
});

test('the runtime and pictures do not bring each other', async () => {
  await has("export { load } from 'zeroskip';", [RUNTIME], [RESIZE, DRAW, LABELS, NPY], 32768);
  const others = [/zeroskip\.(simd|relaxed)/, /INVALID_PACKAGE/, DRAW, LABELS, NPY];
  await has("export { imagePreprocessor } from 'zeroskip/image';", [RESIZE], others, 16384);
});

test('what acts when it is imported is kept where nothing is taken from it', async () => {
  for (const name of ['worker/script', 'onnxruntime', 'onnxruntime/lite']) {
    const { files } = await bundled(`import 'zeroskip/${name}';`);
    const acting = files.filter((file) => sideEffects.includes(`./dist/${file}`));
    assert.ok(acting.length > 0, `${name}: ${files}`);
  }
});

test.run();
