import type { Facts, Host } from '../lib/results.ts';
import type { Summary } from '../lib/stats.ts';
import type { Sizes } from './download.ts';
import type { StartName } from './scripts.ts';

interface AnyStart extends Facts {
  kind: 'start';
  /** The network that is run. */
  network: string;
  /** What is timed, in words. */
  definition: string;
  /** Averages of the system's load over 1, 5 and 15 minutes before the first start. */
  load: number[];
}

/** Starts of one script: milliseconds to the first result, bytes of memory at most. */
export interface StartRow {
  name: StartName;
  ms: Summary;
  peakBytes: Summary;
}

/** Processes of Node. */
export interface StartResults extends AnyStart {
  host: Host & { name: 'node' };
  rows: StartRow[];
  runtimes: Record<string, Sizes>;
  models: Record<string, Sizes>;
}

/** One visit of a page, over all profiles. */
export interface VisitRow {
  /** Milliseconds from the start of the navigation. */
  ms: Summary;
  /** Bytes of the bodies that the server sent, medians. */
  sentBytes: number;
  /** Bytes of compiled code that the profile held before, medians. */
  codeCache: { js: number; wasm: number };
}

/** A page: its visits in order, the first with a fresh profile. */
export interface PageRow {
  name: StartName;
  visits: VisitRow[];
}

/** Pages in Chromium. */
export interface PageResults extends AnyStart {
  host: Host & { name: 'chromium' };
  /** How files reach the browser, in words. */
  delivery: string;
  rows: PageRow[];
}

/** A Worker: its starts, or why it has none. */
export interface WorkerRow {
  name: StartName;
  /** Milliseconds from spawning the process. */
  ms?: Summary;
  /** Of these, milliseconds from the first request. */
  requestMs?: Summary;
  peakBytes?: Summary;
  failed?: string;
  /** What it says as it ships. Its numbers are then those with a replaced `WebAssembly.instantiate`, which hands it its precompiled module. */
  asShipped?: string;
}

/** Workers in workerd. */
export interface WorkerResults extends AnyStart {
  host: Host & { name: 'workerd' };
  rows: WorkerRow[];
}

export type AnyStartResults = StartResults | PageResults | WorkerResults;
