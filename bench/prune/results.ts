import type { Facts } from '../lib/results.ts';

export const METHODS = ['magnitude', 'wanda', 'sparsegpt', 'obc'] as const;
export type Method = (typeof METHODS)[number];

/** Shares of zeros by layer: the same in all, or larger ones in larger layers (Erdos-Renyi-kernel). */
export const ALLOCATIONS = ['uniform', 'erk'] as const;
export type Allocation = (typeof ALLOCATIONS)[number];

export interface Curve {
  allocation: Allocation;
  method: Method;
  /** Test digits that are right at a share of zeros in all weights. */
  points: { sparsity: number; correct: number }[];
  /** The largest share of zeros, in whole per cent, that costs at most a point of accuracy; what lies between was not searched for gaps. */
  within: number;
}

export interface PrunedNetwork {
  name: string;
  /** Weights of the layers that are pruned. */
  weights: number;
  /** Test digits that the dense network gets right. */
  correct: number;
  curves: Curve[];
}

export interface PruneResults extends Facts {
  kind: 'prune';
  variant: 'simd' | 'relaxed';
  /** Training digits that calibrate, and test digits. */
  samples: number;
  digits: number;
  networks: PrunedNetwork[];
}
