import { build, transformSync } from 'esbuild';
import { parseAst } from 'rollup/parseAst';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { root, sourcesIn, textOf } from '../support/sources.ts';

const { sideEffects } = JSON.parse(textOf('package.json')) as { sideEffects: string[] };

/** Whether a module does something besides declaring. */
const acts = (file: string): boolean =>
  parseAst(transformSync(textOf(file), { loader: 'ts', format: 'esm' }).code).body.some(
    ({ type }) => !/^(Import|Export.*|Variable|Function|Class)Declaration$/.test(type),
  );

test('modules that do something when they are imported are declared, and no others', () => {
  const acting = sourcesIn('src').filter(acts);
  const compiled = acting.map((file) => `./dist/${file.replace(/\.ts$/, '.js')}`);
  assert.equal(sideEffects, [...compiled, ...acting.map((file) => `./${file}`)]);
});

/** The modules of the package, as it is published, of which something is left in a bundle for pages, and its text. */
async function bundled(source: string): Promise<{ modules: string[]; text: string }> {
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
  const [output] = Object.values(metafile.outputs);
  const modules = Object.entries(output.inputs).filter(
    ([name, { bytesInOutput }]) => bytesInOutput > 0 && name !== '<stdin>',
  );
  return { modules: modules.map(([name]) => name.replace('dist/src/', '')), text: outputFiles[0].text };
}

test('labels alone bring no Wasm, no pictures and no runtime', async () => {
  const { modules, text } = await bundled("import { topK } from 'zeroskip/labels'; console.log(topK([1, 2], 1));");
  assert.equal(modules.sort(), ['errors.js', 'labels.js', 'tensor.js']);
  assert.not.match(text, /wasm|WebAssembly|argmax/i);
});

test('.npy files alone bring nothing else', async () => {
  const { modules } = await bundled("import { fromNpy } from 'zeroskip/npy'; console.log(fromNpy(new Uint8Array()));");
  assert.equal(modules.sort(), ['errors.js', 'npy.js', 'tensor.js']);
});

test('tensors become pictures without what makes tensors of pictures', async () => {
  const { modules, text } = await bundled(
    "import { toCanvas, IMAGENET } from 'zeroskip/image'; console.log(toCanvas, IMAGENET);",
  );
  assert.not(
    modules.some((name) => /taps|module|preprocessor|host|runtime/.test(name)),
    String(modules),
  );
  assert.not.match(text, /WebAssembly|\.wasm/);
});

test('the runtime and pictures do not bring each other', async () => {
  const runtime = await bundled("import { load } from 'zeroskip'; console.log(load);");
  assert.not(
    runtime.modules.some((name) => /image|labels|npy/.test(name)),
    String(runtime.modules),
  );
  assert.not.match(runtime.text, /zeroskip\.image/);
  const image = await bundled("import { imagePreprocessor } from 'zeroskip/image'; console.log(imagePreprocessor);");
  assert.match(image.text, /zeroskip\.image\.wasm/);
  assert.not.match(image.text, /zeroskip\.(simd|relaxed)/);
  assert.equal(image.modules.filter((name) => name.startsWith('runtime/')).sort(), [
    'runtime/features.js',
    'runtime/host/compile_web.js',
  ]);
});

test('a worker keeps its script', async () => {
  const { text } = await bundled("import 'zeroskip/worker/script';");
  assert.match(text, /addEventListener\(["']message/);
});

test.run();
