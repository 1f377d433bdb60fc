import type { Facts } from '../lib/results.ts';
import type { Summary } from '../lib/stats.ts';
import type { Sizes } from './download.ts';
import type { StartName } from './scripts.ts';

/** Starts of one script: milliseconds to the first result, bytes of memory at most. */
export interface StartRow {
  name: StartName;
  ms: Summary;
  peakBytes: Summary;
}

export interface StartResults extends Facts {
  kind: 'start';
  /** The network that is run. */
  network: string;
  rows: StartRow[];
  runtimes: Record<string, Sizes>;
  models: Record<string, Sizes>;
}
