import { ZeroskipError } from '../errors.ts';
import { cloneGraph } from '../graph/edit.ts';
import type { Graph } from '../graph/ir.ts';
import type { Ops } from '../graph/verify.ts';
import type { Dim } from '../tensor.ts';
import { bind } from './bind.ts';
import { fold } from './fold.ts';
import { runPasses } from './index.ts';

/** Sizes that stand in for symbolic dimensions: large and far apart, so that no other dimension takes both by chance. */
const PROBES = [101, 163];

/**
 * The graph with dims for the outputs that declare none. They are inferred under two sets of sizes for the symbolic dims of the inputs: what
 * is equal in both is a number, what equals a symbol in both is that symbol, anything else has no name (`''`). An output whose inference
 * fails under these sizes stays as it is. The graph given is not changed.
 */
export function withOutputDims(graph: Graph, ops: Ops): Graph {
  const missing = graph.outputs.filter((name) => !graph.values.get(name)?.dims);
  if (missing.length === 0) return graph;
  const [first, second] = PROBES.map((probe) => inferred(graph, ops, probe));
  if (!first || !second) return graph;
  const result = cloneGraph(graph);
  for (const name of missing) {
    const [a, b] = [first.dims.get(name), second.dims.get(name)];
    const value = result.values.get(name);
    if (!a || !value || a.length !== b?.length) continue;
    const symbol = (i: number): string =>
      first.symbols.find(({ size }, k) => size === a[i] && second.symbols[k].size === b[i])?.name ?? '';
    value.dims = a.map((d, i): Dim => (d === b[i] ? d : symbol(i)));
  }
  return result;
}

interface Inferred {
  /** Symbolic dims of the inputs in order; one without a name (`''`) is like no other. */
  symbols: { name: string; size: number }[];
  dims: Map<string, readonly number[]>;
}

/** Dims of the outputs where the k-th symbol has size `probe + k`; undefined if the graph does not allow that. */
function inferred(graph: Graph, ops: Ops, probe: number): Inferred | undefined {
  const symbols: Inferred['symbols'] = [];
  const sizeOf = (name: string): number => {
    const known = symbols.find((symbol) => name !== '' && symbol.name === name);
    if (known) return known.size;
    return symbols[symbols.push({ name, size: probe + symbols.length }) - 1].size;
  };
  const shapes: Record<string, number[]> = Object.create(null);
  for (const name of graph.inputs) {
    const { dims } = graph.values.get(name) ?? {};
    if (!dims) return undefined;
    shapes[name] = dims.map((d) => (typeof d === 'number' ? d : sizeOf(d)));
  }
  const copy = cloneGraph(graph);
  try {
    runPasses(copy, { ops, shapes, passes: [bind, fold] });
  } catch (error) {
    if (error instanceof ZeroskipError) return undefined;
    throw error;
  }
  const dims = new Map<string, readonly number[]>();
  for (const name of graph.outputs) {
    const found = copy.values.get(name)?.dims;
    if (found?.every((d) => typeof d === 'number')) dims.set(name, found as number[]);
  }
  return { symbols, dims };
}
