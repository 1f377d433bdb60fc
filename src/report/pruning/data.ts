import type { ApozLayer } from '../../calibrate/apoz.ts';
import type { MetricName, Quality } from '../../prune/metric.ts';
import type { Tradeoff } from '../../prune/tradeoff.ts';
import type { Summary } from '../summary.ts';

/** Numbers of weights by value. Zeros are counted apart, since bars of them would flatten the rest. */
export interface Histogram {
  /** Bins are equal parts of `[-limit, limit]`; the middle edge is 0. */
  limit: number;
  /** Weights that are not zero. */
  counts: number[];
  zeros: number;
  /** Weights outside of the limits. */
  beyond: number;
}

/** W as a picture: shares of non-zero weights in bins of `binRows` outputs by `binCols` inputs; those at the edges may be smaller. */
export interface Picture {
  rows: number;
  cols: number;
  binRows: number;
  binCols: number;
  /** `[rows, cols]`, row-major, 0 to 1, in thousandths. */
  densities: number[];
}

/** One layer of one network, as a matrix W of `rows` outputs by `cols` inputs (times taps). */
export interface LayerFacts {
  /** Dims of the initializer. */
  dims: number[];
  rows: number;
  cols: number;
  nonZeros: number;
  /** Share of zero weights. */
  sparsity: number;
  /** Shares of all-zero rows and columns of W, and of input channels: all the columns of an input. */
  zeroRows: number;
  zeroCols: number;
  zeroChannels: number;
  /** Structure that was found by counting. */
  pattern: string;
  /** Multiplications by weights that are not zero. */
  macs: number;
  /** What the planner takes: weight format, bytes of the weights and their row numbers, time in ns. None where it computes the layer otherwise. */
  cost?: { format: string; bytes: number; ns: number };
  histogram: Histogram;
  picture: Picture;
}

export interface ReportLayer {
  name: string;
  op: string;
  dense: LayerFacts;
  pruned?: LayerFacts;
}

/** A whole network. */
export interface NetworkFacts {
  quality?: Quality;
  /** Time of a run in ns, bytes of the package. */
  ns: number;
  bytes: number;
  macs: number;
  weights: number;
  nonZeros: number;
}

/** Trade-off curves with what no other point beats, by index into `points`. */
export interface TradeoffFacts extends Tradeoff {
  front: { sparsity: number[]; latency: number[] };
}

/** Losses of the network with one layer pruned alone. */
export interface SensitivityFacts {
  criterion: string;
  pattern: string;
  sparsities: number[];
  /** Loss in the metric at each sparsity: accuracy lost (0 to 1), or relative squared output error. */
  layers: { name: string; losses: number[] }[];
}

/** Zeros behind activations. */
export interface ApozFacts {
  samples: number;
  dense: (ApozLayer & { summary: Summary })[];
  pruned?: (ApozLayer & { summary: Summary })[];
}

/** What a report shows. */
export interface ReportData {
  /** Names of the networks. */
  model: string;
  pruned?: string;
  /** What counts as quality; none without data. */
  metric?: MetricName;
  samples: number;
  measured: boolean;
  summary: { dense: NetworkFacts; pruned?: NetworkFacts };
  /** What `prune` left in the metadata of the pruned network. */
  recipe?: unknown;
  measurements?: unknown;
  layers: ReportLayer[];
  tradeoff?: TradeoffFacts;
  sensitivity?: SensitivityFacts;
  apoz?: ApozFacts;
  notes: string[];
}
