import type { Padding } from './padding.ts';

export type Activation = 'linear' | 'relu' | 'relu6';

interface Ends {
  name: string;
  input: string;
  output: string;
}

/** Convolution; `depthwise` with one filter a channel. */
export interface Conv extends Ends {
  kind: 'conv' | 'depthwise';
  /** ONNX's order, of `dims` `[outputs, inputs of a group, rows, columns]`. */
  weights: Float32Array;
  dims: readonly number[];
  bias: Float32Array;
  strides: [number, number];
  padding: Padding;
  activation: Activation;
}

/** `y = x W^T + b`, weights of `dims` `[outputs, inputs]`; the inputs of a flattened image are in channels-last order. */
export interface FullyConnected extends Ends {
  kind: 'fullyConnected';
  weights: Float32Array;
  dims: readonly number[];
  bias: Float32Array | undefined;
  activation: Activation;
}

export interface Add extends Ends {
  kind: 'add';
  other: string;
  activation: Activation;
}

export interface MaxPool extends Ends {
  kind: 'maxPool';
  kernel: [number, number];
  strides: [number, number];
  padding: Padding;
}

/** Mean of each channel over an image, `[n, c]`. */
export interface Mean extends Ends {
  kind: 'mean';
}

export interface Reshape extends Ends {
  kind: 'reshape';
}

export type Layer = Conv | FullyConnected | Add | MaxPool | Mean | Reshape;

/** A network as runtimes see it that keep the channels of a pixel together: activations fused, shapes `[n, h, w, c]` or `[rows, features]`. */
export interface ChannelsLast {
  /** In topological order. */
  layers: readonly Layer[];
  /** Of the input and of every output of a layer. */
  shapes: ReadonlyMap<string, readonly number[]>;
  input: string;
  output: string;
}
