import { ensure } from '../errors.ts';
import type { Mask } from './types.ts';

/**
 * Masks of stages one behind the other as one mask of the weights before the first. A mask of another length than the one before it is of a
 * layer that has lost rows and columns: its elements are those that the one before keeps, in their order.
 */
export function composed(stages: readonly Mask[]): Mask {
  return stages.reduceRight((later, own) => {
    if (later.length === own.length) return own.map((bit, i) => bit & later[i]);
    let at = 0;
    const mask = own.map((bit) => (bit ? (later[at++] ?? 0) : 0));
    ensure(at === later.length, 'INTERNAL', () => `prune: ${at} weights stay, the next mask has ${later.length}`);
    return mask;
  });
}
