import type { CompileOptions } from './compile.ts';
import { emptyGraph, type Graph, type Node } from './graph/ir.ts';
import type { Plan, PlanOptions } from './plan/plan.ts';
import type { Step } from './plan/types.ts';
import { load } from './runtime/load.ts';
import type { Model } from './runtime/model.ts';
import { Tensor } from './tensor.ts';

/** Compiles a graph; how is the caller's business, so that this file needs no compiler. */
type CompileGraph = (
  graph: Graph,
  options: CompileOptions,
  planning: Pick<PlanOptions, 'choose' | 'zeros'>,
) => { bytes: Uint8Array; planSet: { plans: readonly Plan[] } };

/** Time in ms that each candidate runs at least: behind it the engine has optimised the code. */
const LEAST_MS = 20;
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
  const { shapes } = options;
  const times = new Map<string, number>();
  // Each set of shapes by itself: plans together would have agreed on formats already.
  for (const set of Array.isArray(shapes) ? shapes : [shapes]) {
    const [plan] = compileGraph(graph, { ...options, tune: false, shapes: set }, {}).planSet.plans;
    for (const step of plan.schedule.steps) {
      const { node, outputs } = step;
      if (!node || usableKernels(step).length < 2 || times.has(keyOf(node, step.kernel, outputs[0].dims))) continue;
      for (const [kernel, ns] of await timeCandidates(plan.schedule.graph, step, options, compileGraph))
        times.set(keyOf(node, kernel, outputs[0].dims), ns);
    }
  }
  return { measure: (node, candidate, dims) => times.get(keyOf(node, candidate.kernel, dims)) };
}

/** The kernels that could run a step, the chosen one first. */
export function usableKernels({ kernel, alternatives }: Step): string[] {
  return [...new Set([kernel, ...alternatives.filter((a) => !a.reject).map((a) => a.kernel)])];
}

/**
 * Least times in ns of the kernels that could run a step of `graph`, by name, without conversions of operands. They run in turn, until
 * each has run for `leastMs`, so that what disturbs the machine for a while disturbs all of them.
 */
export async function timeCandidates(
  graph: Graph,
  step: Step,
  options: CompileOptions,
  compileGraph: CompileGraph,
  leastMs = LEAST_MS,
): Promise<Map<string, number>> {
  const { tune: _, shapes: __, values: ___, masks: ____, ...rest } = options;
  const target = rest.target && rest.target !== 'both' ? { target: rest.target } : {};
  const single = oneNode(graph, step.node!);
  const timed: Timed[] = [];
  for (const kernel of usableKernels(step)) {
    const choose: PlanOptions['choose'] = (_node, candidates) => candidates.find((c) => c.kernel === kernel);
    const { bytes, planSet } = compileGraph(single, rest, { choose, zeros: step.zeros });
    // Kernels that count on zeros of an operand are not offered here: their modelled times stay.
    if (!planSet.plans[0].schedule.steps.some((found) => found.kernel === kernel)) continue;
    const model = await load(bytes, target);
    timed.push({ kernel, model, spent: 0, best: Number.POSITIVE_INFINITY });
  }
  const feeds = feedsOf(timed[0].model, step.zeros);
  for (let running = timed; running.length > 0; running = running.filter(({ spent }) => spent < leastMs)) {
    for (const one of running) {
      const start = performance.now();
      one.best = Math.min(one.best, timeOf(one.model, feeds, step.name));
      one.spent += performance.now() - start;
    }
  }
  for (const { model } of timed) model.dispose();
  return new Map(timed.map(({ kernel, best }) => [kernel, best * NS_PER_MS]));
}

interface Timed {
  kernel: string;
  model: Model;
  /** Milliseconds that it has run in all, and those of its fastest run. */
  spent: number;
  best: number;
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

/** The expected share of zeros, evenly spread, and no denormals, which some processors treat apart. */
function feedsOf({ inputs }: Model, zeros: Step['zeros']): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = Object.create(null);
  for (const { name, type, dims } of inputs) {
    const size = (dims as number[]).reduce((product, d) => product * d, 1);
    const share = zeros?.get(name)?.elements ?? 0;
    const isZero = (i: number): boolean => Math.floor((i + 1) * share) > Math.floor(i * share);
    const data = Array.from({ length: size }, (_, i) => (type === 'float32' && !isZero(i) ? Math.sin(i + 1) : 0));
    feeds[name] = new Tensor(type, data, dims as number[]);
  }
  return feeds;
}

/** Least time in ms of the kernel calls of `node`, over the runs of one profile. */
const timeOf = (model: Model, feeds: Record<string, Tensor>, node: string): number =>
  model
    .profile(feeds)
    .reduce((sum, step) => sum + (step.node === node && step.op !== 'Layout' ? (step.ms ?? 0) : 0), 0);
