import { ensure } from '../../errors.ts';
import { didYouMean } from '../../words.ts';
import type { Criterion } from '../types.ts';
import { magnitudeL1, magnitudeL2 } from './magnitude.ts';
import { random } from './random.ts';

/** All criteria by name, in the order of the help. */
export const CRITERIA: Readonly<Record<string, Criterion>> = Object.fromEntries(
  [magnitudeL1, magnitudeL2, random].map((criterion) => [criterion.name, criterion]),
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
