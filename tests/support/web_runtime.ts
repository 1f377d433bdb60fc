import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
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
      define: { 'import.meta.url': JSON.stringify(`${base}/dist/src/runtime/host/web.js`) },
      logLevel: 'silent',
    });
    writeFileSync(file, outputFiles[0].contents);
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A server on this machine whose answers `answer` writes. */
export async function serve(
  answer: (path: string, response: ServerResponse) => void,
): Promise<{ base: string; close(): void }> {
  const server = createServer((request, response) => answer(request.url ?? '/', response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
