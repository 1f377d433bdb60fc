import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Sizes, total } from '../../bench/start/download.ts';
import type { Site } from './site.ts';

/** The Wasm build `zeroskip.<variant>.wasm` of the installed package. */
export const wasmFile = (site: Site, variant: string): string =>
  join(site.installed, 'dist', 'wasm', `zeroskip.${variant}.wasm`);

/** What a host without a bundler loads of installed packages when it runs `entry`, file by file, and the Wasm build that it chose. */
export async function bytesLoaded(
  site: Site,
  entry: string,
  variant: unknown,
  conditions: string[] = ['node'],
): Promise<Sizes> {
  const { metafile } = await build({
    absWorkingDir: site.folder,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    conditions,
    logLevel: 'silent',
  });
  const scripts = Object.keys(metafile.inputs).filter((file) => file.includes('node_modules/'));
  const files = scripts.map((file) => join(site.folder, file));
  return total([...files, wasmFile(site, String(variant))].map((file) => new Uint8Array(readFileSync(file))));
}
