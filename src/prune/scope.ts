import { ensure, ZeroskipError } from '../errors.ts';
import { erkDensities } from './erk.ts';
import { kthHighest } from './kth_highest.ts';
import { type Normalisation, normalised } from './normalise.ts';
import { checkPattern, checkSparsity, keptUnits, maskOf, maskSparsity, unitScores, unitsOf } from './patterns.ts';
import type { Layer, Mask, Pattern } from './types.ts';

/**
 * How the wanted sparsity is spread over the layers:
 *
 * - `layer`: each layer loses the same share
 * - `global`: one threshold over the normalised scores of all layers; layers keep at least `floor` of their units
 * - `erk`: Erdos-Renyi-kernel: the larger a layer, the larger its share, see `erkDensities`
 */
export type Scope = { kind: 'layer' } | GlobalScope | { kind: 'erk' };

export interface GlobalScope {
  kind: 'global';
  /** Least share of its units that a layer keeps, 0 to 1: one for all, or by layer name. Unset: 0, a layer may lose all. */
  floor?: number | Readonly<Record<string, number>>;
  /** Unset: `none` if the scores are `comparable`, else `mean`. */
  normalise?: Normalisation;
}

/** A layer and its scores: of each weight, or for the pattern `channel` of each output. */
export interface Scored {
  layer: Layer;
  scores: ArrayLike<number>;
}

/** How the scores of a criterion compare, see `Criterion`. */
export interface Comparison {
  per?: 'row';
  comparable?: boolean;
}

export interface Allocation {
  /** By layer name. */
  masks: Map<string, Mask>;
  /** Share of zeros of each mask, by layer name. */
  sparsities: Map<string, number>;
}

/** @throws ZeroskipError `INVALID_ARGUMENT` */
export function checkScope(scope: Scope): void {
  if (scope?.kind === 'layer' || scope?.kind === 'erk') return;
  if (scope?.kind !== 'global') {
    throw new ZeroskipError('INVALID_ARGUMENT', `scope: expected layer, global or erk, found ${JSON.stringify(scope)}`);
  }
  const { floor = 0 } = scope;
  for (const share of typeof floor === 'object' && floor !== null ? Object.values(floor) : [floor]) {
    ensure(
      typeof share === 'number' && share >= 0 && share <= 1,
      'INVALID_ARGUMENT',
      () => `scope: a floor is a share from 0 to 1, found ${share}`,
    );
  }
}

/**
 * The masks that prune the share `sparsity` of all units of the layers together. Exactly `floor((1 - sparsity) * units + 1/2)` units stay, in each
 * layer by itself for the scope `layer`, in all of them for the others. Equal scores go by the order of the layers, then by place. Of N:M the
 * share follows from the pattern, so all scopes are alike.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT`
 */
export function masksFor(
  layers: readonly Scored[],
  pattern: Pattern,
  sparsity: number,
  scope: Scope = { kind: 'layer' },
  { per, comparable = false }: Comparison = {},
): Allocation {
  checkPattern(pattern);
  checkSparsity(sparsity);
  checkScope(scope);
  const kept = keptBy(layers, pattern, sparsity, scope, comparable);
  const masks = new Map<string, Mask>();
  const sparsities = new Map<string, number>();
  layers.forEach(({ layer, scores }, i) => {
    const mask = maskOf(layer, scores, pattern, sparsity, { per, kept: kept?.[i] });
    masks.set(layer.name, mask);
    sparsities.set(layer.name, maskSparsity(mask));
  });
  return { masks, sparsities };
}

/** Units that each layer keeps; undefined where that follows from the sparsity or the pattern. */
function keptBy(
  layers: readonly Scored[],
  pattern: Pattern,
  sparsity: number,
  scope: Scope,
  comparable: boolean,
): number[] | undefined {
  if (pattern.kind === 'n:m' || scope.kind === 'layer') return undefined;
  if (scope.kind === 'global') return globalKept(layers, pattern, sparsity, scope, comparable);
  const densities = erkDensities(
    layers.map(({ layer }) => layer),
    sparsity,
  );
  let sum = 0;
  return layers.map(({ layer }, i) => {
    const before = Math.round(sum);
    sum += densities[i] * unitsOf(layer, pattern).count;
    return Math.round(sum) - before;
  });
}

function globalKept(
  layers: readonly Scored[],
  pattern: Pattern,
  sparsity: number,
  { floor = 0, normalise: how }: GlobalScope,
  comparable: boolean,
): number[] {
  const ranked = layers.map(({ layer, scores }) =>
    normalised(unitScores(layer, scores, pattern), how ?? (comparable ? 'none' : 'mean')),
  );
  const units = ranked.reduce((sum, { length }) => sum + length, 0);
  const wanted = keptUnits(units, sparsity);
  const floors = layers.map(({ layer: { name } }, i) => Math.ceil(floorOf(floor, name) * ranked[i].length - SLACK));
  const held = floors.reduce((sum, n) => sum + n, 0);
  ensure(
    held <= wanted,
    'INVALID_ARGUMENT',
    () => `scope: the floors keep ${held} of ${units} units, sparsity ${sparsity} leaves ${wanted}`,
  );
  const rest = ranked.map((scores, i) =>
    floors[i] > 0 ? scores.sort().subarray(0, scores.length - floors[i]) : scores,
  );
  return topOf(rest, wanted - held).map((n, i) => floors[i] + n);
}

/** What binary fractions may add to a whole number of units. */
const SLACK = 1e-9;

const floorOf = (floor: NonNullable<GlobalScope['floor']>, name: string): number =>
  typeof floor === 'number' ? floor : Object.hasOwn(floor, name) ? floor[name] : 0;

/** How many of the `k` highest of all scores are in each list; equal scores count for the first lists. */
function topOf(lists: readonly Float64Array[], k: number): number[] {
  if (k === 0) return lists.map(() => 0);
  const all = new Float64Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  const limit = kthHighest(all, k);
  const above = lists.map((list) => count(list, (score) => score > limit));
  let left = k - above.reduce((sum, n) => sum + n, 0);
  return lists.map((list, i) => {
    const equal = Math.min(
      left,
      count(list, (score) => score === limit),
    );
    left -= equal;
    return above[i] + equal;
  });
}

function count(scores: Float64Array, is: (score: number) => boolean): number {
  let n = 0;
  for (let i = 0; i < scores.length; i++) if (is(scores[i])) n++;
  return n;
}
