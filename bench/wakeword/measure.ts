import { CRITERIA } from '../../src/prune/criteria/index.ts';
import { obcTrace } from '../../src/prune/criteria/obc.ts';
import { applyMask } from '../../src/prune/layers.ts';
import { maskOf } from '../../src/prune/patterns.ts';
import { masksFor } from '../../src/prune/scope.ts';
import type { Pattern, ScoreContext, Trace } from '../../src/prune/types.ts';
import { ALLOCATIONS, type Allocation, METHODS, type Method } from '../prune/results.ts';
import type { Curve, WakewordNetwork } from './results.ts';
import type { Subject } from './subject.ts';

const PATTERN: Pattern = { kind: 'unstructured' };

/** Multiplications that the removal order of one layer may take: a minute or so. */
const OBC_LIMIT = 3e10;

/** `rows * cols^3 / 6` of the layer that has most. */
const obcWork = ({ layers }: Subject): number =>
  Math.max(...layers.map(({ layer: { rows, cols } }) => (rows * cols ** 3) / 6));

/** The errors of a network pruned once, by method, way to share zeros out, and share of zeros. */
export async function measureErrors(
  subject: Subject,
  sparsities: readonly number[],
  progress: (share: number, label: string) => void,
): Promise<Pick<WakewordNetwork, 'curves' | 'skipped'>> {
  const work = obcWork(subject);
  const slow = work > OBC_LIMIT;
  const reason = `its largest layer would take ${work.toExponential(1)} multiplications, the limit is ${OBC_LIMIT.toExponential(0)}`;
  progress(0, 'obc');
  const traces = slow ? undefined : subject.layers.map((context) => obcTrace(context, PATTERN));
  const methods = METHODS.filter((method) => method !== 'obc' || traces);
  const curves: Curve[] = [];
  for (const allocation of ALLOCATIONS) {
    for (const method of methods) {
      progress(curves.length / (methods.length * ALLOCATIONS.length), `${method}, ${allocation}`);
      const points: Curve['points'] = [];
      for (const sparsity of sparsities) {
        const weights = pruned(subject, method, allocation, sparsity / 100, traces);
        points.push({ sparsity, ...(await subject.error(weights)) });
      }
      curves.push({ method, allocation, points });
    }
  }
  return { curves, skipped: traces ? [] : [{ method: 'obc', reason }] };
}

/** The weights of all layers, pruned. */
export function pruned(
  { layers }: Subject,
  method: Method,
  allocation: Allocation,
  sparsity: number,
  traces?: readonly Trace[],
): Float32Array[] {
  const scored = layers.map((context) => ({
    layer: context.layer,
    scores: CRITERIA['magnitude-l1'].weights!(context),
  }));
  const { sparsities } = masksFor(scored, PATTERN, sparsity, { kind: allocation === 'erk' ? 'erk' : 'layer' });
  return layers.map((context, i) => {
    const share = sparsities.get(context.layer.name)!;
    if (method === 'obc') return traces![i].solve(share).weights;
    const { solve, weights, per } = CRITERIA[method === 'magnitude' ? 'magnitude-l1' : method];
    return solve ? solve(context, PATTERN, share).weights : masked(context, weights!(context), share, per);
  });
}

function masked(context: ScoreContext, scores: Float32Array, share: number, per?: 'row' | 'layer'): Float32Array {
  const weights = context.weights.slice();
  applyMask(weights, maskOf(context.layer, scores, PATTERN, share, { per }));
  return weights;
}
