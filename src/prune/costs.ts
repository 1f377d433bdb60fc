import { type Compilation, compileGraph } from '../compile.ts';
import type { Graph } from '../graph/ir.ts';
import { load } from '../runtime/load.ts';
import { sizeOf, Tensor } from '../tensor.ts';
import type { Shapes } from './layers.ts';

/** What a layer costs in the package: time of its kernel in ns, bytes of its weights with their row numbers, and the format of these. */
export interface LayerCost {
  ns: number;
  bytes: number;
  format: string;
}

/** What a network costs when it is compiled: time of a run in ns, bytes of the package, and its layers by name. */
export interface NetworkCost {
  ns: number;
  bytes: number;
  layers: ReadonlyMap<string, LayerCost>;
}

/** Costs of a network: those that the planner's model expects, or measured ones. */
export type Costing = (graph: Graph) => Promise<NetworkCost> | NetworkCost;

/** The costs that the planner models, for one set of input shapes. */
export const modelled =
  (shapes: Shapes = {}): Costing =>
  (graph) =>
    costsOf(compileGraph(graph, { shapes }));

function costsOf({ planSet, bytes }: Compilation): NetworkCost {
  const layers = new Map<string, LayerCost>();
  let total = 0;
  for (const { name, node, cost, candidate } of planSet.plans[0].schedule.steps) {
    // The cost of a step counts conversions in, which are steps of their own.
    const ns = candidate?.cost ?? cost;
    total += ns;
    if (!node || !candidate?.format) continue;
    layers.set(name, { ns, bytes: candidate.weights?.bytes ?? 0, format: candidate.format });
  }
  return { ns: total, bytes: bytes.byteLength, layers };
}

export interface Measuring {
  /** Time for each network in ms. */
  ms?: number;
}

const NS = 1e6;
const MEASURE_MS = 250;
const WARM_UPS = 20;
const PROFILES = 4;

/**
 * Costs measured on this machine: the network is compiled, loaded and run; times are the least of many runs, in the build and engine class that
 * `load` chooses.
 */
export const measured =
  (shapes: Shapes = {}, { ms = MEASURE_MS }: Measuring = {}): Costing =>
  async (graph) => {
    const compilation = compileGraph(graph, { shapes });
    const costs = costsOf(compilation);
    const model = await load(compilation.bytes);
    const plan = compilation.planSet.plans[0];
    const feeds = Object.fromEntries(
      plan.graph.inputs.map((name) => {
        const { slot, dims } = plan.schedule.inputs.get(name)!;
        const data = Array.from({ length: sizeOf(dims) }, (_, i) => (slot.type === 'float32' ? Math.sin(i + 1) : 0));
        return [name, new Tensor(slot.type, data, dims)];
      }),
    );
    for (let i = 0; i < WARM_UPS; i++) model.runSync(feeds);
    const end = performance.now() + ms;
    let least = Number.POSITIVE_INFINITY;
    do {
      const start = performance.now();
      model.runSync(feeds);
      least = Math.min(least, performance.now() - start);
    } while (performance.now() < end);
    const steps = new Map<string, number>();
    for (let i = 0; i < PROFILES; i++) {
      for (const { node, op, ms: time } of model.profile(feeds)) {
        if (op !== 'Layout' && typeof time === 'number') steps.set(node, Math.min(steps.get(node) ?? time, time));
      }
    }
    model.dispose();
    const layers = new Map(
      [...costs.layers].map(([name, layer]) => [name, { ...layer, ns: (steps.get(name) ?? 0) * NS || layer.ns }]),
    );
    return { ns: least * NS, bytes: costs.bytes, layers };
  };
