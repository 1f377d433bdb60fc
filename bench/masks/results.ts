import type { Facts } from '../lib/results.ts';
import type { Summary } from '../lib/stats.ts';

/** Milliseconds of one inference with `active` blocks, taken in turn. */
export interface MaskPoint {
  active: number;
  dense: Summary;
  masked: Summary;
}

export interface MaskRow {
  id: string;
  title: string;
  block: number;
  /** All blocks, and up to how many the region runs block by block. */
  blocks: number;
  limit: number;
  points: MaskPoint[];
}

export interface MaskResults extends Facts {
  kind: 'masks';
  variant: 'simd' | 'relaxed';
  rows: MaskRow[];
}
