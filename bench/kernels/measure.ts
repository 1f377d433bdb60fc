import type { KernelCase } from './cases.ts';
import type { Ceiling } from './ceiling.ts';
import { type Kernel, kernelOf } from './instance.ts';
import type { KernelRow } from './results.ts';
import { NODE } from './sites.ts';
import { leastSeconds } from './time.ts';

const ROUNDS = 3;

/** Times the kernels of one layer, `seconds` each in all. */
export async function measureCases(
  cases: readonly KernelCase[],
  ceiling: Ceiling,
  seconds: number,
  onProgress: (id: string, share: number) => void,
): Promise<KernelRow[]> {
  const timed = await timeCases(cases, seconds, onProgress);
  return timed.map((entry) => rowOf(entry.case, entry.kernel, entry.seconds, ceiling));
}

/** Times kernels in turn; `seconds` of the result are the least ones of each round. */
export async function timeCases(
  cases: readonly KernelCase[],
  seconds: number,
  onProgress: (id: string, share: number) => void,
): Promise<{ case: KernelCase; kernel: Kernel; seconds: number[] }[]> {
  const opened: { case: KernelCase; kernel: Kernel; seconds: number[] }[] = [];
  for (const one of cases) {
    onProgress(one.id, 0);
    opened.push({
      case: one,
      kernel: await kernelOf(one.compile().bytes, NODE, () => (Math.random() < one.zeros ? 0 : Math.random())),
      seconds: [],
    });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, entry] of opened.entries()) {
      onProgress(entry.case.id, (round + i / opened.length) / ROUNDS);
      entry.seconds.push(leastSeconds(entry.kernel.run, seconds / ROUNDS));
    }
  }
  return opened;
}

function rowOf(
  { id, kernel, site, sparsity, pattern }: KernelCase,
  { step }: Kernel,
  seconds: number[],
  ceiling: Ceiling,
): KernelRow {
  const least = Math.min(...seconds);
  const operations = step.macs && 2 * step.macs.dense * (1 - (step.sparsity ?? 0));
  const gflops = operations === undefined ? null : operations / least / 1e9;
  const weightBytes = step.bytes ?? null;
  return {
    id,
    kernel,
    site,
    sparsity,
    pattern,
    seconds,
    gflops,
    ofCeiling: gflops === null ? null : gflops / Math.max(ceiling.mulAdd, ceiling.madd ?? 0),
    weightBytes,
    gbytes: weightBytes === null ? null : weightBytes / least / 1e9,
  };
}
