import type { Outcomes } from '../lib/results.ts';
import type { NetName, Pattern } from '../nets/net.ts';
import type { RuntimeName } from '../peers/runtime.ts';
import type { CompareOptions } from './compare.ts';

/** A network to be measured. */
export interface Task {
  network: NetName;
  sparsity: number;
  pattern: Pattern;
}

export interface ToChild extends Task {
  runtimes: RuntimeName[];
  options: CompareOptions;
  /** Path of a Chromium that does the work. */
  browser?: string;
}

/** How far a child is, and at last what it found. */
export interface FromChild {
  share?: number;
  label?: string;
  /** The runtime that it is about to open. */
  opening?: RuntimeName;
  outcomes?: Outcomes;
  error?: string;
}
