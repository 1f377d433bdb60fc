import type { Outcomes } from '../lib/results.ts';
import type { BenchNet } from '../nets/net.ts';
import type { RuntimeName } from '../peers/runtime.ts';
import type { CompareOptions, OnStage } from '../run/compare.ts';

/** What the page is told; the network itself it fetches. */
export interface PageTask {
  net: Pick<BenchNet, 'name' | 'sparsity' | 'pattern' | 'id' | 'input' | 'output'>;
  runtimes: RuntimeName[];
  options: CompareOptions;
}

declare global {
  interface Window {
    compareNet(task: PageTask): Promise<Outcomes>;
    onStage(...args: Parameters<OnStage>): void;
  }
}
