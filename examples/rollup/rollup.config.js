import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { nodeResolve } from '@rollup/plugin-node-resolve';

const development = process.env.NODE_ENV === 'development';

/** Files that the page fetches, by their place beside the bundle. */
const FILES = {
  'wasm/zeroskip.simd.wasm': import.meta.resolve('zeroskip/wasm/simd.wasm'),
  'wasm/zeroskip.relaxed.wasm': import.meta.resolve('zeroskip/wasm/relaxed.wasm'),
  'model.zsk': new URL('model.zsk', import.meta.url),
  'digit.bin': new URL('digit.bin', import.meta.url),
};

const copyFiles = {
  name: 'copy-files',
  async generateBundle() {
    for (const [fileName, from] of Object.entries(FILES))
      this.emitFile({ type: 'asset', fileName, source: await readFile(fileURLToPath(from)) });
  },
};

export default {
  input: ['src/main.js'],
  output: { dir: 'dist', format: 'es', compact: !development, sourcemap: development },
  plugins: [nodeResolve({ browser: true }), copyFiles],
};
