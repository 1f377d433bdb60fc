import { columnsLayout } from '../../graph/layout.ts';
import { wholeRows } from '../../sparse/matrix.ts';
import type { Candidate, Demand, LowerCall } from '../lower.ts';
import { linearLayer } from './linear.ts';
import { skipCandidates } from './skip.ts';
import { columnsOperands, spmmCandidates } from './spmm.ts';
import { type SpmvSite, spmvCandidates } from './spmv.ts';

/** `rows` vectors of K elements times constant weights `[N, K]`. */
export interface FullyConnected {
  weights: Float32Array;
  k: number;
  n: number;
  rows: number;
  bias: Float32Array | undefined;
  /** The operand has no batch dimension, so it cannot be seen as columns. */
  vector: boolean;
}

/** Kernels for a fully connected layer: SpMV on dense vectors, with and without skipping their zeros, SpMM on features-major values. */
export function fullyConnected(call: LowerCall, fc: FullyConnected): Candidate[] {
  const layer = linearLayer(call, wholeRows(fc.n, fc.k, fc.weights), 1, fc.bias);
  const others = call.node.inputs.slice(1).map(() => ({ kind: 'none' }) as const);
  const inputs = (kind: 'dense' | 'columns'): Demand[] => [{ kind }, ...others];
  const site: SpmvSite = {
    inputs: inputs('dense'),
    batch: fc.rows,
    length: fc.k,
    geometry: { channels: fc.k, channelBytes: 4, taps: [0] },
    sparse: call.sparse,
  };
  const candidates = spmvCandidates(layer, site);
  candidates.push(...skipCandidates(call, layer, site, candidates));
  if (fc.vector || fc.rows === 1) return candidates;
  const stride = columnsLayout([fc.rows, fc.k]).stride;
  candidates.push(
    ...spmmCandidates(layer, {
      inputs: inputs('columns'),
      output: 'columns',
      columns: stride,
      images: 1,
      reads: fc.k * stride,
      sparse: call.sparse,
      operands: (e) => columnsOperands(e, fc.k, fc.rows),
    }),
  );
  return candidates;
}
