import type { Facts } from '../lib/results.ts';
import type { Summary } from '../lib/stats.ts';
import type { Allocation, Method } from '../prune/results.ts';

export const HEADS = ['alexa', 'hey_jarvis', 'hey_mycroft', 'hey_rhasspy', 'timer', 'weather'] as const;
export const NETWORKS = [...HEADS, 'embedding'] as const;
export type WakewordName = (typeof NETWORKS)[number];

export const SPARSITIES = [50, 70, 80, 90, 95] as const;

/** Error of a pruned network on the held-out inputs, in front of its last Sigmoid or Softmax. */
export interface Point {
  /** Per cent of zeros in all weights. */
  sparsity: number;
  /** `max |a - b| / max |b|`, b of the dense network. */
  error: number;
  /** `sum (a - b)^2 / sum b^2`. */
  mse: number;
}

export interface Curve {
  method: Method;
  allocation: Allocation;
  points: Point[];
}

/** What ran: ours with the dense network, ours with the pruned one, peers with either. */
export type Contestant = `${'zeroskip' | 'ort-web' | 'ort-node'} ${'dense' | 'pruned'}`;

export interface WakewordNetwork {
  name: WakewordName;
  /** Weights of the layers that are pruned. */
  weights: number;
  /** Inputs that calibrate, and those that are held out. */
  samples: { calibration: number; heldOut: number };
  curves: Curve[];
  /** Why a method has no curve. */
  skipped: { method: Method; reason: string }[];
  /** Milliseconds of one inference of the whole network, alternating in one process; pruned by SparseGPT at the same share in each layer. */
  latency: { sparsity: number; times: Record<Contestant, Summary> };
  /** Bytes of the ONNX file and of packages. */
  bytes: { onnx: number; dense: number; pruned: number };
}

export interface WakewordResults extends Facts {
  kind: 'wakeword';
  variant: 'simd' | 'relaxed';
  package: string;
  /** Where the inputs come from. */
  data: string;
  networks: WakewordNetwork[];
}
