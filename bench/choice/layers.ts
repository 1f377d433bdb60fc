import type { Graph, Node } from '../../src/graph/ir.ts';
import type { Step } from '../../src/plan/types.ts';

/** One kernel that could run a layer; times in ns. */
export interface CandidateTime {
  kernel: string;
  /** Measured alone. */
  kernelNs: number;
  /**
   * Where it stands: the same, the modelled conversions of its operands, and what the readers of its output would pay more than behind
   * the best maker.
   */
  ns: number;
}

/** A layer that more than one kernel could run. */
export interface Layer {
  name: string;
  /** `conv 1x1 512 > 512, 14 x 14` */
  shape: string;
  /** Share of zeros in its weights, null where it has none. */
  zeros: number | null;
  chosen: CandidateTime;
  best: CandidateTime;
  candidates: CandidateTime[];
}

/** The layer of a step whose costs are measured, `times` those of its kernels. */
export function layerOf(graph: Graph, step: Step, times: ReadonlyMap<string, number>): Layer {
  const usable = [step, ...step.alternatives.filter((a) => !a.reject)];
  const least = Math.min(...usable.map(({ readers }) => readers));
  const candidates = usable.map(
    ({ kernel, cost, readers }): CandidateTime => ({
      kernel,
      kernelNs: times.get(kernel)!,
      ns: cost + readers - least,
    }),
  );
  return {
    name: step.name,
    shape: shapeOf(graph, step.node!, step.outputs[0].dims),
    zeros: step.candidate?.weights?.sparsity ?? null,
    chosen: candidates[0],
    best: candidates.reduce((a, b) => (b.ns < a.ns ? b : a)),
    candidates,
  };
}

/** Window, channels and output of a layer with weights, the output of others. */
function shapeOf(graph: Graph, { op, inputs, attrs }: Node, out: readonly number[]): string {
  const weights = graph.values.get(inputs[1])?.constant?.dims;
  if (op === 'Conv' && weights) {
    const [m, c, kh, kw] = weights;
    const groups = Number(attrs.group ?? 1);
    const strides = attrs.strides as readonly number[] | undefined;
    const step = strides && strides[0] > 1 ? ` / ${strides[0]}` : '';
    const depth = groups > 1 ? `${groups} groups of ${c} > ${m / groups}` : `${c} > ${m}`;
    return `conv ${kh}x${kw}${step} ${depth}, ${out.slice(2).join(' x ')}`;
  }
  return `${op.toLowerCase()} ${weights ? `${weights.join(' x ')} > ` : ''}${out.join(' x ')}`;
}
