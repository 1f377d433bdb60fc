import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { type BuildOptions, build } from 'esbuild';
import { parseAst } from 'rollup/parseAst';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type AstNode, refusedBy } from '../support/ast.ts';
import { root } from '../support/sources.ts';

/** Most bytes (brotli, quality 11) of the runtime with one core, and of a second module. */
const LIMIT = 40_000;
const EXTRA_LIMIT = 12_000;

/** What the runtime may consist of. */
const ALLOWED =
  /^(src\/runtime\/|src\/package\/(format|read|validate)\.ts$|src\/(errors|tensor)\.ts$|assembly\/abi(\/|\.ts$)|node_modules\/@assemblyscript\/loader\/)/;

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
  logLevel: 'silent',
} satisfies BuildOptions;

const { metafile, outputFiles } = await build(options);
const text = outputFiles[0].text;

const seen = (code: string): string[] => refusedBy(parseAst(code) as unknown as AstNode);

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

test('strict hosts run it: no code from strings, no import, no top-level await', async () => {
  assert.equal(seen(text), []);
  const script = await build({ ...options, format: 'iife', logOverride: { 'empty-import-meta': 'silent' } });
  assert.equal(seen(script.outputFiles[0].text), []);
});

test('the check of strictness sees what strict hosts refuse', () => {
  for (const [code, found] of [
    ['eval("1")', 'eval'],
    ['(0, eval)("1")', 'eval'],
    ['globalThis.eval("1")', 'eval'],
    ['const f = () => new Function("return 1")', 'Function'],
    ['const f = () => import("x")', 'import()'],
    ['await 1', 'top-level await'],
    ['for await (const x of []) x', 'top-level await'],
    ['if (true) { await fetch("x") }', 'top-level await'],
    ['import x from "node:fs"', "import of 'node:fs'"],
    ['export * from "node:fs"', "import of 'node:fs'"],
    ['const f = () => require("fs")', 'require()'],
  ] as const)
    assert.equal(seen(code), [found], code);
  const fine =
    'const f = async () => { await 1; for await (const x of []) x; }; export { f }; export const o = { eval: 1 }';
  assert.equal(seen(fine), []);
});

test('the sizes of what ships', () => {
  const show = (name: string, bytes: Uint8Array): number => {
    const brotli = brotliCompressSync(bytes).length;
    console.log(`${name}: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzip, ${brotli} brotli`);
    return brotli;
  };
  console.log();
  const wasm = (name: string) => readFileSync(join(root, `dist/wasm/zeroskip.${name}.wasm`));
  const runtime = show('runtime, minified', outputFiles[0].contents);
  for (const variant of ['simd', 'relaxed']) {
    const core = show(`zeroskip.${variant}.wasm`, wasm(variant));
    const extra = show(`zeroskip.${variant}-extra.wasm`, wasm(`${variant}-extra`));
    assert.ok(runtime + core <= LIMIT, `${variant}: a page downloads at most ${LIMIT} bytes, found ${runtime + core}`);
    assert.ok(runtime + core + extra <= LIMIT + EXTRA_LIMIT, `${variant}, with the second module`);
  }
});

test.run();
