import type { Sizes } from '../../bench/start/download.ts';
import type { Site } from './site.ts';

/** What a host did with the example that is staged for it. */
export interface HostResult {
  /** The outputs that the example reports. */
  logits: readonly number[];
  /** Milliseconds from the start of the process, the request or the navigation to the first result. */
  coldMs: number;
  /** What the host has to fetch or to bundle for the runtime, JavaScript and Wasm; the model is not in it. */
  bytes: Sizes;
}

/** Something that runs JavaScript and Wasm, together with an example for it. */
export interface Host {
  name: string;
  /** The folder below `examples/` that is staged. */
  example: string;
  /** Why it cannot run on this machine; undefined where it can. */
  unavailable(): string | undefined;
  /** Runs the example in `site.folder`; rejects where it does not get to a result. */
  run(site: Site): Promise<HostResult>;
}
