import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { instantiate } from '@assemblyscript/loader';
import { hasRelaxedSimd } from '../../src/runtime/features.ts';
import { cacheFolder, ROOT } from '../lib/folders.ts';
import { leastSeconds } from './time.ts';

/** What this machine can do at most inside Wasm, one thread. */
export interface Ceiling {
  /** f32 multiply and add as two instructions, 10^9 operations a second. */
  mulAdd: number;
  /** The same with relaxed multiply-add; null where the host has none. */
  madd: number | null;
  /** 128-bit loads, 10^9 bytes a second, by the size that is read over and over. */
  loads: Record<string, number>;
}

const SOURCE = join(ROOT, 'bench/ceiling/index.ts');
const PAGE = 65536;
const LANES = 4;

/** Numbers that are multiplied by one more than this stay finite. */
const TINY = 1e-7;

/** Sizes in bytes that lie in one level of the caches each, and one that lies in none. */
const SIZES: Readonly<Record<string, number>> = {
  '16 KB': 16 * 1024,
  '256 KB': 256 * 1024,
  '8 MB': 8 * 1024 * 1024,
  '64 MB': 64 * 1024 * 1024,
};

interface Exports extends Record<string, unknown> {
  STEPS: WebAssembly.Global;
  arithmetic(turns: number, x: number): number;
  loads(start: number, bytes: number, turns: number): number;
}

/** The module, compiled by asc unless the cache has it. */
async function ceilingModule(relaxed: boolean, pages: number): Promise<Exports> {
  const file = cacheFolder(`ceiling.${relaxed ? 'relaxed' : 'simd'}.wasm`);
  if (!existsSync(file) || statSync(file).mtimeMs < statSync(SOURCE).mtimeMs) {
    mkdirSync(cacheFolder(), { recursive: true });
    const features = relaxed ? ['simd', 'relaxed-simd'] : ['simd'];
    const flags = ['--runtime', 'stub', '--importMemory', '--noExportMemory', '--noAssert', '-O3', '-o', file];
    const args = [SOURCE, ...flags, '--use', `RELAXED=${Number(relaxed)}`, ...features.flatMap((f) => ['--enable', f])];
    execFileSync(process.execPath, [join(ROOT, 'node_modules/assemblyscript/bin/asc.js'), ...args], { cwd: ROOT });
  }
  const memory = new WebAssembly.Memory({ initial: pages });
  return (await instantiate<Exports>(readFileSync(file), { env: { memory } })).exports;
}

/** Measures all ceilings, `seconds` each. */
export async function measureCeiling(seconds: number, onProgress: (what: string) => void): Promise<Ceiling> {
  const largest = Math.max(...Object.values(SIZES));
  const simd = await ceilingModule(false, largest / PAGE + 2);
  onProgress('multiply-add');
  const mulAdd = arithmetic(simd, seconds);
  const madd = hasRelaxedSimd() ? arithmetic(await ceilingModule(true, 2), seconds) : null;
  const loads: Record<string, number> = {};
  for (const [name, bytes] of Object.entries(SIZES)) {
    onProgress(`loads of ${name}`);
    const turns = Math.max(1, Math.round((4 * 1024 * 1024) / bytes));
    loads[name] = (turns * bytes) / leastSeconds(() => simd.loads(PAGE, bytes, turns), seconds) / 1e9;
  }
  return { mulAdd, madd, loads };
}

function arithmetic({ arithmetic, STEPS }: Exports, seconds: number): number {
  const turns = 100_000;
  const operations = turns * Number(STEPS.value) * LANES * 2;
  return operations / leastSeconds(() => arithmetic(turns, TINY), seconds) / 1e9;
}
