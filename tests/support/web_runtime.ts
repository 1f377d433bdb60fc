import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type * as runtime from '../../src/runtime/index.ts';
import { root } from './sources.ts';

/**
 * The built runtime as pages load it, in this process: it fetches its kernels from `base`, a server that stands for the one of the page.
 * Each call gives a copy that has loaded nothing yet.
 */
export async function webRuntime(base: string): Promise<typeof runtime> {
  const folder = mkdtempSync(join(tmpdir(), 'zeroskip-web-'));
  try {
    const file = join(folder, 'runtime.mjs');
    const { outputFiles } = await build({
      absWorkingDir: root,
      stdin: { contents: `export * from 'zeroskip';`, resolveDir: root },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      define: { 'import.meta.url': JSON.stringify(`${base}/dist/web/runtime.js`) },
      logLevel: 'silent',
    });
    writeFileSync(file, outputFiles[0].contents);
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
