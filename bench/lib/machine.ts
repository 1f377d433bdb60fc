import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { engineClass, hasRelaxedSimd } from '../../src/runtime/features.ts';

/** Where numbers were measured. */
export interface Machine {
  cpu: string;
  cores: number;
  /** Vector extensions of the processor, where the system tells. */
  features: string[];
  /** False where the scheduler may move the process between cores. */
  pinned: boolean;
  memoryBytes: number;
  platform: string;
  node: string;
  v8: string;
  engine: 'narrow' | 'wide';
  relaxedSimd: boolean;
}

/** The code that was measured; null outside of a git checkout. */
export interface Commit {
  id: string;
  /** True if tracked files differ from it. */
  changed: boolean;
}

export function describeMachine(): Machine {
  const { length: cores, 0: cpu } = cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores,
    features: vectorFeatures(),
    pinned: availableParallelism() === 1,
    memoryBytes: totalmem(),
    platform: `${platform()} ${arch()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    engine: engineClass(),
    relaxedSimd: hasRelaxedSimd(),
  };
}

const VECTORS = /^(sse4_[12]|avx\w*|fma|f16c|asimd\w*|neon|sve\w*|bf16|i8mm)$/;

function vectorFeatures(): string[] {
  try {
    const flags = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
    return flags.split(' ').filter((flag) => VECTORS.test(flag));
  } catch {
    return [];
  }
}

export function describeCommit(): Commit | null {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return {
      id: git('rev-parse', '--verify', 'HEAD'),
      changed: git('status', '--porcelain', '--untracked-files=no') !== '',
    };
  } catch {
    return null;
  }
}

/** Version of this package. */
export const version: string = createRequire(import.meta.url)('zeroskip/package.json').version;
