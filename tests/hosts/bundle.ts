import { readFileSync } from 'node:fs';
import { build, type Format, type Plugin } from 'esbuild';
import type { Site } from './site.ts';

/** A Wasm file that a bundled script imports as a compiled module. */
export interface WasmImport {
  /** How the script names it. */
  name: string;
  contents: Uint8Array<ArrayBuffer>;
}

export interface Bundle {
  script: string;
  wasm: WasmImport[];
}

/** Where a bundled script finds its Wasm modules: beside itself (`import`), or in a global variable that the host sets. */
type WasmFrom = 'import' | 'global';

/** Bundles `entry` as the tools of edge hosts do: one minified script, `.wasm` and `.wasm?module` imported as compiled modules. */
export async function bundleFor(
  site: Site,
  entry: string,
  conditions: string[],
  format: Format,
  from: WasmFrom,
): Promise<Bundle> {
  const wasm = new Map<string, WasmImport>();
  const compiled: Plugin = {
    name: 'compiled-wasm',
    setup({ onResolve, onLoad, resolve }) {
      onResolve({ filter: /\.wasm(\?module)?$/ }, async ({ path, pluginData, ...rest }) => {
        if (pluginData === compiled) return undefined;
        const plain = path.replace('?module', '');
        const { path: file, errors } = await resolve(plain, { ...rest, pluginData: compiled });
        if (errors.length > 0) return { errors };
        const name = `wasm_${wasm.size}${from === 'import' ? '.wasm' : ''}`;
        wasm.set(file, { name, contents: new Uint8Array(readFileSync(file)) });
        return from === 'import' ? { path: `./${name}`, external: true } : { path: file, namespace: 'compiled' };
      });
      onLoad({ filter: /./, namespace: 'compiled' }, ({ path }) => ({
        contents: `export default ${wasm.get(path)!.name};`,
      }));
    },
  };
  const { outputFiles } = await build({
    absWorkingDir: site.folder,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format,
    globalName: format === 'iife' ? 'bundled' : undefined,
    platform: 'browser',
    target: 'es2022',
    conditions,
    plugins: [compiled],
    logLevel: 'silent',
  });
  return { script: outputFiles[0].text, wasm: [...wasm.values()] };
}
