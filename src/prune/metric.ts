import type { SampleData } from '../calibrate/samples.ts';
import { compileGraph } from '../compile.ts';
import { ensure, ZeroskipError } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { load } from '../runtime/load.ts';
import type { Tensor } from '../tensor.ts';
import type { Shapes } from './layers.ts';
import { type Batches, batchesOf } from './samples.ts';

/** Class numbers, one for each row of the data. */
export type Labels = Tensor | ArrayLike<number>;

export type MetricName = 'accuracy' | 'output-mse';

/**
 * How far a network is from the dense one on the samples.
 *
 * - `mse`: `sum (y - y0)^2 / sum y0^2` over all float32 outputs y and samples, y0 those of the dense network
 * - `accuracy`: share of samples whose largest element of the first output is at the label (only with labels)
 * - `hits`: share of samples whose largest element is where the dense network has it
 */
export interface Quality {
  mse: number;
  accuracy?: number;
  hits: number;
}

/** Runs networks on fixed samples and compares what they give with the dense network. */
export class Evaluator {
  readonly samples: number;
  readonly labels: Int32Array | undefined;
  private readonly batches: Batches;
  private readonly dense: Float32Array[][];
  private readonly energy: number;

  private constructor(batches: Batches, labels: Int32Array | undefined, dense: Float32Array[][]) {
    this.batches = batches;
    this.labels = labels;
    this.dense = dense;
    this.samples = batches.rows;
    this.energy = dense.flat().reduce((sum, out) => out.reduce((s, y) => s + y * y, sum), 0);
  }

  /**
   * @throws ZeroskipError `MISSING_INPUT`, `TYPE_MISMATCH`, `SHAPE_MISMATCH` for data that the network cannot read, `INVALID_ARGUMENT` for data
   *   with NaN or infinite numbers and for labels that are not one class of the first output for each row
   */
  static async of(graph: Graph, data: SampleData, labels?: Labels, shapes: Shapes = {}): Promise<Evaluator> {
    const batches = batchesOf(graph, data, shapes);
    const dense = await runAll(graph, batches);
    const classes = classesOf(dense, batches);
    return new Evaluator(batches, labels && checkLabels(labels, batches.rows, classes), dense);
  }

  /** The quality of a network with the inputs and outputs of the dense one. */
  async of(graph: Graph): Promise<Quality> {
    return this.compare(await runAll(graph, this.batches));
  }

  private compare(outputs: Float32Array[][]): Quality {
    let error = 0;
    let right = 0;
    let same = 0;
    let row = 0;
    outputs.forEach((run, r) => {
      run.forEach((out, o) => {
        const wanted = this.dense[r][o];
        for (let i = 0; i < out.length; i++) error += (out[i] - wanted[i]) ** 2;
      });
      const rows = this.batches.rowsIn[r];
      const width = (run[0]?.length ?? 0) / rows;
      for (let i = 0; i < rows; i++, row++) {
        const best = argmax(run[0], i * width, width);
        if (best === argmax(this.dense[r][0], i * width, width)) same++;
        if (this.labels && best === this.labels[row]) right++;
      }
    });
    const mse = error === 0 ? 0 : error / (this.energy || 1);
    const hits = same / this.samples;
    return this.labels ? { mse, hits, accuracy: right / this.samples } : { mse, hits };
  }
}

/** The float32 outputs of every run, in the order of the graph. */
async function runAll(graph: Graph, { runs, shapes }: Batches): Promise<Float32Array[][]> {
  const { bytes } = compileGraph(graph, { shapes, sparse: 'off', target: 'simd' });
  const model = await load(bytes);
  try {
    return runs.map((feeds) => {
      const outputs = model.runSync(feeds);
      return graph.outputs.flatMap((name) => {
        const { type, data } = outputs[name];
        return type === 'float32' ? [data as Float32Array] : [];
      });
    });
  } finally {
    model.dispose();
  }
}

/** Elements of a row of the first output. */
function classesOf(dense: Float32Array[][], { rowsIn }: Batches): number {
  ensure(dense[0]?.length > 0, 'INVALID_ARGUMENT', 'prune: the network has no float32 output to compare');
  return dense[0][0].length / rowsIn[0];
}

function checkLabels(labels: Labels, rows: number, classes: number): Int32Array {
  const data = 'dims' in labels ? (labels.data as ArrayLike<number | bigint>) : labels;
  const numbers = Array.from(data as ArrayLike<number>, Number);
  ensure(
    numbers.length === rows,
    'INVALID_ARGUMENT',
    () => `prune: labels: ${rows} samples need ${rows} labels, found ${numbers.length}`,
  );
  const wrong = numbers.findIndex((label) => !Number.isInteger(label) || label < 0 || label >= classes);
  if (wrong >= 0) {
    throw new ZeroskipError(
      'INVALID_ARGUMENT',
      `prune: labels: a label is a whole number from 0 to ${classes - 1}, found ${numbers[wrong]} for sample ${wrong}`,
    );
  }
  return Int32Array.from(numbers);
}

function argmax(values: ArrayLike<number>, start: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (values[start + i] > values[start + best]) best = i;
  return best;
}

/** Loss of a quality in a metric: what pruning has cost, 0 for the dense network. */
export function lossOf(quality: Quality, dense: Quality, metric: MetricName): number {
  if (metric === 'output-mse' || quality.accuracy === undefined) return quality.mse;
  return dense.accuracy! - quality.accuracy;
}
