import { type Compilation, compileGraph } from '../../src/compile.ts';
import type { Candidate } from '../../src/ops/lower.ts';
import { SPARSITIES } from '../nets/net.ts';
import { NODE, SITE_PATTERNS, type Site, type SitePattern } from './sites.ts';

/** One kernel on one layer. */
export interface KernelCase {
  /** `f32_spmm__csr | conv 1x1 512 > 512, 14 x 14 | 90` */
  id: string;
  kernel: string;
  site: string;
  sparsity: number;
  pattern: SitePattern;
  compile(): Compilation;
}

/** Padding of blocks that a kernel may multiply before a coarser pattern is the fairer one for it. */
const PADDING = 1.05;

/**
 * All kernels that the planner could choose for a layer. Dense ones are measured without zeros; a sparse one with the finest pattern at
 * which it multiplies few stored zeros.
 */
export function* casesOf(site: Site): Generator<KernelCase> {
  if (!site.sparse) {
    yield* at(site, 0, SITE_PATTERNS[0], () => true);
    return;
  }
  for (const sparsity of SPARSITIES) {
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
  const kernels: string[] = [];
  compileGraph(
    graph,
    {},
    {
      choose(node, candidates) {
        if (node.name === NODE) kernels.push(...candidates.filter(fits).map(({ kernel }) => kernel));
        return undefined;
      },
    },
  );
  for (const kernel of new Set(kernels)) {
    yield {
      id: `${kernel} | ${site.name} | ${sparsity}`,
      kernel,
      site: site.name,
      sparsity,
      pattern,
      compile: () =>
        compileGraph(
          graph,
          {},
          {
            choose: (node, candidates) =>
              node.name === NODE ? candidates.find((c) => c.kernel === kernel) : undefined,
          },
        ),
    };
  }
}
