import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { ROOT } from '../lib/folders.ts';

const at = (file: string): string => join(ROOT, file);

/** Modules that the page has its own versions of. */
const INSTEAD: readonly [RegExp, string][] = [
  [/^#host$/, 'src/runtime/host/web.ts'],
  [/^#compiler-host$/, 'src/host/web.ts'],
  [/^\.{1,2}\/(peers\/)?host\.ts$/, 'bench/page/host.ts'],
  [/\/lib\/machine\.ts$/, 'bench/page/machine.ts'],
];

const forPage: Plugin = {
  name: 'page',
  setup({ onResolve }) {
    for (const [filter, file] of INSTEAD) {
      onResolve({ filter }, ({ importer }) => {
        const mine = filter.source.startsWith('^#') || importer.includes(join('bench', 'peers'));
        return mine ? { path: at(file) } : undefined;
      });
    }
  },
};

/** The script of the page: runtimes, compiler and peers in one file. */
export async function bundlePage(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['bench/page/main.ts'],
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    plugins: [forPage],
    // Its build without the parts for GPUs.
    alias: { 'onnxruntime-web': 'onnxruntime-web/wasm' },
    // Emscripten's scripts ask for these under Node only.
    external: ['fs', 'path', 'url', 'node:*', 'worker_threads', 'perf_hooks', 'os', 'crypto'],
    logLevel: 'silent',
  });
  return outputFiles[0].contents;
}
