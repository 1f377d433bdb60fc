import type { Facts } from '../lib/results.ts';

/**
 * What a cycle does: load, run, dispose; load and run, and leave the model to the garbage collector; load a package that is found to be
 * damaged at its last byte; load and run, and keep the model.
 */
export type Way = 'dispose' | 'drop' | 'fail' | 'keep';

/** Bytes of memory of the process behind so many cycles. */
export interface Sample {
  cycle: number;
  rss: number;
  /** Resident bytes without pages of files. */
  anonymous?: number;
  heapUsed: number;
  arrayBuffers: number;
}

/** One process. */
export interface Curve {
  way: Way;
  /** Whether garbage was collected before each sample; otherwise the engine chose when. */
  collect: boolean;
  samples: Sample[];
  /** Bytes of the memory of one model; 0 where none was loaded. */
  memoryBytes: number;
}

export interface CycleRow extends Curve {
  network: string;
  packageBytes: number;
  growth: Growth;
}

/** Resident memory behind the warm-up and at the end. */
export interface Growth {
  /** Medians of the samples of the second and of the last fifth of the cycles. */
  from: number;
  to: number;
  /** Most of all samples. */
  peak: number;
  /** Growth in bytes for each cycle between the middles of those fifths. */
  perCycle: number;
}

export interface CycleResults extends Facts {
  kind: 'cycles';
  cycles: number;
  rows: CycleRow[];
}
