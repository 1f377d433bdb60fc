import { cutSamples, type SampleData } from '../calibrate/samples.ts';
import { ensure, ZeroskipError } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { arrayOf, sizeOf, Tensor } from '../tensor.ts';
import { type Shapes, shadowOf } from './layers.ts';

/** Samples cut into runs of many rows, so that an open batch dimension is used. */
export interface Batches {
  /** Dims of the inputs in each plan, for `compile`. */
  shapes: Shapes[];
  runs: Record<string, Tensor>[];
  /** Rows of each run, and of all. */
  rowsIn: number[];
  rows: number;
}

/** Rows of a run where the batch dimension is open. */
const BATCH = 32;

type Arrays = Record<string, Tensor>;

/**
 * Cuts data into runs. Where the first dimension of all inputs is one open dimension, runs have up to 32 rows and no row is left out.
 *
 * @throws ZeroskipError as {@link cutSamples}, and `INVALID_ARGUMENT` for NaN or infinite elements
 */
export function batchesOf(graph: Graph, data: SampleData, shapes: Shapes = {}): Batches {
  const shadow = shadowOf(graph, shapes);
  const inputs = graph.inputs.map((name) => {
    const { type, dims } = shadow.values.get(name)!;
    return { name, type, dims: dims as readonly number[] };
  });
  const plan = (rows?: number) => ({
    inputs: inputs.map(({ dims }) => (rows === undefined ? dims : [rows, ...dims.slice(1)])),
  });
  const whole = cutSamples(data, { inputs, plans: [plan()] }, 'prune: data');
  ensure(inputs.length > 0, 'INVALID_ARGUMENT', 'prune: the network has no inputs');
  const groups = (Array.isArray(data) ? data : [data]) as Arrays[];
  for (const group of groups) for (const { name } of inputs) checkFinite(name, group[name]);
  const perRun = inputs[0].dims[0] ?? 1;
  const open = openBatch(graph, shapes);
  if (!open || !groups.every((group) => sameRows(group, inputs))) {
    const runs = Array.from({ length: whole.count }, (_, i) => whole.at(i));
    return { shapes: [shapesOf(inputs, plan())], runs, rowsIn: runs.map(() => perRun), rows: runs.length * perRun };
  }
  const runs: Arrays[] = [];
  const rowsIn: number[] = [];
  for (const group of groups) {
    const total = group[inputs[0].name].dims[0];
    for (let from = 0; from < total; from += BATCH) {
      const rows = Math.min(BATCH, total - from);
      rowsIn.push(rows);
      runs.push(Object.fromEntries(inputs.map(({ name }) => [name, rowsOf(group[name], from, rows)])));
    }
  }
  const sizes = [...new Set(rowsIn)];
  const rows = rowsIn.reduce((sum, n) => sum + n, 0);
  return { shapes: sizes.map((n) => shapesOf(inputs, plan(n))), runs, rowsIn, rows };
}

const shapesOf = (inputs: readonly { name: string }[], plan: { inputs: readonly (readonly number[])[] }): Shapes =>
  Object.fromEntries(inputs.map(({ name }, i) => [name, [...plan.inputs[i]]]));

/** Whether the first dimension of all inputs is the same open one, and nothing binds it. */
function openBatch(graph: Graph, shapes: Shapes): boolean {
  const [first, ...others] = graph.inputs.map((name) => graph.values.get(name)?.dims?.[0]);
  const bound = graph.inputs.some((name) => Object.hasOwn(shapes, name));
  return typeof first === 'string' && !bound && others.every((dim) => dim === first);
}

const sameRows = (group: Arrays, inputs: readonly { name: string }[]): boolean =>
  inputs.every(({ name }) => group[name].dims[0] === group[inputs[0].name].dims[0]);

function rowsOf({ type, data, dims }: Tensor, from: number, rows: number): Tensor {
  const size = sizeOf(dims.slice(1));
  const view = new (arrayOf(type))(data.buffer, data.byteOffset + from * size * data.BYTES_PER_ELEMENT, rows * size);
  return new Tensor(type, view, [rows, ...dims.slice(1)]);
}

function checkFinite(name: string, { data, type }: Tensor): void {
  if (type !== 'float32' && type !== 'float64') return;
  const at = (data as Float32Array).findIndex((x) => !Number.isFinite(x));
  if (at < 0) return;
  throw new ZeroskipError('INVALID_ARGUMENT', `prune: data: input '${name}' has ${data[at]} at element ${at}`);
}
