import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { root, textOf } from '../support/sources.ts';

/** What the runtime may consist of. */
const ALLOWED =
  /^(src\/runtime\/|src\/package\/(format|read|validate)\.ts$|src\/(errors|tensor)\.ts$|assembly\/abi(\/|\.ts$)|node_modules\/@assemblyscript\/loader\/)/;

/** `#host` as a browser resolves it, in the source tree. */
const host: Plugin = {
  name: 'host',
  setup({ onResolve }) {
    const target: string = JSON.parse(textOf('package.json')).imports['#host'].default;
    const path = join(root, target.replace('./dist/', '').replace(/\.js$/, '.ts'));
    onResolve({ filter: /^#host$/ }, () => ({ path }));
  },
};

const options = {
  absWorkingDir: root,
  entryPoints: ['src/runtime/index.ts'],
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  platform: 'browser',
  format: 'esm',
  target: 'es2022',
  plugins: [host],
  logLevel: 'silent',
} satisfies BuildOptions;

const { metafile, outputFiles } = await build(options);
const text = outputFiles[0].text;

test('no compiler module and no dependency but the loader is in the runtime', () => {
  const inputs = Object.keys(metafile.inputs);
  assert.equal(
    inputs.filter((file) => !ALLOWED.test(file)),
    [],
  );
  assert.ok(inputs.includes('src/runtime/load.ts') && inputs.includes('src/runtime/host/web.ts'));
  assert.equal(
    Object.values(metafile.outputs).flatMap(({ imports }) => imports),
    [],
    'nothing is left to import',
  );
});

test('strict hosts run it: no code from strings, no dynamic import, no top-level await', async () => {
  assert.not.match(text, /\beval\b/);
  assert.not.match(text, /\bFunction\s*\(/);
  assert.not.match(text, /\bimport\s*\(/);
  // A script cannot wait at its top level: esbuild refuses to make one of a module that does.
  await build({ ...options, format: 'iife' });
});

test('the sizes of what ships', () => {
  const show = (name: string, bytes: Uint8Array) =>
    console.log(
      `${name}: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzip, ${brotliCompressSync(bytes).length} brotli`,
    );
  console.log();
  show('runtime, minified', outputFiles[0].contents);
  for (const variant of ['simd', 'relaxed']) {
    show(`zeroskip.${variant}.wasm`, readFileSync(join(root, `dist/wasm/zeroskip.${variant}.wasm`)));
  }
  assert.ok(outputFiles[0].contents.length < 32 * 1024, 'the runtime stays small');
});

test.run();
