import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { transform } from 'esbuild';
import { type Plugin, rollup } from 'rollup';

/** Files of the package by name, and the compiled source of each. */
export type Entries = Readonly<Record<string, string>>;

/** Where bundles run: what `#…host` imports stand for. */
type Host = 'node' | 'web';

const EXTERNAL = /^(node:|@bufbuild|@observablehq|fflate|linkedom|onnxruntime|yaml)/;
/** What a command loads when it draws: a file that shares nothing, so that it does not run the command again. */
const DRAW = 'src/report/pruning/draw/index';

/**
 * Bundles the JavaScript of tsc in `build/` into `dist/<host>/`: one file an entry, and what several of them share. Nothing is left to
 * import but the dependencies of the compiler, so that a page can load the files as they are.
 */
export async function bundle(root: string, host: Host, entries: Entries): Promise<void> {
  const folder = join(root, 'build');
  const file = (entry: string) => join(folder, `${entry}.js`);
  const bundled = await rollup({
    input: Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, file(entry)])),
    external: (id) => EXTERNAL.test(id),
    plugins: [hosts(root, folder, host), drawing, ...(host === 'web' ? [minified] : [])],
  });
  const runtime = new Set<string>();
  const follow = (id: string): void => {
    if (runtime.has(id)) return;
    runtime.add(id);
    for (const next of bundled.cache?.modules.find((module) => module.id === id)?.dependencies ?? []) follow(next);
  };
  follow(file(entries.zeroskip));
  await bundled.write({
    dir: join(root, 'dist', host),
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    hoistTransitiveImports: false,
    // The runtime is one piece: each file more costs a start of Node 2 ms.
    manualChunks: (id) => (runtime.has(id) ? 'runtime' : undefined),
    banner: ({ name }) =>
      name === 'runtime' ? '/*! zeroskip; contains @assemblyscript/loader, both Apache-2.0 */' : '',
  });
  await bundled.close();
  if (!('cli' in entries)) return;
  const draw = await rollup({ input: file(DRAW), external: (id) => EXTERNAL.test(id) });
  await draw.write({ file: join(root, 'dist', host, 'draw.js'), format: 'esm' });
  await draw.close();
}

const drawing: Plugin = {
  name: 'drawing',
  resolveDynamicImport: (id) =>
    typeof id === 'string' && id.endsWith(`${DRAW.slice(3)}.js`) ? { id: './draw.js', external: true } : null,
};

/** Resolves `#…host` and the loader, and moves the Wasm files to where they stand from `dist/<host>/`. */
function hosts(root: string, folder: string, host: Host): Plugin {
  const { imports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    imports: Record<string, { node: string; default: string }>;
  };
  return {
    name: 'hosts',
    resolveId(id) {
      if (id === '@assemblyscript/loader') return join(root, 'node_modules', id, 'index.js');
      if (!(id in imports)) return undefined;
      return join(folder, imports[id][host === 'node' ? 'node' : 'default'].replace(/\.ts$/, '.js'));
    },
    transform: (code) => ({ code: code.replaceAll('../../../dist/wasm/', '../wasm/'), map: null }),
  };
}

const minified: Plugin = {
  name: 'minified',
  renderChunk: async (code) => ({ code: (await transform(code, { minify: true, target: 'es2022' })).code, map: null }),
};

/** Removes the types that no entry leads to. */
export function pruneTypes(root: string, entries: Entries): void {
  const types = join(root, 'dist', 'types');
  const kept = new Set<string>();
  const follow = (file: string): void => {
    if (kept.has(file)) return;
    kept.add(file);
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()'(\.[^']+)\.(?:js|ts)'/g))
      follow(resolve(dirname(file), `${path}.d.ts`));
  };
  for (const entry of Object.values(entries)) follow(join(types, `${entry}.d.ts`));
  for (const file of readdirSync(types, { recursive: true, encoding: 'utf8' })) {
    const path = join(types, file);
    if (file.endsWith('.d.ts') && !kept.has(path)) rmSync(path);
  }
}
