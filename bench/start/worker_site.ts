import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { ROOT } from '../lib/folders.ts';
import { type ModelFiles, START_FOLDER } from './models.ts';
import type { StartName } from './scripts.ts';

/** A Worker that is measured: its script in `bench/start/workers`, its model and its input. */
export interface StartWorker {
  name: StartName;
  source: string;
  model: keyof ModelFiles;
  input: 'input' | 'inputLast';
  /** It compiles its Wasm itself, and runs with a replaced `WebAssembly.instantiate` only: see `usePrecompiled`. */
  patched?: boolean;
}

export const WORKERS: readonly StartWorker[] = [
  { name: 'empty', source: 'empty', model: 'package', input: 'input' },
  { name: 'zeroskip', source: 'zeroskip', model: 'package', input: 'input' },
  { name: 'ort-web', source: 'ort_web', model: 'onnx', input: 'input', patched: true },
  { name: 'tfjs-wasm', source: 'tfjs_wasm', model: 'layers', input: 'inputLast', patched: true },
  { name: 'litert', source: 'litert', model: 'tflite', input: 'inputLast', patched: true },
  { name: 'litert-sparse', source: 'litert', model: 'sparseTflite', input: 'inputLast', patched: true },
];

/** Conditions under which Cloudflare's tools resolve packages. */
const CONDITIONS = ['workerd', 'worker', 'browser'];

const COMPATIBILITY = '2026-04-01';

/** Wasm files become modules beside the script, and Emscripten's script of LiteRT.js one with an export. */
const beside = (folder: string, wasm: string[]): Plugin => ({
  name: 'beside',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /\.wasm$/ }, async ({ path, pluginData, ...rest }) => {
      if (pluginData === wasm) return undefined;
      const found = PATHS[path] ? { path: join(ROOT, PATHS[path]), errors: [] } : undefined;
      const { path: file, errors } = found ?? (await resolve(path, { ...rest, pluginData: wasm }));
      if (errors.length > 0) return { errors };
      const name = `wasm_${wasm.length}.wasm`;
      wasm.push(name);
      copyFileSync(file, join(folder, name));
      return { path: `./${name}`, external: true };
    });
    onResolve({ filter: /litert_wasm_internal\.js$/ }, ({ path }) => ({ path: join(ROOT, 'node_modules', path) }));
    onLoad({ filter: /litert_wasm_internal\.js$/ }, ({ path }) => ({
      contents: `${readFileSync(path, 'utf8')}\nexport default ModuleFactory;`,
      loader: 'js',
    }));
  },
});

/** Files that their packages do not export. */
const PATHS: Readonly<Record<string, string>> = {
  '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm':
    'node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
  '@litertjs/core/wasm/litert_wasm_internal.wasm': 'node_modules/@litertjs/core/wasm/litert_wasm_internal.wasm',
};

const quote = (text: string): string => JSON.stringify(text);

/** Bundles a Worker and writes a configuration of workerd that serves it, beside a folder that holds its model. @returns its path */
export async function writeWorker({ name, source, model }: StartWorker, files: ModelFiles): Promise<string> {
  const folder = join(START_FOLDER, 'workers', name);
  mkdirSync(join(folder, 'files'), { recursive: true });
  copyFileSync(files[model], join(folder, 'files', 'model'));
  const wasm: string[] = [];
  await build({
    absWorkingDir: ROOT,
    entryPoints: [`bench/start/workers/${source}.ts`],
    outfile: join(folder, 'worker.js'),
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    conditions: CONDITIONS,
    plugins: [beside(folder, wasm)],
    external: ['fs', 'path', 'url', 'util', 'node:*', 'worker_threads', 'perf_hooks', 'os', 'crypto'],
    logLevel: 'silent',
  });
  const modules = [
    '(name = "worker.js", esModule = embed "worker.js")',
    ...wasm.map((file) => `(name = ${quote(file)}, wasm = embed ${quote(file)})`),
  ];
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [${modules.join(', ')}],
      compatibilityDate = ${quote(COMPATIBILITY)},
      bindings = [(name = "FILES", service = "files")],
    )),
    (name = "files", disk = (path = ${quote(join(folder, 'files'))})),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
  const path = join(folder, 'config.capnp');
  writeFileSync(path, config);
  return path;
}
