import type { SampleData } from '../../calibrate/samples.ts';
import { ensure } from '../../errors.ts';
import type { Graph } from '../../graph/ir.ts';
import { sizeOf, type Tensor } from '../../tensor.ts';
import { type RunOptions, runSamples } from '../runs.ts';

/** Mean and variance of the channels of a value over all samples and positions. */
export interface Moments {
  /** Numbers of one channel. */
  count: number;
  mean: Float64Array;
  /** `sum (x - mean)^2 / (count - 1)`, as frameworks keep it for batch normalisation. */
  variance: Float64Array;
}

/** A value, and the axis of its channels; negative ones count from the end. */
export interface Watched {
  name: string;
  axis: number;
}

/**
 * Moments of values by name.
 * @throws ZeroskipError as `runSamples`, and `INVALID_ARGUMENT` for values that are not finite
 */
export async function momentsOf(
  graph: Graph,
  watched: readonly Watched[],
  data: SampleData,
  options: RunOptions,
): Promise<Map<string, Moments>> {
  const sums = new Map(watched.map(({ name, axis }) => [name, new Sums(axis)]));
  await runSamples(graph, [...sums.keys()], data, options, (name, value) => sums.get(name)!.add(value));
  return new Map([...sums].map(([name, own]) => [name, own.moments(name)]));
}

/** Sums of a channel around its first number, which keeps large means from eating the variance. */
class Sums {
  private readonly axis: number;
  private origin = new Float64Array();
  private sums = new Float64Array();
  private squares = new Float64Array();
  private count = 0;

  constructor(axis: number) {
    this.axis = axis;
  }

  add({ data, dims }: Tensor): void {
    const axis = this.axis < 0 ? this.axis + dims.length : this.axis;
    const channels = dims[axis];
    const inner = sizeOf(dims.slice(axis + 1));
    const x = data as Float32Array;
    if (this.count === 0) {
      this.origin = Float64Array.from({ length: channels }, (_, c) => x[c * inner]);
      this.sums = new Float64Array(channels);
      this.squares = new Float64Array(channels);
    }
    const { origin, sums, squares } = this;
    for (let at = 0, c = 0; at < x.length; at += inner, c = c + 1 === channels ? 0 : c + 1) {
      for (let i = at; i < at + inner; i++) {
        const d = x[i] - origin[c];
        sums[c] += d;
        squares[c] += d * d;
      }
    }
    this.count += x.length / channels;
  }

  moments(name: string): Moments {
    const { count, origin, sums, squares } = this;
    ensure(
      squares.every(Number.isFinite),
      'INVALID_ARGUMENT',
      () => `calibration: '${name}' is not finite with these data`,
    );
    return {
      count,
      mean: sums.map((sum, c) => origin[c] + sum / count),
      variance: squares.map((square, c) => Math.max(0, square - sums[c] ** 2 / count) / Math.max(1, count - 1)),
    };
  }
}
