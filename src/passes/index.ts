import type { Graph } from '../graph/ir.ts';
import { expectKnownOps, type Ops, verify } from '../graph/verify.ts';
import type { Tensor } from '../tensor.ts';
import { bind } from './bind.ts';
import { deadCode } from './dead_code.ts';
import { flushDenormals } from './flush_denormals.ts';
import { fold } from './fold.ts';
import { foldAffine } from './fold_affine.ts';
import { fuseActivation } from './fuse_activation.ts';
import { fuseAdd } from './fuse_add.ts';
import { fuseLayerNorm } from './fuse_layer_norm.ts';
import { fusePad } from './fuse_pad.ts';
import { liftConv1d } from './lift_conv1d.ts';
import { masks } from './masks.ts';
import { normalizeGemm } from './normalize_gemm.ts';
import type { Pass, PassContext } from './pass.ts';
import { simplify } from './simplify.ts';
import { zeroFilters } from './zero_filters.ts';

export { checkMasks, type MaskOptions } from './mask_options.ts';
export type { Pass, PassContext } from './pass.ts';

/** The compiler's front half, in order. Passes after `fold` rely on bound shapes, those after `normalize-gemm` on its form of Gemm. */
export const PASSES: readonly Pass[] = [
  bind,
  fold,
  masks,
  deadCode,
  simplify,
  fuseLayerNorm,
  normalizeGemm,
  foldAffine,
  fuseActivation,
  fusePad,
  flushDenormals,
  zeroFilters,
  liftConv1d,
  fuseAdd,
  deadCode,
];

/** Passes that use zeros in the weights; `sparse: 'off'` leaves them out. */
export const SPARSE_PASSES: ReadonlySet<Pass> = new Set([zeroFilters]);

/** What a pass did. */
export interface PassReport {
  pass: string;
  notes: string[];
}

export interface PassOptions {
  ops: Ops;
  shapes?: PassContext['shapes'];
  values?: Readonly<Record<string, Tensor>>;
  masks?: PassContext['masks'];
  /** Instead of {@link PASSES}. */
  passes?: readonly Pass[];
}

/**
 * Runs the passes over `graph`, in place (`cloneGraph` first where the original is needed), and verifies it before the first and
 * after each.
 *
 * @throws ZeroskipError what the passes throw; `INVALID_MODEL` for a broken graph, `UNSUPPORTED_OP` listing all unknown ops, `INTERNAL` if a
 *   pass breaks the graph.
 */
export function runPasses(graph: Graph, options: PassOptions): PassReport[] {
  const { ops, shapes = {}, values = {}, masks, passes = PASSES } = options;
  expectKnownOps(graph, ops);
  verify(graph, ops, { pass: 'import', code: 'INVALID_MODEL' });
  let types = !passes.includes(fold) && isInferred(graph);
  return passes.map((pass) => {
    const notes = pass.run(graph, { ops, shapes, values, masks });
    types ||= pass === fold;
    verify(graph, ops, { pass: pass.name, types });
    return { pass: pass.name, notes };
  });
}

const isInferred = (graph: Graph): boolean =>
  [...graph.values.values()].every(({ dims }) => dims?.every((d) => typeof d === 'number'));
