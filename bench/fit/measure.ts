import { casesOf } from '../kernels/cases.ts';
import { timeCases } from '../kernels/measure.ts';
import type { Site } from '../kernels/sites.ts';
import { GRID_SPARSITIES } from './grid.ts';
import type { Point } from './solve.ts';

/** A kernel on a layer: the terms of its cost, and its measured time. */
export interface MeasuredPoint extends Point {
  /** `f32_spmm__csr | conv 1x1 512 > 512, 14 x 14 | 90` */
  id: string;
  /** Constants that its cost reads: `SPMM.csr`. */
  group: string;
}

/** Kernels that the cost model expects to take longer are left out: the fit does not need them. */
const MOST_NS = 15e6;

/** Measures all kernels of a layer whose cost is fitted, `seconds` each. */
export async function measureSite(
  site: Site,
  seconds: number,
  onProgress: (id: string, share: number) => void,
): Promise<MeasuredPoint[]> {
  const cases = [...casesOf(site, site.sparse ? GRID_SPARSITIES : [0])].filter(
    ({ candidate: { model, cost, reject } }) => model && !reject && cost < MOST_NS,
  );
  const timed = await timeCases(cases, seconds, onProgress);
  return timed.map((entry) => ({
    id: entry.case.id,
    ...entry.case.candidate.model!,
    ns: Math.min(...entry.seconds) * 1e9,
  }));
}
