import { ensure } from '../../../src/errors.ts';
import type { Activation, Add, ChannelsLast, Conv, FullyConnected, Layer, MaxPool } from '../layer.ts';
import { permute } from '../order.ts';
import type { Padding as LayerPadding } from '../padding.ts';
import { ActivationFunction, BuiltinOperator, BuiltinOptions, Padding } from './schema.ts';
import { sparseRows } from './sparse.ts';
import { type OptionField, type TfliteOp, type TfliteTensor, writeTflite } from './writer.ts';

export interface FileOptions {
  /** Stores filters that mostly are zeros without them, behind a DENSIFY, which is what XNNPACK takes as wish for sparse kernels. */
  sparse: boolean;
}

/** A network as a TFLite file. */
export function toTflite(network: ChannelsLast, options: FileOptions): Uint8Array {
  const { tensors, ops, input, output } = new Converter(network, options);
  return writeTflite({ tensors, ops, inputs: [input], outputs: [output] });
}

const ACTIVATIONS: Record<Activation, number> = {
  linear: ActivationFunction.NONE,
  relu: ActivationFunction.RELU,
  relu6: ActivationFunction.RELU6,
};

/** Share of zeros from which on values and 16-bit indices are less than the dense filter. */
const SPARSE_FROM = 1 / 3;

class Converter {
  readonly tensors: TfliteTensor[] = [];
  readonly ops: TfliteOp[] = [];
  readonly input: number;
  readonly output: number;
  private readonly network: ChannelsLast;
  private readonly sparse: boolean;
  private readonly values = new Map<string, number>();

  constructor(network: ChannelsLast, { sparse }: FileOptions) {
    this.network = network;
    this.sparse = sparse;
    this.input = this.value(network.input);
    for (const layer of network.layers) this.convert(layer);
    this.output = this.value(network.output);
  }

  private convert(layer: Layer): void {
    switch (layer.kind) {
      case 'conv':
      case 'depthwise':
        this.conv(layer);
        break;
      case 'fullyConnected':
        this.fullyConnected(layer);
        break;
      case 'add':
        this.add(layer);
        break;
      case 'maxPool':
        this.maxPool(layer);
        break;
      case 'mean':
        this.mean(layer);
        break;
      case 'reshape':
        this.reshape(layer);
        break;
    }
  }

  private conv(layer: Conv): void {
    const { kind, name, dims, bias, strides, activation } = layer;
    const [outs, ins, rows, columns] = dims;
    const [input, padding] = this.padded(layer);
    const common: OptionField[] = [
      [0, 'int8', padding],
      [1, 'int32', strides[1]],
      [2, 'int32', strides[0]],
    ];
    const addend = this.constant(`${name}/bias`, [outs], bias);
    const output = this.value(layer.output);
    const act = ACTIVATIONS[activation];
    if (kind === 'conv') {
      const filter = this.filter(name, permute(layer.weights, dims, [0, 2, 3, 1]), [outs, rows, columns, ins]);
      this.put(BuiltinOperator.CONV_2D, [input, filter, addend], output, BuiltinOptions.CONV_2D, [
        ...common,
        [3, 'int8', act],
        [4, 'int32', 1],
        [5, 'int32', 1],
      ]);
      return;
    }
    const filter = this.constant(name, [1, rows, columns, outs], permute(layer.weights, dims, [1, 2, 3, 0]));
    this.put(BuiltinOperator.DEPTHWISE_CONV_2D, [input, filter, addend], output, BuiltinOptions.DEPTHWISE_CONV_2D, [
      ...common,
      [3, 'int32', 1],
      [4, 'int8', act],
      [5, 'int32', 1],
      [6, 'int32', 1],
    ]);
  }

  private fullyConnected({ name, input, output, weights, dims, bias, activation }: FullyConnected): void {
    const filter = this.filter(name, weights, dims);
    const addend = bias ? this.constant(`${name}/bias`, [dims[0]], bias) : -1;
    const options: OptionField[] = [[0, 'int8', ACTIVATIONS[activation]]];
    const inputs = [this.value(input), filter, addend];
    this.put(BuiltinOperator.FULLY_CONNECTED, inputs, this.value(output), BuiltinOptions.FULLY_CONNECTED, options);
  }

  private add({ input, other, output, activation }: Add): void {
    const options: OptionField[] = [[0, 'int8', ACTIVATIONS[activation]]];
    this.put(
      BuiltinOperator.ADD,
      [this.value(input), this.value(other)],
      this.value(output),
      BuiltinOptions.ADD,
      options,
    );
  }

  private maxPool(layer: MaxPool): void {
    const { name, kernel, strides } = layer;
    const from = this.network.layers.find(({ output }) => output === layer.input);
    const explicit = typeof layer.padding !== 'string';
    ensure(
      !explicit || (from && 'activation' in from && from.activation !== 'linear'),
      'UNSUPPORTED_OP',
      () => `MaxPool '${name}': zeros may stand around what is not negative only`,
    );
    const [input, padding] = this.padded(layer);
    this.put(BuiltinOperator.MAX_POOL_2D, [input], this.value(layer.output), BuiltinOptions.POOL_2D, [
      [0, 'int8', padding],
      [1, 'int32', strides[1]],
      [2, 'int32', strides[0]],
      [3, 'int32', kernel[1]],
      [4, 'int32', kernel[0]],
      [5, 'int8', ActivationFunction.NONE],
    ]);
  }

  private mean({ name, input, output }: Layer): void {
    const axes = this.constant(`${name}/axes`, [2], Int32Array.of(1, 2));
    this.put(BuiltinOperator.MEAN, [this.value(input), axes], this.value(output), BuiltinOptions.REDUCER, [
      [0, 'int8', 0],
    ]);
  }

  private reshape({ name, input, output }: Layer): void {
    const shape = this.shape(output);
    const dims = this.constant(`${name}/shape`, [shape.length], Int32Array.from(shape));
    this.put(BuiltinOperator.RESHAPE, [this.value(input), dims], this.value(output));
  }

  /** The input of a layer and its padding; what is neither SAME nor VALID is a PAD before, which XNNPACK takes into a convolution. */
  private padded({ name, input, padding }: { name: string; input: string; padding: LayerPadding }): [number, number] {
    const value = this.value(input);
    if (padding === 'same') return [value, Padding.SAME];
    if (padding === 'valid') return [value, Padding.VALID];
    const { top, bottom, left, right } = padding;
    const [n, h, w, c] = this.shape(input);
    const borders = this.constant(`${name}/pads`, [4, 2], Int32Array.of(0, 0, top, bottom, left, right, 0, 0));
    const wide = this.tensor({ name: `${name}/padded`, shape: [n, h + top + bottom, w + left + right, c] });
    this.put(BuiltinOperator.PAD, [value, borders], wide);
    return [wide, Padding.VALID];
  }

  /** Weights `[outputs, …, inputs]`. */
  private filter(name: string, data: Float32Array, shape: readonly number[]): number {
    const zeros = this.sparse ? data.reduce((n, x) => n + Number(x === 0), 0) : 0;
    if (zeros <= SPARSE_FROM * data.length) return this.constant(name, shape, data);
    const stored = this.tensor({ name: `${name}/sparse`, shape, sparse: sparseRows(data, shape) });
    const dense = this.tensor({ name, shape });
    this.put(BuiltinOperator.DENSIFY, [stored], dense);
    return dense;
  }

  private constant(name: string, shape: readonly number[], data: Float32Array | Int32Array): number {
    return this.tensor({ name, shape, data });
  }

  private value(name: string): number {
    const known = this.values.get(name);
    if (known !== undefined) return known;
    const tensor = this.tensor({ name, shape: this.shape(name) });
    this.values.set(name, tensor);
    return tensor;
  }

  private shape(name: string): readonly number[] {
    return this.network.shapes.get(name)!;
  }

  private tensor(tensor: TfliteTensor): number {
    return this.tensors.push(tensor) - 1;
  }

  private put(
    code: BuiltinOperator,
    inputs: readonly number[],
    output: number,
    type?: number,
    fields: readonly OptionField[] = [],
  ): void {
    this.ops.push({ code, inputs, outputs: [output], options: type === undefined ? undefined : { type, fields } });
  }
}
