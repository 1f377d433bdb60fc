import type { Graph } from '../graph/ir.ts';
import type { Plan } from '../plan/plan.ts';
import { load } from '../runtime/load.ts';
import type { Tensor } from '../tensor.ts';
import { ZeroCounts } from './counts.ts';
import { cutSamples, type SampleData, spreadOver } from './samples.ts';

/** What is watched while samples run, and for how long. */
export interface Observing {
  data: SampleData;
  /** Heads the errors. */
  what: string;
  /** Names of the values of a graph that are counted. */
  wanted(graph: Graph): ReadonlySet<string>;
  /** Largest |x| that counts as zero. */
  threshold?: number;
  /** Runs at most; evenly spread over the data. */
  most: number;
  /** Seconds after which no further run starts. */
  seconds: number;
  /** Hears of the share that is done. */
  progress?: (share: number) => void;
}

/** Zeros by value name, in `samples` runs of `available`. */
export interface Observation {
  samples: number;
  available: number;
  counts: Map<string, ZeroCounts>;
}

/**
 * Runs a package and counts the zeros of its values while they stand in the arena: no value lives longer for it, so it takes the memory of
 * the package, and one value besides.
 */
export async function observe(
  { bytes, planSet: { plans } }: { bytes: Uint8Array; planSet: { plans: readonly Plan[] } },
  { data, what, wanted, threshold, most, seconds, progress = () => {} }: Observing,
): Promise<Observation> {
  const model = await load(bytes);
  const planInputs = plans.map(({ graph, schedule }) => ({
    inputs: graph.inputs.map((name) => schedule.inputs.get(name)!.dims),
  }));
  const samples = cutSamples(data, { inputs: model.inputs, plans: planInputs }, what);
  const { graph, schedule } = plans[samples.plan];
  const names = wanted(graph);
  const values = schedule.steps.map(({ node }) => node?.outputs.slice(0, 1).find((name) => names.has(name)));
  const counts = new Map<string, ZeroCounts>();
  const count = (name: string, { data: elements, dims }: Tensor): void => {
    const own = counts.get(name) ?? new ZeroCounts(dims, threshold);
    counts.set(name, own);
    own.add(elements as Float32Array);
  };
  const order = spreadOver(samples.count, most);
  const end = performance.now() + seconds * 1000;
  let ran = 0;
  for (const index of order) {
    if (ran > 0 && performance.now() > end) break;
    const feeds = samples.at(index);
    for (const [name, tensor] of Object.entries(feeds)) {
      if (tensor.type === 'float32' && names.has(name)) count(name, tensor);
    }
    model.trace(feeds, (step, value) => {
      const name = values[step];
      if (name) count(name, value);
    });
    progress(++ran / order.length);
  }
  progress(1);
  model.dispose();
  return { samples: ran, available: samples.count, counts };
}
