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

/** Uploads the weights of `network`, in TensorFlow's order, and binds each layer to its kernel. */
export function tfjsGraph(tf: typeof TF, network: ChannelsLast): TfjsGraph {
  const weights: TF.Tensor[] = [];
  const upload = <T extends TF.Tensor>(data: Float32Array, shape: number[]): T => {
    const tensor = tf.tensor(data, shape, 'float32');
    weights.push(tensor);
    return tensor as T;
  };
  const calls = network.layers.map((layer) => bind(tf, layer, network, upload));
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

type Upload = <T extends TF.Tensor>(data: Float32Array, shape: number[]) => T;

function bind(tf: typeof TF, layer: Layer, { shapes }: ChannelsLast, upload: Upload): Call {
  switch (layer.kind) {
    case 'conv':
    case 'depthwise':
      return bindConv(tf, layer, upload);
    case 'fullyConnected':
      return bindFullyConnected(tf, layer, upload);
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

function bindConv(tf: typeof TF, layer: Conv, upload: Upload): Call {
  const { kind, dims, strides, activation } = layer;
  const [outs, ins, rows, columns] = dims;
  const pad = padOf(layer.name, layer.padding);
  const bias = upload<TF.Tensor1D>(layer.bias, [outs]);
  if (kind === 'conv') {
    const filter = upload<TF.Tensor4D>(permute(layer.weights, dims, [2, 3, 1, 0]), [rows, columns, ins, outs]);
    return (x) => tf.fused.conv2d({ x: x as TF.Tensor4D, filter, bias, strides, pad, activation });
  }
  const filter = upload<TF.Tensor4D>(permute(layer.weights, dims, [2, 3, 0, 1]), [rows, columns, outs, 1]);
  return (x) => tf.fused.depthwiseConv2d({ x: x as TF.Tensor4D, filter, bias, strides, pad, activation });
}

function bindFullyConnected(tf: typeof TF, layer: FullyConnected, upload: Upload): Call {
  const { dims, activation } = layer;
  // XNNPACK does the product only if neither operand is transposed.
  const b = upload<TF.Tensor2D>(permute(layer.weights, dims, [1, 0]), [dims[1], dims[0]]);
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
