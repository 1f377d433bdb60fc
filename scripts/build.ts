/** Builds `dist/`: generated kernel tiles, both Wasm variants of both modules with asc, then JavaScript and types with tsc, bundled. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, pruneTypes } from './bundle.ts';
import { cscSource } from './kernels/csc.ts';
import { gemmSource } from './kernels/gemm.ts';
import { spmmSource } from './kernels/spmm.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const run = (command: string, ...args: string[]) => execFileSync(bin(command), args, { cwd: root, stdio: 'inherit' });

/** The files of `dist/src` that `package.json` names, without their ending. */
function entries(): string[] {
  const text = readFileSync(join(root, 'package.json'), 'utf8');
  return [...new Set(Array.from(text.matchAll(/"\.\/dist\/(src\/[^"]*)\.js"/g), ([, entry]) => entry))];
}

mkdirSync(join(root, 'dist', 'wasm'), { recursive: true });
mkdirSync(join(root, 'assembly', 'generated'), { recursive: true });
writeFileSync(join(root, 'assembly', 'generated', 'spmm.ts'), spmmSource());
writeFileSync(join(root, 'assembly', 'generated', 'gemm.ts'), gemmSource());
writeFileSync(join(root, 'assembly', 'generated', 'csc.ts'), cscSource());
for (const target of ['simd', 'relaxed']) {
  run('asc', 'assembly/index.ts', '--config', 'asconfig.json', '--target', target);
  run('asc', 'assembly/extra.ts', '--config', 'asconfig.json', '--target', `${target}-extra`);
}
if (!process.argv.includes('--wasm')) {
  for (const folder of ['src', 'assembly']) rmSync(join(root, 'dist', folder), { recursive: true, force: true });
  run('tsc', '-p', 'tsconfig.build.json');
  await bundle(root, entries());
  pruneTypes(root, entries());
  writeFileSync(
    join(root, 'dist', 'wasm', 'module.d.ts'),
    '/** A compiled build, where the host imports Wasm files as modules. */\ndeclare const module: WebAssembly.Module;\nexport default module;\n',
  );
  chmodSync(join(root, 'dist', 'src', 'cli', 'index.js'), 0o755);
}
