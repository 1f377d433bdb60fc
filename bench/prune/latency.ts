import type { Graph } from '../../src/graph/ir.ts';
import { measured } from '../../src/prune/costs.ts';
import { prune } from '../../src/prune/prune.ts';
import type { Stage } from '../../src/prune/recipe.ts';
import { memoryWork } from '../../src/prune/resume.ts';
import type { LatencyRow, PrunedLatency, Way } from './results.ts';
import { correctOf, openNetwork } from './subject.ts';

export const LATENCY_NETWORK = 'mobilenet';
/** Times that a result is measured once more; the least counts. */
const TIMES = 5;
/** Of the dense network's latency, in per cent. */
const SHARES = [40, 60];

const STAGES: Readonly<Record<Way, Stage>> = {
  uniform: { scope: 'layer', pattern: 'unstructured' },
  search: {},
  'search, SparseGPT': { criterion: 'sparsegpt' },
  'channels, repaired': { pattern: 'channel', repair: ['least-squares', 'batch-norm'] },
};

/**
 * Prunes a network to measured latencies, once with one sparsity for all layers and by searches, and counts the test digits that it gets right.
 * What has come out is measured once more.
 *
 * @param samples training digits, with labels, that drive the searches
 */
export async function measureLatencies(
  samples: number,
  progress: (share: number, label: string) => void,
): Promise<PrunedLatency> {
  const { graph, data, labels } = openNetwork(LATENCY_NETWORK, samples);
  const leastOf = async (g: Graph): Promise<number> => {
    const costing = measured();
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < TIMES; i++) least = Math.min(least, (await costing(g)).ns);
    return least;
  };
  const ns = await leastOf(graph);
  const work = memoryWork();
  const rows: LatencyRow[] = [];
  const ways = Object.entries(STAGES) as [Way, Stage][];
  for (const [i, share] of SHARES.entries()) {
    for (const [j, [way, stage]] of ways.entries()) {
      const label = `${LATENCY_NETWORK}: ${share} % of the latency, ${way}`;
      const target = { latency: `${Math.round((ns * share) / 100)}ns` };
      const { graph: pruned, report } = await prune(
        graph,
        { stages: [{ ...stage, target }] },
        {
          data,
          labels,
          measure: true,
          work,
          onProgress: (own) => progress((i * ways.length + j + own) / (SHARES.length * ways.length), label),
        },
      );
      const [{ wanted, reached }] = report.targets;
      const again = await leastOf(pruned);
      rows.push({ share, way, wanted, reached, again, correct: await correctOf(pruned) });
    }
  }
  return { name: LATENCY_NETWORK, ns, correct: await correctOf(graph), rows };
}
