import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** Entries of `dist/browser/`, files that a page without a build step imports. */
const ENTRIES = {
  zeroskip: 'src/runtime/index.js',
  cache: 'src/cache/index.js',
  worker: 'src/worker/client.js',
  'worker-script': 'src/worker/script.js',
};

/** The Wasm files stay in `dist/wasm/`. */
const wasmPlace: Plugin = {
  name: 'wasm-place',
  setup({ onLoad }) {
    onLoad({ filter: /runtime[\\/]host[\\/]web\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll('../../../wasm/', '../wasm/'),
    }));
  },
};

/** Takes the classes that users compare by identity from `zeroskip.js`. */
const oneOfEach: Plugin = {
  name: 'one-of-each',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\/(errors|tensor)\.js$/ }, () => ({ path: './zeroskip.js', external: true }));
  },
};

/** Bundles the compiled files in `dist/src` for pages: each entry is one file; `worker-script.js` is another realm and imports nothing. */
export async function bundleForPages(dist: string): Promise<void> {
  for (const [name, file] of Object.entries(ENTRIES)) {
    await build({
      entryPoints: [join(dist, file)],
      outfile: join(dist, 'browser', `${name}.js`),
      bundle: true,
      minify: true,
      platform: 'browser',
      format: 'esm',
      target: 'es2022',
      plugins: name === 'cache' || name === 'worker' ? [oneOfEach, wasmPlace] : [wasmPlace],
      logLevel: 'warning',
    });
  }
}
