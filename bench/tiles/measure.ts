import { compileGraph } from '../../src/compile.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { ZERO_TILE, type ZeroStats } from '../../src/ops/lower.ts';
import { kernelOf } from '../kernels/instance.ts';
import { conv, NODE, type Site } from '../kernels/sites.ts';
import { alternate } from '../lib/alternate.ts';
import { breakEven, type Point, type TileRow, type ZeroPattern } from './results.ts';

/** A layer whose input has channel planes of `plane` elements. */
export interface TileSite extends Site {
  plane: number;
}

const site = (c: number, m: number, size: number, kernel: number): TileSite => ({
  ...conv({ c, m, size, kernel }),
  plane: size * size,
});

export const TILE_SITES: readonly TileSite[] = [
  site(256, 256, 28, 1),
  site(512, 512, 14, 1),
  site(512, 512, 7, 1),
  site(128, 128, 28, 3),
];

export const SHARES = [0, 0.25, 0.5, 0.75, 0.9, 0.95];

const ENOUGH: ZeroStats = { elements: 0.9, tiles: 0.9, measured: true };

/** The kernels that skip in a layer, beside the one that is chosen where nothing is known of its input. */
function kernelsOf(graph: Graph): { fixed: string; live: string } {
  const { steps } = compileGraph(graph).planSet.plans[0].schedule;
  const fixed = steps.find(({ name }) => name === NODE)!.kernel;
  return { fixed, live: fixed.startsWith('f32_gemm') ? 'f32_gemm__4x8_live' : 'f32_spmm__csc' };
}

const compiled = (graph: Graph, kernel: string): Uint8Array =>
  compileGraph(
    graph,
    {},
    {
      zeros: new Map(graph.inputs.map((name) => [name, ENOUGH])),
      choose: ({ name }, candidates) => (name === NODE ? candidates.find((c) => c.kernel === kernel) : undefined),
    },
  ).bytes;

/** Elements of channel planes, called in order: a share of the tiles, or of the channels, is zero. */
export function planes(plane: number, share: number, pattern: ZeroPattern, random: () => number): () => number {
  let at = 0;
  let dead = false;
  return () => {
    const position = at++ % plane;
    if (position % (pattern === 'tiles' ? ZERO_TILE : plane) === 0) dead = random() < share;
    const x = random() + 0.01;
    return dead ? 0 : x;
  };
}

/** Times both kernels of a layer, turn by turn, for about `ms` at each share of zeros. */
export async function measureSite(
  { name, plane, graph }: TileSite,
  sparsity: number,
  pattern: ZeroPattern,
  ms: number,
  random: () => number,
): Promise<TileRow> {
  const built = graph(sparsity, 'unstructured');
  const { fixed, live } = kernelsOf(built);
  const files = { fixed: compiled(built, fixed), live: compiled(built, live) };
  const points: Point[] = [];
  for (const zeros of SHARES) {
    const runs = {
      fixed: (await kernelOf(files.fixed, NODE, planes(plane, zeros, pattern, random))).run,
      live: (await kernelOf(files.live, NODE, planes(plane, zeros, pattern, random))).run,
    };
    const times = await alternate(runs, { budgetMs: ms, warmUpMs: ms / 4, warmUpCalls: 5 });
    points.push({ zeros, fixedMs: times.fixed.min, liveMs: times.live.min });
  }
  const id = `${name} | ${sparsity} | ${pattern}`;
  return { id, site: name, sparsity, pattern, fixed, live, points, breakEven: breakEven(points) };
}
