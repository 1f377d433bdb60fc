import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { ROOT } from '../lib/folders.ts';
import type { RuntimeName } from '../peers/runtime.ts';
import { type ModelFiles, START_FOLDER } from './models.ts';

export type StartName = 'empty' | Exclude<RuntimeName, 'zeroskip-dense'>;

/** A script that is measured, and what it is given. */
export interface StartScript {
  name: StartName;
  source: string;
  model(files: ModelFiles): string;
  /** Whether it wants its input channels last. */
  last: boolean;
}

const script = (name: StartName, source: string, model: StartScript['model'], last = false): StartScript => ({
  name,
  source,
  model,
  last,
});

export const SCRIPTS: readonly StartScript[] = [
  script('empty', 'empty', () => ''),
  script('zeroskip', 'zeroskip', (files) => files.package),
  script('ort-web', 'ort_web', (files) => files.onnx),
  script('ort-node', 'ort_node', (files) => files.onnx),
  script('tfjs-wasm', 'tfjs_wasm', (files) => files.layers, true),
  script('litert', 'litert', (files) => files.tflite, true),
  script('litert-sparse', 'litert', (files) => files.sparseTflite, true),
];

/** `import.meta.url` of the sources, which find packages relative to themselves. */
const keepUrls: Plugin = {
  name: 'urls',
  setup({ onLoad }) {
    onLoad({ filter: /bench[\\/]peers[\\/]host\.ts$/ }, async ({ path }) => {
      const { readFile } = await import('node:fs/promises');
      const text = await readFile(path, 'utf8');
      return { contents: text.replaceAll('import.meta.url', `'${pathToFileURL(path)}'`), loader: 'ts' };
    });
  },
};

/** Path of the JavaScript of `source`. Packages stay outside and are loaded by Node as it does in any program. */
export async function buildScript({ source }: StartScript): Promise<string> {
  const outfile = join(START_FOLDER, `${source}.mjs`);
  await build({
    absWorkingDir: ROOT,
    entryPoints: [`bench/start/scripts/${source}.ts`],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    plugins: [keepUrls],
    logLevel: 'silent',
  });
  return outfile;
}
