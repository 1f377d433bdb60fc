import type { SampleData } from '../calibrate/samples.ts';
import { ensure } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { sizeOf, type Tensor } from '../tensor.ts';
import { activationBehind } from './behind.ts';
import { type Columns, columnsKey, columnsOf } from './columns.ts';
import { type AddGram, DEPTH, GramProducts, mirror } from './gram.ts';
import { seededRandom } from './random.ts';
import { type RunOptions, runSamples } from './runs.ts';
import type { InputStats, Layer, OutputStats, Stats } from './types.ts';

/** Which statistics are wanted. `gram` includes `inputs`. */
export interface StatsNeeds {
  inputs?: boolean;
  gram?: boolean;
  outputs?: boolean;
}

export interface CalibrationOptions extends RunOptions {
  /** Positions of each image that count in X X^T at most, drawn at random; 64 unless told. Without `gram` all count. */
  positions?: number;
  /** Of that draw; 0 unless told. */
  seed?: number;
}

const POSITIONS = 64;
/** Bytes of all X X^T of one call. */
const GRAM_BYTES = 2 ** 31;

/**
 * Runs calibration samples through the graph, as it is, and gathers what they say of the inputs and outputs of its layers, see {@link Stats}.
 * Besides the results it holds the values of one batch and `DEPTH` columns of each X.
 *
 * @returns by layer name
 * @throws ZeroskipError `INVALID_ARGUMENT` for data without samples and numbers that are not finite, `OUT_OF_MEMORY` where the X X^T of the
 *   layers are too large together, `ABORTED`, and what `compile` throws
 */
export async function gatherStats(
  graph: Graph,
  layers: readonly Layer[],
  data: SampleData,
  needs: StatsNeeds,
  options: CalibrationOptions = {},
): Promise<Map<string, Stats>> {
  const { positions = POSITIONS, seed = 0 } = options;
  ensure(
    Number.isSafeInteger(positions) && positions >= 1,
    'INVALID_ARGUMENT',
    () => `calibration: positions is a whole number of at least 1, found ${positions}`,
  );
  if (needs.gram) checkMemory(layers, graph);
  const products = new GramProducts();
  const inputs = new Map<string, InputSums>();
  const outputs = new Map<string, OutputSums>();
  try {
    for (const layer of needs.inputs || needs.gram ? layers : []) {
      const key = columnsKey(layer, graph);
      if (inputs.has(key)) continue;
      const add = needs.gram ? await products.of(layer.cols) : undefined;
      inputs.set(key, new InputSums(layer, graph, add, positions, seed));
    }
    for (const layer of needs.outputs ? layers : []) outputs.set(layer.name, new OutputSums(layer, graph));
    const all = [...inputs.values(), ...outputs.values()];
    const names = [...new Set(all.map(({ value }) => value))];
    await runSamples(graph, names, data, options, (name, value) => {
      for (const sums of all) if (sums.value === name) sums.add(value);
    });
    const stats = new Map([...inputs].map(([key, sums]) => [key, sums.stats()]));
    return new Map(
      layers.map((layer) => [
        layer.name,
        { input: stats.get(columnsKey(layer, graph)), output: outputs.get(layer.name)?.stats() },
      ]),
    );
  } finally {
    products.dispose();
  }
}

function checkMemory(layers: readonly Layer[], graph: Graph): void {
  const sizes = new Map(layers.map((layer) => [columnsKey(layer, graph), layer.groups * layer.cols ** 2 * 8]));
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  ensure(bytes <= GRAM_BYTES, 'OUT_OF_MEMORY', () => {
    const { name, cols } = layers.reduce((a, b) => (b.groups * b.cols ** 2 > a.groups * a.cols ** 2 ? b : a));
    return `calibration: the matrices X X^T of ${layers.length} layers need ${(bytes / 2 ** 30).toFixed(1)} GiB, at most 2 GiB fit; the largest is that of '${name}' with ${cols} inputs`;
  });
}

/** `count` columns of X have been added up, by row. */
class InputSums {
  readonly value: string;
  private readonly layer: Layer;
  private readonly graph: Graph;
  private readonly addGram: AddGram | undefined;
  private readonly most: number;
  private readonly random: () => number;
  private readonly squares: Float64Array;
  private readonly sums: Float64Array;
  private readonly grams: Float64Array[];
  private readonly buffer: Float32Array;
  private readonly columns = new Map<string, Columns>();
  private held = 0;
  private count = 0;

  constructor(layer: Layer, graph: Graph, addGram: AddGram | undefined, positions: number, seed: number) {
    const length = layer.groups * layer.cols;
    this.layer = layer;
    this.graph = graph;
    this.value = layer.input;
    this.addGram = addGram;
    this.most = addGram ? positions : Number.POSITIVE_INFINITY;
    this.random = seededRandom(seed);
    this.squares = new Float64Array(length);
    this.sums = new Float64Array(length);
    this.grams = addGram ? Array.from({ length: layer.groups }, () => new Float64Array(layer.cols ** 2)) : [];
    this.buffer = new Float32Array(DEPTH * length);
  }

  add({ data, dims }: Tensor): void {
    const key = dims.join();
    const columns = this.columns.get(key) ?? columnsOf(this.layer, this.graph, dims);
    this.columns.set(key, columns);
    const { images, positions, length } = columns;
    const all = Int32Array.from({ length: positions }, (_, p) => p);
    const chosen = Math.min(positions, this.most);
    for (let image = 0; image < images; image++) {
      if (chosen < positions) draw(all, chosen, this.random);
      for (let p = 0; p < chosen; p++) {
        columns.read(data as Float32Array, image, all[p], this.buffer, this.held++ * length);
        if (this.held === DEPTH) this.flush();
      }
    }
  }

  stats(): InputStats {
    this.flush();
    const { count, squares, sums, grams, layer } = this;
    ensure(
      squares.every(Number.isFinite),
      'INVALID_ARGUMENT',
      () => `calibration: the input '${layer.input}' of layer '${layer.name}' is not finite with these data`,
    );
    for (const gram of grams) mirror(gram, layer.cols);
    return { count, squares, sums, ...(this.addGram && { gram: grams }) };
  }

  private flush(): void {
    const { buffer, squares, sums, held } = this;
    const { length } = sums;
    for (let k = 0, at = 0; k < held; k++) {
      for (let i = 0; i < length; i++, at++) {
        const x = buffer[at];
        sums[i] += x;
        squares[i] += x * x;
      }
    }
    this.grams.forEach((gram, g) => {
      this.addGram!(gram, buffer, length, g * this.layer.cols, held);
    });
    this.count += held;
    this.held = 0;
  }
}

/** Puts a random choice of `k` of the numbers in front. */
function draw(all: Int32Array, k: number, random: () => number): void {
  for (let i = 0; i < k; i++) {
    const j = i + Math.floor(random() * (all.length - i));
    const other = all[j];
    all[j] = all[i];
    all[i] = other;
  }
}

/** Zeros and sums of the activation behind a layer, by output. */
class OutputSums {
  readonly value: string;
  private readonly layer: Layer;
  private readonly zeros: Float64Array;
  private readonly sums: Float64Array;
  private count = 0;

  constructor(layer: Layer, graph: Graph) {
    this.layer = layer;
    this.value = activationBehind(layer, graph);
    this.zeros = new Float64Array(layer.rows);
    this.sums = new Float64Array(layer.rows);
  }

  add({ data, dims }: Tensor): void {
    const { rows, op } = this.layer;
    const inner = op === 'Conv' ? sizeOf(dims.slice(2)) : 1;
    for (let at = 0, c = 0; at < data.length; at += inner, c = (c + 1) % rows) {
      for (let i = at; i < at + inner; i++) {
        const x = (data as Float32Array)[i];
        this.sums[c] += x;
        if (x === 0) this.zeros[c]++;
      }
    }
    this.count += data.length / rows;
  }

  /** Over samples and positions. */
  stats(): OutputStats {
    const { count, zeros, sums, layer, value } = this;
    ensure(
      sums.every(Number.isFinite),
      'INVALID_ARGUMENT',
      () => `calibration: '${value}' behind layer '${layer.name}' is not finite with these data`,
    );
    return { count, apoz: zeros.map((n) => n / count), mean: sums.map((sum) => sum / count) };
  }
}
