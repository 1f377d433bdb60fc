import { ZERO_TILE, type ZeroStats } from '../ops/lower.ts';
import { sizeOf } from '../tensor.ts';

/**
 * Counts the zeros of one value over many samples: |x| <= threshold, so by default exact ones (-0 is one, NaN is none).
 *
 * A value of rank 4 or more is seen as channel planes `[N, C, positions]`, any other as rows of features, `[positions, C]`. A tile is
 * `ZERO_TILE` neighbours of a plane or row, the last one what is left.
 */
export class ZeroCounts {
  readonly dims: readonly number[];
  readonly channels: number;
  /** Outputs of one channel in one sample. */
  readonly positions: number;
  /** Samples counted. */
  samples = 0;
  private readonly threshold: number;
  private readonly planes: boolean;
  private readonly zeros: Float64Array;
  private tiles = 0;
  private zeroTiles = 0;

  constructor(dims: readonly number[], threshold = 0) {
    this.dims = dims;
    this.threshold = threshold;
    this.planes = dims.length >= 4;
    this.channels = dims.length === 0 ? 1 : dims[this.planes ? 1 : dims.length - 1];
    this.positions = sizeOf(dims) / Math.max(1, this.channels);
    this.zeros = new Float64Array(this.channels);
  }

  /** Adds a sample, row-major. */
  add(data: Float32Array): void {
    const row = this.planes ? sizeOf(this.dims.slice(2)) : this.channels;
    const { zeros, channels, threshold } = this;
    for (let first = 0, r = 0; first < data.length; first += row, r++) {
      const count = this.addTiles(data, first, first + row);
      if (this.planes) zeros[r % channels] += count;
      else for (let c = 0; c < row; c++) if (Math.abs(data[first + c]) <= threshold) zeros[c]++;
    }
    this.samples++;
  }

  /** Counts the tiles of a plane or row. @returns its zeros */
  private addTiles(data: Float32Array, first: number, end: number): number {
    const { threshold } = this;
    let sum = 0;
    for (let from = first; from < end; from += ZERO_TILE) {
      const to = Math.min(from + ZERO_TILE, end);
      let count = 0;
      for (let i = from; i < to; i++) count += Math.abs(data[i]) <= threshold ? 1 : 0;
      sum += count;
      this.tiles++;
      if (count === to - from) this.zeroTiles++;
    }
    return sum;
  }

  /** `APoZ(c) = sum_{n<N} sum_{m<M} [x(c, m)(n) = 0] / (N M)` over N samples of M positions, for each channel c. */
  apoz(): number[] {
    const outputs = this.samples * this.positions;
    return Array.from(this.zeros, (zeros) => (outputs === 0 ? 0 : zeros / outputs));
  }

  /** Shares over all samples. */
  stats(): ZeroStats {
    const size = this.samples * sizeOf(this.dims);
    const zeros = this.zeros.reduce((sum, x) => sum + x, 0);
    return { elements: size && zeros / size, tiles: this.tiles && this.zeroTiles / this.tiles, measured: true };
  }
}
