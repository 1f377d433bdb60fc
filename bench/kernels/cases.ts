import { type Compilation, compileGraph } from '../../src/compile.ts';
import type { Candidate } from '../../src/ops/lower.ts';
import { SPARSITIES } from '../nets/net.ts';
import { NODE, SITE_PATTERNS, type Site, type SitePattern } from './sites.ts';

/** One kernel on one layer. */
export interface KernelCase {
  /** `f32_spmm__csr | conv 1x1 512 > 512, 14 x 14 | 90` */
  id: string;
  kernel: string;
  candidate: Candidate;
  site: string;
  sparsity: number;
  pattern: SitePattern;
  /** Share of zeros in the input. */
  zeros: number;
  compile(): Compilation;
}

/** Padding of blocks that a kernel may multiply before a coarser pattern is the fairer one for it. */
const PADDING = 1.05;

/**
 * All kernels that the planner could choose for a layer. Dense ones are measured without zeros; a sparse one with the finest pattern at
 * which it multiplies few stored zeros.
 */
export function* casesOf(site: Site, sparsities: readonly number[] = SPARSITIES): Generator<KernelCase> {
  if (!site.sparse) {
    yield* at(site, 0, SITE_PATTERNS[0], () => true);
    return;
  }
  for (const sparsity of sparsities) {
    const done = new Set<string>();
    for (const pattern of sparsity === 0 ? SITE_PATTERNS.slice(0, 1) : SITE_PATTERNS) {
      const fits = (candidate: Candidate) => {
        const { kernel, format, macs, weights } = candidate;
        if (sparsity === 0) return format === 'dense';
        if (format === 'dense' || done.has(kernel) || !macs || !weights) return false;
        return macs.kept <= PADDING * (1 - weights.sparsity) * macs.dense;
      };
      for (const found of at(site, sparsity, pattern, fits)) {
        done.add(found.kernel);
        yield found;
      }
    }
  }
}

function* at(
  site: Site,
  sparsity: number,
  pattern: SitePattern,
  fits: (candidate: Candidate) => boolean,
): Generator<KernelCase> {
  const graph = site.graph(sparsity, pattern);
  const { zeros = 0 } = site;
  const stats = new Map(graph.inputs.map((name) => [name, { elements: zeros, tiles: 0, measured: true }]));
  const found = new Map<string, Candidate>();
  compileGraph(
    graph,
    {},
    {
      zeros: stats,
      choose(node, candidates) {
        if (node.name !== NODE) return undefined;
        const skips = site.zeros !== undefined;
        for (const one of candidates.filter(fits)) if ((one.skips ?? false) === skips) found.set(one.kernel, one);
        return undefined;
      },
    },
  );
  for (const [kernel, candidate] of found) {
    yield {
      id: `${kernel} | ${site.name} | ${sparsity}`,
      kernel,
      candidate,
      site: site.name,
      sparsity,
      pattern,
      zeros,
      compile: () =>
        compileGraph(
          graph,
          {},
          {
            zeros: stats,
            choose: (node, candidates) =>
              node.name === NODE ? candidates.find((c) => c.kernel === kernel) : undefined,
          },
        ),
    };
  }
}
