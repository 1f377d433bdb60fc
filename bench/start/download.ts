import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { type BuildOptions, build } from 'esbuild';
import { ROOT } from '../lib/folders.ts';

/** Bytes to be loaded, as they are and as servers compress them. */
export interface Sizes {
  raw: number;
  gzip: number;
  brotli: number;
}

export function sizesOf(bytes: Uint8Array): Sizes {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, { params }).length,
  };
}

const modules = (file: string): Uint8Array => readFileSync(join(ROOT, 'node_modules', file));

/** JavaScript for a page, minified, without what the page does not use. */
async function bundle(code: string, options: BuildOptions = {}): Promise<Uint8Array> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    stdin: { contents: code, resolveDir: ROOT },
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    external: ['fs', 'path', 'url', 'util', 'node:*', 'worker_threads', 'perf_hooks', 'os', 'crypto'],
    logLevel: 'silent',
    ...options,
  });
  return outputFiles![0].contents;
}

/** Scripts and Wasm modules that a page loads to run MobileNet on one thread, by runtime; the smallest build that each ships. */
export const DOWNLOADS: Readonly<Record<string, () => Promise<Uint8Array[]>>> = {
  zeroskip: async () => [
    await bundle(`export { load, Tensor } from 'zeroskip'`),
    readFileSync(join(ROOT, 'dist/wasm/zeroskip.relaxed.wasm')),
  ],
  'ort-web': async () => [
    modules('onnxruntime-web/dist/ort.wasm.bundle.min.mjs'),
    modules('onnxruntime-web/dist/ort-wasm-simd-threaded.wasm'),
  ],
  'tfjs-wasm': async () => [
    await bundle(
      `import '@tensorflow/tfjs-backend-wasm';
       export { add, dispose, enableProdMode, fused, maxPool, mean, ready, reshape, setBackend, tensor, tidy } from '@tensorflow/tfjs-core';`,
    ),
    modules('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm'),
  ],
  litert: async () => [
    await bundle(`export { loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core'`),
    modules('@litertjs/core/wasm/litert_wasm_internal.js'),
    modules('@litertjs/core/wasm/litert_wasm_internal.wasm'),
  ],
};

/** Sum over files that are compressed one by one. */
export const total = (files: readonly Uint8Array[]): Sizes =>
  files.map(sizesOf).reduce((a, b) => ({ raw: a.raw + b.raw, gzip: a.gzip + b.gzip, brotli: a.brotli + b.brotli }));
