import type { CompileOptions } from './compile.ts';
import { emptyGraph, type Graph, type Node } from './graph/ir.ts';
import type { Plan, PlanOptions } from './plan/plan.ts';
import { load } from './runtime/load.ts';
import { Tensor } from './tensor.ts';

/** Compiles a graph; how is the caller's business, so that this file needs no compiler. */
type CompileGraph = (
  graph: Graph,
  options: CompileOptions,
  planning: Pick<PlanOptions, 'choose'>,
) => { bytes: Uint8Array; planSet: { plans: readonly Plan[] } };

const ROUNDS = 3;
const NS_PER_MS = 1e6;

const keyOf = (node: Node, kernel: string, dims: readonly number[]): string =>
  `${node.name}\n${kernel}\n${dims.join()}`;

/**
 * Times every candidate kernel of every node on this machine, each alone in a network of one node, and returns what the planner takes
 * instead of its cost model. Conversions between layouts keep their modelled times.
 */
export async function measureCandidates(
  graph: Graph,
  options: CompileOptions,
  compileGraph: CompileGraph,
): Promise<Pick<PlanOptions, 'measure'>> {
  const { tune: _, shapes, values: __, ...rest } = options;
  const times = new Map<string, number>();
  // Each set of shapes by itself: plans together would have agreed on formats already.
  for (const set of Array.isArray(shapes) ? shapes : [shapes]) {
    const [plan] = compileGraph(graph, { ...options, tune: false, shapes: set }, {}).planSet.plans;
    for (const { node, kernel, alternatives, outputs } of plan.schedule.steps) {
      const others = alternatives.filter((a) => !a.reject).map((a) => a.kernel);
      if (!node || others.length === 0) continue;
      const single = oneNode(plan.graph, node);
      for (const name of new Set([kernel, ...others])) {
        const key = keyOf(node, name, outputs[0].dims);
        if (times.has(key)) continue;
        const choose: PlanOptions['choose'] = (_node, candidates) => candidates.find((c) => c.kernel === name);
        times.set(key, await timeOf(compileGraph(single, rest, { choose }).bytes, node.name, options));
      }
    }
  }
  return { measure: (node, candidate, dims) => times.get(keyOf(node, candidate.kernel, dims)) };
}

/** A graph with `node` alone: its constants stay, its other operands are inputs, its outputs are outputs. */
function oneNode(graph: Graph, node: Node): Graph {
  const single = emptyGraph(node.name);
  for (const name of new Set([...node.inputs, ...node.outputs].filter(Boolean)))
    single.values.set(name, graph.values.get(name)!);
  single.nodes.push({ ...node, inputs: [...node.inputs], outputs: [...node.outputs] });
  single.inputs = [...new Set(node.inputs)].filter((name) => name && !graph.values.get(name)!.constant);
  single.outputs = node.outputs.filter(Boolean);
  return single;
}

/** Least time in ns of the kernel calls of `node`. */
async function timeOf(pkg: Uint8Array, node: string, { target }: CompileOptions): Promise<number> {
  const model = await load(pkg, target && target !== 'both' ? { target } : {});
  const feeds: Record<string, Tensor> = Object.create(null);
  for (const { name, type, dims } of model.inputs) {
    const size = (dims as number[]).reduce((product, d) => product * d, 1);
    // Neither zeros nor denormals, which some kernels and processors treat apart.
    const data = Array.from({ length: size }, (_, i) => (type === 'float32' ? Math.sin(i) : 0));
    feeds[name] = new Tensor(type, data, dims as number[]);
  }
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const ms = model
      .profile(feeds)
      .reduce((sum, step) => sum + (step.node === node && step.op !== 'Layout' ? (step.ms ?? 0) : 0), 0);
    best = Math.min(best, ms);
  }
  model.dispose();
  return best * NS_PER_MS;
}
