import type { Facts } from '../lib/results.ts';
import type { Summary } from '../lib/stats.ts';

/** Ways to run a layer: the best static kernel, the columns of the live inputs whatever their number, and what the package does. */
export type Way = 'static' | 'walked' | 'chosen';

/** A layer at one share of zeros in its input; milliseconds. */
export interface CurvePoint {
  /** Per cent. */
  zeros: number;
  live: number;
  times: Record<Way, Summary>;
}

export interface Curve {
  /** `2048 > 2048, dense` */
  id: string;
  inputs: number;
  outputs: number;
  /** `dense`, or per cent of zeros in the weights and their pattern. */
  weights: string;
  kernels: Record<'static' | 'chosen', string>;
  /** Bytes of weights of either kernel. */
  bytes: Record<'static' | 'chosen', number>;
  limit: number;
  /** The dense kernel of the same shape. */
  denseMs: number;
  points: CurvePoint[];
}

/** Feed-forward layers with a ReLU, end to end. */
export interface Stack {
  layers: number;
  /** Per cent of hidden elements that are zero. */
  zeros: number;
  /** Milliseconds of an inference. */
  on: Summary;
  off: Summary;
  /** Relative error of one against the other. */
  error: number;
  bytes: { on: number; off: number };
}

export interface SkipResults extends Facts {
  kind: 'skip';
  variant: 'simd' | 'relaxed';
  curves: Curve[];
  stack: Stack | null;
}
