/** Builds `dist/`: generated kernel tiles, both Wasm variants of both modules and the image module with asc, then JavaScript and types with tsc, bundled. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recipeSchema } from '../src/prune/recipe.ts';
import { bundle, type Entries, pruneTypes } from './bundle.ts';
import { cscSource } from './kernels/csc.ts';
import { gemmSource } from './kernels/gemm.ts';
import { spmmSource } from './kernels/spmm.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const run = (command: string, ...args: string[]) => execFileSync(bin(command), args, { cwd: root, stdio: 'inherit' });

/** What the exports of `package.json` name. */
const ENTRIES: Entries = {
  zeroskip: 'src/runtime/index',
  compiler: 'src/index',
  prune: 'src/prune/index',
  cache: 'src/cache/index',
  worker: 'src/worker/client',
  'worker-script': 'src/worker/script',
  image: 'src/image/index',
  labels: 'src/labels',
  npy: 'src/npy',
  onnxruntime: 'src/onnxruntime/index',
  'onnxruntime-lite': 'src/onnxruntime/lite',
};

mkdirSync(join(root, 'dist', 'wasm'), { recursive: true });
mkdirSync(join(root, 'assembly', 'generated'), { recursive: true });
writeFileSync(join(root, 'assembly', 'generated', 'spmm.ts'), spmmSource());
writeFileSync(join(root, 'assembly', 'generated', 'gemm.ts'), gemmSource());
writeFileSync(join(root, 'assembly', 'generated', 'csc.ts'), cscSource());
for (const target of ['simd', 'relaxed']) {
  run('asc', 'assembly/index.ts', '--config', 'asconfig.json', '--target', target);
  run('asc', 'assembly/extra.ts', '--config', 'asconfig.json', '--target', `${target}-extra`);
}
run('asc', 'assembly/image/index.ts', '--config', 'asconfig.json', '--target', 'image');
if (!process.argv.includes('--wasm')) {
  for (const folder of ['build', 'dist/types', 'dist/node', 'dist/web'])
    rmSync(join(root, folder), { recursive: true, force: true });
  run('tsc', '-p', 'tsconfig.build.json');
  await bundle(root, 'node', { ...ENTRIES, cli: 'src/cli/index' });
  await bundle(root, 'web', ENTRIES);
  chmodSync(join(root, 'dist', 'node', 'cli.js'), 0o755);
  pruneTypes(root, ENTRIES);
  writeFileSync(join(root, 'dist', 'recipe.schema.json'), `${JSON.stringify(recipeSchema(), undefined, 2)}\n`);
  writeFileSync(
    join(root, 'dist', 'wasm', 'module.d.ts'),
    '/** A compiled build, where the host imports Wasm files as modules. */\ndeclare const module: WebAssembly.Module;\nexport default module;\n',
  );
}
