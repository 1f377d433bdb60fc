import { relativeError } from '../../bench/lib/stats.ts';
import type { Host, HostResult } from './host.ts';
import { stage } from './site.ts';

/** How an example did on a host. */
export interface Outcome extends HostResult {
  /** `max |a - b| / max(max |b|, 1e-6)` of its outputs `a` against those of PyTorch, `b`. */
  error: number;
}

/** Largest error of right outputs. */
export const TOLERANCE = 1e-5;

/** Stages the example of `host` and runs it there. */
export async function check(host: Host): Promise<Outcome> {
  const site = await stage(host.example);
  const result = await host.run(site);
  return { ...result, error: relativeError(result.logits, site.expected) };
}
