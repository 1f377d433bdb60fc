import { ensure } from '../../errors.ts';
import { didYouMean } from '../../words.ts';
import { patternName } from '../patterns.ts';
import type { Criterion, Pattern, ScoreContext } from '../types.ts';
import { apoz, meanActivation } from './activation.ts';
import { bnGamma } from './bn_gamma.ts';
import { filterL1, filterL2 } from './filter_norm.ts';
import { geometricMedian } from './geometric_median.ts';
import { magnitudeL1, magnitudeL2 } from './magnitude.ts';
import { obc } from './obc.ts';
import { random } from './random.ts';
import { sparsegpt } from './sparsegpt.ts';
import { wanda } from './wanda.ts';

export { gammaBehind } from './bn_gamma.ts';

const ALL: readonly Criterion[] = [
  magnitudeL1,
  magnitudeL2,
  random,
  filterL1,
  filterL2,
  bnGamma,
  apoz,
  meanActivation,
  geometricMedian,
  wanda,
  sparsegpt,
  obc,
];

/** All criteria by name, in the order of the help. */
export const CRITERIA: Readonly<Record<string, Criterion>> = Object.fromEntries(
  ALL.map((criterion) => [criterion.name, criterion]),
);

/** @throws ZeroskipError `INVALID_ARGUMENT` if there is no such criterion */
export function criterionNamed(name: string): Criterion {
  const names = Object.keys(CRITERIA);
  ensure(
    typeof name === 'string' && Object.hasOwn(CRITERIA, name),
    'INVALID_ARGUMENT',
    () => `criterion: expected ${names.join(', ')}, found '${name}'${didYouMean(String(name), names)}`,
  );
  return CRITERIA[name];
}

/**
 * Scores for `maskOf`: of each output for the pattern `channel` if the criterion has them, else of each weight.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` if the criterion scores whole outputs only and the pattern needs weights, or if it lacks what it needs
 */
export function scoresOf(criterion: Criterion, context: ScoreContext, pattern: Pattern): Float32Array {
  if (pattern.kind === 'channel' && criterion.channels) return criterion.channels(context);
  ensure(
    criterion.weights,
    'INVALID_ARGUMENT',
    () =>
      `criterion '${criterion.name}' ${
        criterion.channels ? 'scores whole outputs, for the pattern channel' : 'has no scores'
      }; found the pattern ${patternName(pattern)}`,
  );
  return criterion.weights(context);
}
