import { cutSamples, type SampleData, spreadOver } from '../calibrate/samples.ts';
import { compileGraph } from '../compile.ts';
import { ensure, ZeroskipError } from '../errors.ts';
import { cloneGraph } from '../graph/edit.ts';
import type { Graph } from '../graph/ir.ts';
import { OPS } from '../ops/index.ts';
import { bind } from '../passes/bind.ts';
import { PASSES, SPARSE_PASSES } from '../passes/index.ts';
import { load } from '../runtime/load.ts';
import type { Model } from '../runtime/model.ts';
import { arrayOf, type Dim, sizeOf, Tensor, type TypedArray } from '../tensor.ts';
import type { Shapes } from './layers.ts';

/** How calibration data are run. */
export interface RunOptions {
  /** Dims of one sample, as the option of `compile`; unset: a symbolic batch is 1. */
  shapes?: Shapes;
  /** Samples at most, evenly spread over the data; unset: all. */
  samples?: number;
  /** Samples that are run at once where the first dim of every input is the same symbol and `shapes` does not bind it; 32 unless told. */
  batch?: number;
  /** Hears of the share that is done. */
  progress?: (share: number) => void;
  signal?: AbortSignal;
}

/** One run: `samples` of them, whose first has the number `first` among all. */
export interface Run {
  first: number;
  samples: number;
}

type Feeds = Record<string, Tensor>;

/** Bytes of watched values in one batch: beyond it, batches are smaller. */
const WATCHED_BYTES = 2 ** 26;
const BATCH = 32;
/** Milliseconds between two looks at the signal. */
const TURN = 50;

/** Every pass that keeps channels where they are. */
const KEEP_CHANNELS = PASSES.filter((pass) => !SPARSE_PASSES.has(pass));

/**
 * Runs samples through a graph and shows `visit` the values `names` of each run, row-major. Values are copies of one run, so memory does not
 * grow with the data. What no watched value needs is not computed.
 *
 * @returns number of samples
 * @throws ZeroskipError what `compile` throws for the graph and `cutSamples` for the data; `INVALID_ARGUMENT` if there is no sample or an input
 *   is not finite; `ABORTED`
 */
export async function runSamples(
  graph: Graph,
  names: readonly string[],
  data: SampleData,
  options: RunOptions,
  visit: (name: string, value: Tensor, run: Run) => void,
): Promise<number> {
  const { shapes = {}, samples: most = Number.POSITIVE_INFINITY, progress = () => {}, signal } = options;
  ensure(
    most >= 1,
    'INVALID_ARGUMENT',
    () => `calibration: samples is a number of at least 1, found ${options.samples}`,
  );
  const abort = () => ensure(!signal?.aborted, 'ABORTED', 'calibration: it was aborted');
  abort();
  const dims = boundDims(graph, shapes);
  const inputs = graph.inputs.map((name) => ({ name, type: graph.values.get(name)!.type }));
  const cut = cutSamples(data, { inputs, plans: [{ inputs: dims }] }, 'calibration');
  ensure(cut.count > 0, 'INVALID_ARGUMENT', 'calibration: the data hold no sample');
  const order = spreadOver(cut.count, most);
  const watched = new Set(names);
  const computed = [...watched].filter((name) => !graph.inputs.includes(name));
  const wanted = Math.min(order.length, isBatched(graph, shapes) ? batchOf(options) : 1);
  const { model, batch } =
    computed.length > 0 ? await modelOf(graph, computed, dims, wanted) : { model: null, batch: wanted };
  let turn = performance.now();
  try {
    for (let first = 0; first < order.length; ) {
      const samples = order.length - first >= batch ? batch : 1;
      const feeds = stack(order.slice(first, first + samples).map((index) => checked(cut.at(index), index)));
      const outputs = model?.runSync(feeds) ?? {};
      for (const name of watched) visit(name, feeds[name] ?? outputs[name], { first, samples });
      first += samples;
      progress(first / order.length);
      if (performance.now() - turn > TURN) {
        await new Promise((resolve) => setTimeout(resolve));
        turn = performance.now();
      }
      abort();
    }
  } finally {
    model?.dispose();
  }
  return order.length;
}

function batchOf({ batch = BATCH }: RunOptions): number {
  ensure(
    Number.isSafeInteger(batch) && batch >= 1,
    'INVALID_ARGUMENT',
    () => `calibration: batch is a whole number of at least 1, found ${batch}`,
  );
  return batch;
}

/** Dims of the inputs for one sample. */
function boundDims(graph: Graph, shapes: Shapes): number[][] {
  const copy = cloneGraph(graph);
  bind.run(copy, { ops: OPS, shapes, values: {} });
  return graph.inputs.map((name) => [...(copy.values.get(name)!.dims as readonly number[])]);
}

/** Whether several samples can be stacked along the first dim of the inputs. */
function isBatched(graph: Graph, shapes: Shapes): boolean {
  const firsts = graph.inputs.map((name): Dim | undefined => graph.values.get(name)!.dims?.[0]);
  const bound = graph.inputs.some((name) => Object.hasOwn(shapes, name) && shapes[name][0] !== 1);
  return firsts.length > 0 && !bound && typeof firsts[0] === 'string' && firsts[0] !== '' && new Set(firsts).size === 1;
}

/** A model with the values as outputs and plans for a batch and for one sample; for the latter only, if the graph takes no batches. */
async function modelOf(
  graph: Graph,
  outputs: readonly string[],
  dims: readonly (readonly number[])[],
  wanted: number,
): Promise<{ model: Model; batch: number }> {
  const watching = { ...cloneGraph(graph), outputs: [...outputs] };
  const shapesOf = (batch: number): Shapes =>
    Object.fromEntries(graph.inputs.map((name, i) => [name, [batch * dims[i][0], ...dims[i].slice(1)]]));
  const compiled = (...batches: number[]) =>
    compileGraph(watching, { shapes: batches.map(shapesOf), skip: 'off', target: 'simd' }, { passes: KEEP_CHANNELS });
  const single = compiled(1);
  const bytes = single.manifest.plans[0].outputs.reduce((sum, own) => sum + 4 * sizeOf(own), 0);
  const batch = Math.max(1, Math.min(wanted, Math.floor(WATCHED_BYTES / bytes)));
  if (batch > 1) {
    try {
      return { model: await load(compiled(batch, 1).bytes), batch };
    } catch (error) {
      // A Reshape to fixed dims is what keeps a graph from taking batches.
      if (!(error instanceof ZeroskipError)) throw error;
    }
  }
  return { model: await load(single.bytes), batch: 1 };
}

/** The feeds themselves, if all of their numbers are finite. */
function checked(feeds: Feeds, index: number): Feeds {
  for (const [name, { type, data }] of Object.entries(feeds)) {
    if (type !== 'float32') continue;
    const bad = (data as Float32Array).findIndex((x) => !Number.isFinite(x));
    ensure(
      bad < 0,
      'INVALID_ARGUMENT',
      () =>
        `calibration: input '${name}' of sample ${index} has ${data[bad]} at element ${bad}; finite numbers are needed`,
    );
  }
  return feeds;
}

function stack(all: readonly Feeds[]): Feeds {
  if (all.length === 1) return all[0];
  return Object.fromEntries(
    Object.entries(all[0]).map(([name, { type, dims, size }]) => {
      const data = new (arrayOf(type))(size * all.length) as TypedArray & { set(from: unknown, at: number): void };
      all.forEach((feeds, i) => {
        data.set(feeds[name].data, i * size);
      });
      return [name, new Tensor(type, data, [dims[0] * all.length, ...dims.slice(1)])];
    }),
  );
}
