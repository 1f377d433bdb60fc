import { seededRandom } from './random_numbers.ts';

/** Uniform numbers in [0, 1) from a seed and a name, the same on all hosts. */
export function seeded(seed: number, name: string): () => number {
  let state = seed >>> 0;
  for (let i = 0; i < name.length; i++) state = Math.imul(state ^ name.charCodeAt(i), 0x01000193) >>> 0;
  return seededRandom(state);
}
