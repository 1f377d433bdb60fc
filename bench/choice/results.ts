import type { Facts } from '../lib/results.ts';
import type { Task } from '../run/protocol.ts';
import type { Layer } from './layers.ts';

/** One network, its layers in the order of their running. */
export interface ChoiceRow extends Task {
  id: string;
  layers: Layer[];
}

export interface ChoiceResults extends Facts {
  kind: 'choice';
  variant: 'simd' | 'relaxed';
  /** Milliseconds that each kernel ran at least. */
  leastMs: number;
  rows: ChoiceRow[];
}
