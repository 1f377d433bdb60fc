import { compileGraph } from '../../src/compile.ts';
import { load } from '../../src/runtime/load.ts';
import { Tensor } from '../../src/tensor.ts';
import { alternate } from '../lib/alternate.ts';
import { normals, seedOf } from '../nets/random.ts';
import { type MaskCase, maskOf, maskTensor } from './cases.ts';
import type { MaskPoint, MaskRow } from './results.ts';

const SHARES = [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** Times a region under masks of more and more active blocks against the same region without a mask. */
export async function measureMasks(
  own: MaskCase,
  block: number,
  budgetMs: number,
  onProgress: (share: number) => void,
): Promise<MaskRow> {
  const graph = own.graph();
  const dense = await load(compileGraph(graph).bytes);
  const { bytes, manifest } = compileGraph(graph, { masks: [maskOf(graph, block)] });
  const masked = await load(bytes);
  const dims = [1, own.channels, own.side, own.side];
  const x = new Tensor('float32', normals(own.channels * own.side ** 2, seedOf(own.id)), dims);
  const blocks = Math.ceil(own.side / block) ** 2;
  const counts = [...new Set(SHARES.map((share) => Math.round(share * blocks)))];
  const points: MaskPoint[] = [];
  for (const [i, active] of counts.entries()) {
    const mask = maskTensor(own.side, block, active);
    const times = await alternate(
      { dense: () => dense.runSync({ x }), masked: () => masked.runSync({ x, mask }) },
      { budgetMs, leastRounds: 5, warmUpMs: i === 0 ? 300 : 30, warmUpCalls: 2 },
    );
    points.push({ active, ...times });
    onProgress((i + 1) / counts.length);
  }
  const { limit } = manifest.plans[0].steps.find(({ dynamic }) => dynamic)!.dynamic!;
  dense.dispose();
  masked.dispose();
  return { id: `${own.id} ${block}`, title: own.title, block, blocks, limit, points };
}
