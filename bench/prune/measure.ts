import { CRITERIA } from '../../src/prune/criteria/index.ts';
import { obcTrace } from '../../src/prune/criteria/obc.ts';
import { applyMask } from '../../src/prune/layers.ts';
import { maskOf } from '../../src/prune/patterns.ts';
import { masksFor } from '../../src/prune/scope.ts';
import type { Mask, Masks, Pattern, ScoreContext, Trace } from '../../src/prune/types.ts';
import { ALLOCATIONS, type Allocation, type Curve, METHODS, type Method, type PrunedNetwork } from './results.ts';
import { type NetworkName, openSubject, type Subject } from './subject.ts';

const PATTERN: Pattern = { kind: 'unstructured' };
/** Points of accuracy that the largest sparsity may cost, of 10,000 digits. */
const POINT = 100;

/** Prunes one network by every method and counts the test digits that it still gets right. */
export async function measurePruning(
  name: NetworkName,
  { samples, sparsities }: { samples: number; sparsities: readonly number[] },
  progress: (share: number, label: string) => void,
): Promise<PrunedNetwork> {
  progress(0, `${name}: calibration`);
  const subject = await openSubject(name, samples);
  const { layers } = subject;
  progress(0, `${name}: obc`);
  const traces = layers.map((context) => obcTrace(context, PATTERN));
  const correct = await subject.correct(layers.map(({ weights }) => weights));
  const curves: Curve[] = [];
  const steps = ALLOCATIONS.length * METHODS.length;
  for (const allocation of ALLOCATIONS) {
    for (const method of METHODS) {
      progress((curves.length + 1) / (steps + 1), `${name}: ${method}, ${allocation}`);
      const known = new Map<number, number>();
      const at = async (sparsity: number): Promise<number> => {
        const own = known.get(sparsity) ?? (await best(subject, traces, method, allocation, sparsity / 100));
        known.set(sparsity, own);
        return own;
      };
      const points: Curve['points'] = [];
      for (const sparsity of sparsities) points.push({ sparsity, correct: await at(sparsity) });
      curves.push({ allocation, method, points, within: await largestWithin(points, correct - POINT, at) });
    }
  }
  const weights = layers.reduce((sum, context) => sum + context.weights.length, 0);
  return { name, weights, correct, curves };
}

/** The largest sparsity at which at least `least` digits are right: halves the gap behind the last point before one that is too bad. */
export async function largestWithin(
  points: Curve['points'],
  least: number,
  at: (sparsity: number) => Promise<number>,
): Promise<number> {
  const bad = points.findIndex(({ correct }) => correct < least);
  let low = bad === 0 ? 0 : points.at(bad - 1)!.sparsity;
  let high = bad < 0 ? 100 : points[bad].sparsity;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if ((await at(middle)) >= least) low = middle;
    else high = middle;
  }
  return low;
}

/** Correct digits; for magnitude under uniform sparsities the better one of those and a global ranking. */
async function best(
  subject: Subject,
  traces: readonly Trace[],
  method: Method,
  allocation: Allocation,
  sparsity: number,
): Promise<number> {
  const scored = subject.layers.map((context) => ({
    layer: context.layer,
    scores: CRITERIA['magnitude-l1'].weights!(context),
  }));
  const masks = (kind: 'layer' | 'global' | 'erk') => masksFor(scored, PATTERN, sparsity, { kind });
  const { masks: own, sparsities } = masks(allocation === 'erk' ? 'erk' : 'layer');
  const magnitude = (chosen: Masks) => subject.correct(subject.layers.map((context) => masked(context, chosen.get(context.layer.name)!))); // biome-ignore format: one line
  if (method === 'magnitude') {
    const correct = await magnitude(own);
    return allocation === 'erk' ? correct : Math.max(correct, await magnitude(masks('global').masks));
  }
  return subject.correct(
    subject.layers.map((context, i) => {
      const share = sparsities.get(context.layer.name)!;
      if (method === 'obc') return traces[i].solve(share).weights;
      const { solve, weights, per } = CRITERIA[method];
      if (solve) return solve(context, PATTERN, share).weights;
      return masked(context, maskOf(context.layer, weights!(context), PATTERN, share, { per }));
    }),
  );
}

function masked({ weights }: ScoreContext, mask: Mask): Float32Array {
  const pruned = weights.slice();
  applyMask(pruned, mask);
  return pruned;
}
