import type * as TF from '@tensorflow/tfjs-core';
import { ensure } from '../../src/errors.ts';
import type { ChannelsLast, Conv, FullyConnected, Layer } from './layer.ts';
import { permute } from './order.ts';
import type { Padding } from './padding.ts';

/** A network as calls of TensorFlow.js ops. */
export interface TfjsGraph {
  /** The caller disposes of the result. */
  predict(input: TF.Tensor): TF.Tensor;
  /** Bytes of the weights. */
  bytes: number;
  dispose(): void;
}

/** One layer: its operands to its output. */
type Call = (x: TF.Tensor, other: TF.Tensor) => TF.Tensor;

interface Step {
  call: Call;
  input: string;
  other: string;
  output: string;
  /** Values that nobody reads after this step. */
  dead: string[];
}

/** A layer with weights that many inputs meet. */
export type Weighted = Conv | FullyConnected;

/** Axes of a filter in TensorFlow's order: `[rows, columns, inputs, outputs]`, `[rows, columns, channels, 1]`, `[inputs, outputs]`. */
const ORDERS: Readonly<Record<Weighted['kind'], readonly number[]>> = {
  conv: [2, 3, 1, 0],
  depthwise: [2, 3, 0, 1],
  fullyConnected: [1, 0],
};

/** The weights of a layer in TensorFlow's order. */
export const filterOf = ({ kind, weights, dims }: Weighted): Float32Array => permute(weights, dims, ORDERS[kind]);

/**
 * Uploads the weights of `network`, in TensorFlow's order, and binds each layer to its kernel. `filter` gives them where `weights` of the
 * layers are in that order already.
 */
export function tfjsGraph(
  tf: typeof TF,
  network: ChannelsLast,
  filter: (layer: Weighted) => Float32Array = filterOf,
): TfjsGraph {
  const weights: TF.Tensor[] = [];
  const upload = <T extends TF.Tensor>(data: Float32Array, shape: number[]): T => {
    const tensor = tf.tensor(data, shape, 'float32');
    weights.push(tensor);
    return tensor as T;
  };
  const uploadFilter = <T extends TF.Tensor>(layer: Weighted): T =>
    upload(
      filter(layer),
      ORDERS[layer.kind].map((axis) => layer.dims[axis]),
    );
  const calls = network.layers.map((layer) => bind(tf, layer, network, { upload, uploadFilter }));
  const steps = network.layers.map((layer, i): Step => {
    const operands = operandsOf(layer);
    const dead = operands.filter(
      (name) =>
        name !== network.input &&
        name !== network.output &&
        !network.layers.slice(i + 1).some((l) => operandsOf(l).includes(name)),
    );
    return { call: calls[i], input: layer.input, other: operands[1] ?? layer.input, output: layer.output, dead };
  });
  return {
    predict(input) {
      const values = new Map([[network.input, input]]);
      for (const { call, input, other, output, dead } of steps) {
        values.set(
          output,
          tf.tidy(() => call(values.get(input)!, values.get(other)!)),
        );
        for (const name of dead) values.get(name)!.dispose();
      }
      return values.get(network.output)!;
    },
    bytes: weights.reduce((sum, tensor) => sum + 4 * tensor.size, 0),
    dispose: () => tf.dispose(weights),
  };
}

const operandsOf = (layer: Layer): string[] =>
  layer.kind === 'add' ? [...new Set([layer.input, layer.other])] : [layer.input];

interface Uploads {
  upload<T extends TF.Tensor>(data: Float32Array, shape: number[]): T;
  uploadFilter<T extends TF.Tensor>(layer: Weighted): T;
}

function bind(tf: typeof TF, layer: Layer, { shapes }: ChannelsLast, uploads: Uploads): Call {
  switch (layer.kind) {
    case 'conv':
    case 'depthwise':
      return bindConv(tf, layer, uploads);
    case 'fullyConnected':
      return bindFullyConnected(tf, layer, uploads);
    case 'add': {
      const { activation } = layer;
      if (activation === 'linear') return (x, y) => tf.add(x, y);
      return (x, y) => tf[activation](tf.add(x, y));
    }
    case 'maxPool': {
      const { kernel, strides } = layer;
      const pad = padOf(layer.name, layer.padding);
      return (x) => tf.maxPool(x as TF.Tensor4D, kernel, strides, pad);
    }
    case 'mean':
      return (x) => tf.mean(x, [1, 2]);
    case 'reshape': {
      const shape = [...shapes.get(layer.output)!];
      return (x) => tf.reshape(x, shape);
    }
  }
}

function bindConv(tf: typeof TF, layer: Conv, { upload, uploadFilter }: Uploads): Call {
  const { kind, strides, activation } = layer;
  const pad = padOf(layer.name, layer.padding);
  const bias = upload<TF.Tensor1D>(layer.bias, [layer.dims[0]]);
  const filter = uploadFilter<TF.Tensor4D>(layer);
  if (kind === 'conv') return (x) => tf.fused.conv2d({ x: x as TF.Tensor4D, filter, bias, strides, pad, activation });
  return (x) => tf.fused.depthwiseConv2d({ x: x as TF.Tensor4D, filter, bias, strides, pad, activation });
}

function bindFullyConnected(tf: typeof TF, layer: FullyConnected, { upload, uploadFilter }: Uploads): Call {
  const { dims, activation } = layer;
  // XNNPACK does the product only if neither operand is transposed.
  const b = uploadFilter<TF.Tensor2D>(layer);
  const bias = layer.bias && upload<TF.Tensor1D>(layer.bias, [dims[0]]);
  return (a) => tf.fused.matMul({ a: a as TF.Tensor2D, b, bias, activation });
}

/** Numbers have to be equal on all sides. */
function padOf(name: string, padding: Padding): 'same' | 'valid' | number {
  if (typeof padding === 'string') return padding;
  const { top, bottom, left, right } = padding;
  const equal = top === bottom && top === left && top === right;
  ensure(equal, 'UNSUPPORTED_OP', () => `'${name}': its padding is the same on all sides`);
  return top;
}
