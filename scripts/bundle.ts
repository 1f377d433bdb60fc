import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { rollup } from 'rollup';

/**
 * Bundles the JavaScript of tsc in `build/` into one file an entry of the package, `dist/src/**`, and what several of them share. Entries
 * are the files that the exports and imports of `package.json` name. The runtime is one piece: every file more costs a start of Node 2 ms.
 */
export async function bundle(root: string, entries: readonly string[]): Promise<void> {
  const bundled = await rollup({
    input: Object.fromEntries(entries.map((entry) => [entry, join(root, 'build', `${entry}.js`)])),
    external: /^[^./]/,
    // The entries of hosts are chosen when a program runs.
    treeshake: { moduleSideEffects: true },
  });
  const runtime = new Set<string>();
  const follow = (id: string): void => {
    if (runtime.has(id)) return;
    runtime.add(id);
    const module = bundled.cache?.modules.find((m) => m.id === id);
    for (const next of module?.dependencies ?? []) if (next.startsWith('/')) follow(next);
  };
  follow(join(root, 'build', 'src/runtime/index.js'));
  await bundled.write({
    dir: join(root, 'dist'),
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'src/shared/[name].js',
    hoistTransitiveImports: false,
    manualChunks: (id) => (runtime.has(id) ? 'runtime' : undefined),
  });
  await bundled.close();
}

/** Removes the types that no entry leads to. */
export function pruneTypes(root: string, entries: readonly string[]): void {
  const dist = join(root, 'dist');
  const kept = new Set<string>();
  const follow = (file: string): void => {
    if (kept.has(file)) return;
    kept.add(file);
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()'(\.[^']+)\.(?:js|ts)'/g))
      follow(resolve(dirname(file), `${path}.d.ts`));
  };
  for (const entry of entries) follow(join(dist, `${entry}.d.ts`));
  for (const folder of ['src', 'assembly']) {
    for (const file of readdirSync(join(dist, folder), { recursive: true, encoding: 'utf8' })) {
      const path = join(dist, folder, file);
      if (file.endsWith('.d.ts') && !kept.has(path)) rmSync(path);
    }
  }
}
