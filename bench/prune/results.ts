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

/** How a latency is met: one sparsity for all layers, a search by sensitivity, or with channels removed and what stays repaired. */
export type Way = 'uniform' | 'search' | 'search, SparseGPT' | 'channels, repaired';

export interface LatencyRow {
  /** Of the dense network's latency, in per cent. */
  share: number;
  way: Way;
  /** Latencies in ns: asked for, as the search measured its result, and the least of several measurements behind it. */
  wanted: number;
  reached: number;
  again: number;
  /** Test digits that are right. */
  correct: number;
}

/** A network that was pruned to measured latencies. */
export interface PrunedLatency {
  name: string;
  /** The dense network: latency in ns, and test digits that are right. */
  ns: number;
  correct: number;
  rows: LatencyRow[];
}

export interface PruneResults extends Facts {
  kind: 'prune';
  variant: 'simd' | 'relaxed';
  /** Training digits that calibrate, and test digits. */
  samples: number;
  digits: number;
  networks: PrunedNetwork[];
  latency: PrunedLatency[];
}
