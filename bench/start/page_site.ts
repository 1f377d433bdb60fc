import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../lib/folders.ts';
import type { ModelFiles } from './models.ts';
import type { StartName } from './scripts.ts';

/** A page that is measured: its script in `bench/start/pages`, the model it reads, and what it fetches of its packages. */
export interface StartPage {
  name: StartName;
  source: string;
  model?: keyof ModelFiles;
  input?: 'input' | 'inputLast';
  /** Path of its script; that of zeroskip stands as deep as `dist/web`, from where the Wasm files are found. */
  script: string;
  /** Files by path, from the root of the project. */
  files: Readonly<Record<string, string>>;
}

const wasm = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [`/zeroskip/wasm/zeroskip.${name}.wasm`, `dist/wasm/zeroskip.${name}.wasm`]));

const fromPackage = (folder: string, from: string, ...names: string[]) =>
  Object.fromEntries(names.map((name) => [`/${folder}/${name}`, `node_modules/${from}/${name}`]));

const LITERT = {
  source: 'litert',
  input: 'inputLast',
  script: '/litert/main.js',
  files: fromPackage(
    'litert',
    '@litertjs/core/wasm',
    'litert_wasm_internal.js',
    'litert_wasm_internal.wasm',
    'litert_wasm_compat_internal.js',
    'litert_wasm_compat_internal.wasm',
  ),
} as const;

export const PAGES: readonly StartPage[] = [
  { name: 'empty', source: 'empty', script: '/empty/main.js', files: {} },
  {
    name: 'zeroskip',
    source: 'zeroskip',
    model: 'package',
    input: 'input',
    script: '/zeroskip/web/main.js',
    files: wasm('simd', 'relaxed'),
  },
  {
    name: 'ort-web',
    source: 'ort_web',
    model: 'onnx',
    input: 'input',
    script: '/ort-web/main.js',
    files: fromPackage('ort-web', 'onnxruntime-web/dist', 'ort-wasm-simd-threaded.wasm'),
  },
  {
    name: 'tfjs-wasm',
    source: 'tfjs_wasm',
    model: 'layers',
    input: 'inputLast',
    script: '/tfjs-wasm/main.js',
    files: fromPackage(
      'tfjs-wasm',
      '@tensorflow/tfjs-backend-wasm/dist',
      'tfjs-backend-wasm-simd.wasm',
      'tfjs-backend-wasm.wasm',
    ),
  },
  { name: 'litert', model: 'tflite', ...LITERT },
  { name: 'litert-sparse', model: 'sparseTflite', ...LITERT },
];

/** Path of a page. */
export const pathOf = ({ name }: StartPage): string => `/${name}.html`;

const modelPath = (file: string): string => `/models/${basename(file)}`;

/** All files that `pages` fetch, by path. */
export async function siteOf(pages: readonly StartPage[], files: ModelFiles): Promise<Map<string, Uint8Array>> {
  const site = new Map<string, Uint8Array>();
  for (const page of pages) {
    const { model, input } = page;
    const data = [
      model && `data-model="${modelPath(files[model])}"`,
      input && `data-input="${modelPath(files[input])}"`,
    ];
    const html =
      `<!doctype html><html ${data.filter(Boolean).join(' ')}><meta charset="utf-8"><title>${page.name}</title>` +
      `<link rel="icon" href="data:,"><script type="module" src="${page.script}"></script></html>`;
    site.set(pathOf(page), new TextEncoder().encode(html));
    site.set(page.script, await bundle(page.source));
    for (const [path, file] of Object.entries(page.files)) site.set(path, readFileSync(join(ROOT, file)));
    for (const key of [model, input]) if (key) site.set(modelPath(files[key]), readFileSync(files[key]));
  }
  return site;
}

/** The script of a page and its packages in one minified file. */
async function bundle(source: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [`bench/start/pages/${source}.ts`],
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    // Emscripten's scripts ask for these under Node only.
    external: ['fs', 'path', 'url', 'util', 'node:*', 'worker_threads', 'perf_hooks', 'os', 'crypto'],
    logLevel: 'silent',
  });
  return outputFiles[0].contents;
}
