import { evaluate } from '../../src/graph/evaluate.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { OPS } from '../../src/ops/index.ts';
import type { Tensor } from '../../src/tensor.ts';

/** Every value that the nodes of a bound graph compute, by the references of its ops. */
export const valuesOf = (graph: Graph, feeds: Record<string, Tensor>): Record<string, Tensor> =>
  evaluate({ ...graph, outputs: graph.nodes.flatMap(({ outputs }) => outputs.filter(Boolean)) }, OPS, feeds);

/** Number of exact zeros. */
export const zerosOf = ({ data }: Tensor): number => Array.from(data as Float32Array).filter((x) => x === 0).length;
