/** Builds `dist/`: generated kernel tiles, both Wasm variants with asc, then JavaScript and types with tsc. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cscSource } from './kernels/csc.ts';
import { gemmSource } from './kernels/gemm.ts';
import { spmmSource } from './kernels/spmm.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const run = (command: string, ...args: string[]) => execFileSync(bin(command), args, { cwd: root, stdio: 'inherit' });

mkdirSync(join(root, 'dist', 'wasm'), { recursive: true });
mkdirSync(join(root, 'assembly', 'generated'), { recursive: true });
writeFileSync(join(root, 'assembly', 'generated', 'spmm.ts'), spmmSource());
writeFileSync(join(root, 'assembly', 'generated', 'gemm.ts'), gemmSource());
writeFileSync(join(root, 'assembly', 'generated', 'csc.ts'), cscSource());
for (const target of ['simd', 'relaxed'])
  run('asc', 'assembly/index.ts', '--config', 'asconfig.json', '--target', target);
run('asc', 'assembly/image/index.ts', '--config', 'asconfig.json', '--target', 'image');
if (!process.argv.includes('--wasm')) {
  run('tsc', '-p', 'tsconfig.build.json');
  chmodSync(join(root, 'dist', 'src', 'cli', 'index.js'), 0o755);
}
