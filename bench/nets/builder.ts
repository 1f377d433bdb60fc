import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { sizeOf, Tensor } from '../../src/tensor.ts';
import type { Pattern } from './net.ts';
import { blockRows, prune, type Weight } from './prune.ts';
import { normals, seedOf } from './random.ts';

/** Names of what a net reads and makes. */
export const INPUT = 'input';
export const OUTPUT = 'output';

/** A value of a net; images are square. `energy` is the mean square that its elements are expected to have. */
export interface Signal {
  value: string;
  channels: number;
  size: number;
  energy: number;
}

/** What a layer with weights may say beside its sizes. */
export interface LayerOptions {
  /** Variance that its outputs shall have, 1 unless set. */
  variance?: number;
  /** False for weights that stay dense. */
  pruned?: boolean;
  /** It is the last layer. */
  last?: boolean;
}

export interface ConvOptions extends LayerOptions {
  kernel?: number;
  stride?: number;
  depthwise?: boolean;
}

const BIAS_DEVIATION = 0.05;

/** Variance that one residual branch adds to a signal of variance 1. */
export const BRANCH_VARIANCE = 0.25;

/** What is left of the mean square of ReLU outputs after pooling their mean over an image: neighbours resemble each other. */
const MEAN_POOL_GAIN = 0.75;

/** What pooling the maximum of k x k ReLU outputs makes of their mean square. */
const maxPoolGain = (k: number): number => k ** 2 / 2;

/**
 * Builds a net whose values keep about unit variance at every sparsity.
 *
 * Weights are normal, then pruned, then scaled so that what is left gives the layer's outputs the wanted variance:
 * `variance = energy of the input * sum of squared weights of an output`, on average over the outputs; taps in a zero border give
 * nothing. A dense layer behind a ReLU gets He's variance `2 / fan-in` this way. Seeds depend on the net and the layer only, so a net at
 * different sparsities is the same net, pruned.
 */
export class NetBuilder {
  private readonly g: GraphBuilder;
  private readonly seed: string;
  private readonly sparsity: number;
  private readonly pattern: Pattern;
  private layers = 0;

  constructor(name: string, seed: string, sparsity: number, pattern: Pattern) {
    this.g = new GraphBuilder(name);
    this.seed = seed;
    this.sparsity = sparsity;
    this.pattern = pattern;
  }

  /** The input: `[1, channels, size, size]`, `[1, channels]` or `[1, tokens, channels]`. */
  input(dims: readonly number[]): Signal {
    const value = this.g.input(INPUT, 'float32', dims);
    const image = dims.length === 4;
    return { value, channels: image ? dims[1] : dims[dims.length - 1], size: image ? dims[2] : 1, energy: 1 };
  }

  /** Convolution with a bias; pads keep the size at stride 1. */
  conv(x: Signal, outs: number, options: ConvOptions = {}): Signal {
    const { kernel = 1, stride = 1, depthwise = false, variance = 1 } = options;
    const pad = (kernel - 1) / 2;
    const size = Math.floor((x.size - 1) / stride) + 1;
    const ins = depthwise ? 1 : x.channels;
    const energy = x.energy * coverage(x.size, size, kernel, stride, pad) ** 2;
    const { data } = this.rows(outs, ins * kernel * kernel, energy, { pruned: !depthwise, ...options });
    const value = this.g.conv(x.value, { data, dims: [outs, ins, kernel, kernel] }, this.bias(outs), {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
      group: depthwise ? outs : 1,
    });
    return { value, channels: outs, size, energy: variance + BIAS_DEVIATION ** 2 };
  }

  /** Fully connected layer with a bias. */
  gemm(x: Signal, outs: number, options: LayerOptions = {}): Signal {
    const { variance = 1, last = false } = options;
    const { data } = this.rows(outs, x.channels, x.energy, options);
    const weight = this.g.constant(new Tensor('float32', data, [outs, x.channels]), `fc${this.layers}/weight`);
    const bias = this.g.constant(new Tensor('float32', this.bias(outs)), `fc${this.layers}/bias`);
    const value = this.g.node('Gemm', [x.value, weight, bias], { transB: 1 }, last ? [OUTPUT] : undefined);
    return { value, channels: outs, size: 1, energy: variance + BIAS_DEVIATION ** 2 };
  }

  /** Fully connected layer without a bias, weights `[in, out]`. */
  matMul(x: Signal, outs: number, options: LayerOptions = {}): Signal {
    const { variance = 1 } = options;
    const strides = { outStride: 1, columnStride: outs };
    const { data } = this.weights({ outs, columns: x.channels, ...strides }, x.energy, options);
    const value = this.g.matMul(x.value, { data, dims: [x.channels, outs] });
    return { ...x, value, channels: outs, energy: variance };
  }

  /** The sum of two signals that do not depend on each other. */
  add(x: Signal, branch: Signal, last = false): Signal {
    const value = this.g.node('Add', [x.value, branch.value], {}, last ? [OUTPUT] : undefined);
    return { ...x, value, energy: x.energy + branch.energy };
  }

  /** Half of a symmetric signal is left. */
  relu(x: Signal): Signal {
    return { ...x, value: this.g.relu(x.value), energy: x.energy / 2 };
  }

  /** `relu(x + branch)` for `x >= 0`: little of it is cut off. */
  reluOfSum(x: Signal, branch: Signal): Signal {
    const sum = this.add(x, branch);
    return { ...sum, value: this.g.relu(sum.value) };
  }

  relu6(x: Signal): Signal {
    return { ...x, value: this.g.clip(x.value, 0, 6), energy: x.energy / 2 };
  }

  maxPool(x: Signal, kernel: number, stride: number, pad = 0): Signal {
    const value = this.g.maxPool(x.value, [kernel, kernel], { strides: [stride, stride], pads: [pad, pad, pad, pad] });
    const size = Math.floor((x.size + 2 * pad - kernel) / stride) + 1;
    return { ...x, value, size, energy: x.energy * maxPoolGain(kernel) };
  }

  /** Mean of each plane, as a vector. */
  meanPool(x: Signal): Signal {
    const value = this.g.flatten(this.g.globalAveragePool(x.value));
    return { ...x, value, size: 1, energy: x.energy * MEAN_POOL_GAIN };
  }

  flatten(x: Signal): Signal {
    return { ...x, value: this.g.flatten(x.value), channels: x.channels * x.size ** 2, size: 1 };
  }

  /** The graph, whose output is that of the layer marked `last`. */
  build(dims: readonly number[]): Graph {
    this.g.output(OUTPUT, OUTPUT, dims);
    return this.g.build();
  }

  private rows(outs: number, columns: number, energy: number, options: LayerOptions): Weight {
    return this.weights({ outs, columns, outStride: columns, columnStride: 1 }, energy, options);
  }

  private weights(shape: Omit<Weight, 'data'>, energy: number, options: LayerOptions): Weight {
    const { variance = 1, pruned = true } = options;
    this.layers++;
    const data = normals(sizeOf([shape.outs, shape.columns]), seedOf(`${this.seed} weight ${this.layers}`));
    const weight = { ...shape, data };
    if (pruned) prune(weight, blockRows(this.pattern), this.sparsity / 100);
    let sum = 0;
    for (let i = 0; i < data.length; i++) sum += data[i] ** 2;
    const factor = Math.sqrt((variance * shape.outs) / (energy * sum));
    for (let i = 0; i < data.length; i++) data[i] *= factor;
    return weight;
  }

  private bias(outs: number): Float32Array {
    return normals(outs, seedOf(`${this.seed} bias ${this.layers}`)).map((b) => b * BIAS_DEVIATION);
  }
}

/** Share of the taps of a window along one axis that lie in the image, on average over the outputs. */
function coverage(size: number, outputs: number, kernel: number, stride: number, pad: number): number {
  let inside = 0;
  for (let o = 0; o < outputs; o++) {
    const first = o * stride - pad;
    inside += Math.min(first + kernel, size) - Math.max(first, 0);
  }
  return inside / (outputs * kernel);
}
