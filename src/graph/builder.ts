import { ensure } from '../errors.ts';
import { type BsrArrays, type CsrArrays, denseFrom } from '../sparse/dense_from.ts';
import { type Dim, type DType, isDType, Tensor } from '../tensor.ts';
import { type Attr, emptyGraph, type Graph, type Node } from './ir.ts';

/** Dense weights with dims, or a sparse matrix whose rows are the outputs. */
export type Weights =
  | Tensor
  | { format?: 'dense'; data: Float32Array | readonly number[]; dims: readonly number[] }
  | CsrArrays
  | BsrArrays;

/** Attributes of a node by their ONNX names. */
export type Attrs = Record<string, Attr>;

/** Attributes of a convolution; `kernel_shape` is needed with sparse weights of more than one tap (`[M, C / group * kh * kw]`). */
export interface ConvOptions {
  name?: string;
  kernel_shape?: readonly number[];
  strides?: readonly number[];
  pads?: readonly number[];
  dilations?: readonly number[];
  group?: number;
  auto_pad?: string;
}

/** Attributes of a pooling node. */
export interface PoolOptions {
  name?: string;
  strides?: readonly number[];
  pads?: readonly number[];
  ceil_mode?: number;
  count_include_pad?: number;
  auto_pad?: string;
}

/**
 * Builds a graph from arrays, without ONNX. Every method returns the name of the value it makes.
 *
 * ```ts
 * const g = new GraphBuilder('mlp');
 * const x = g.input('x', 'float32', ['batch', 784]);
 * const h = g.relu(g.gemm(x, { format: 'csr', rows: 300, cols: 784, rowPtr, colIdx, values }, bias));
 * g.output(g.gemm(h, { data: w2, dims: [10, 300] }), 'logits');
 * const pkg = await compile(g.build());
 * ```
 *
 * Errors are `ZeroskipError`s `INVALID_ARGUMENT` that name the call; shapes are checked when the graph is compiled.
 */
export class GraphBuilder {
  private readonly graph: Graph;
  private readonly serials = new Map<string, number>();
  private built = false;

  constructor(name = 'graph') {
    this.graph = emptyGraph(name);
  }

  /** A graph input; a string among `dims` is a dimension that is bound at compile time. */
  input(name: string, type: DType, dims: readonly Dim[]): string {
    const where = `input('${name}')`;
    this.expect(isDType(type), where, () => `the type is a dtype name, found '${type}'`);
    this.expect(Array.isArray(dims), where, () => `dims are a list, found ${dims}`);
    this.dims(where, dims);
    this.define(where, name, type, dims);
    this.graph.inputs.push(name);
    return name;
  }

  /** A constant. */
  constant(tensor: Tensor, name?: string): string {
    const where = `constant('${name ?? ''}')`;
    this.expect(tensor instanceof Tensor, where, () => 'a Tensor is needed');
    return this.define(where, name ?? this.fresh('constant'), tensor.type, tensor.dims, tensor);
  }

  /**
   * Any op by its ONNX name and attributes (the newest opset's form). `''` is an absent input. Returns the first output; with `outputs`
   * the outputs get these names.
   */
  node(op: string, inputs: readonly string[], attrs: Attrs = {}, outputs?: readonly string[], name?: string): string {
    const label = name ?? this.fresh(op);
    const where = `node('${op}', '${label}')`;
    for (const input of inputs) {
      this.expect(input === '' || this.graph.values.has(input), where, () => `there is no value '${input}'`);
    }
    this.expect(!outputs || outputs.length > 0, where, () => 'a node has at least one output');
    const type = inputs.map((input) => this.graph.values.get(input)?.type).find((found) => found !== undefined);
    const names = outputs ?? [this.fresh(`${label}/out`)];
    for (const output of names) if (output !== '') this.define(where, output, type ?? 'float32', undefined);
    const node: Node = { name: label, op, inputs: [...inputs], outputs: [...names], attrs: { ...attrs } };
    this.graph.nodes.push(node);
    return names[0];
  }

  /** Convolution of `[N, C, H, W]` with weights `[M, C / group, kh, kw]` and a bias of M numbers. */
  conv(
    x: string,
    weights: Weights,
    bias?: Float32Array | readonly number[] | Tensor,
    options: ConvOptions = {},
  ): string {
    const { name, ...attrs } = options;
    const label = name ?? this.fresh('Conv');
    const kernel = options.kernel_shape ?? [1, 1];
    const taps = kernel.reduce((product, k) => product * k, 1);
    const where = `conv('${label}')`;
    const w = this.weights(where, label, weights, (rows, cols) => {
      this.expect(cols % taps === 0, where, () => `${cols} columns are not a multiple of the ${taps} taps`);
      return [rows, cols / taps, ...kernel];
    });
    return this.node('Conv', [x, w, ...this.bias(where, label, bias)], withoutUndefined(attrs), undefined, label);
  }

  /** `y = x W^T + b` with weights `[out, in]`. */
  gemm(
    x: string,
    weights: Weights,
    bias?: Float32Array | readonly number[] | Tensor,
    options: { name?: string } = {},
  ): string {
    const label = options.name ?? this.fresh('Gemm');
    const where = `gemm('${label}')`;
    const w = this.weights(where, label, weights, (rows, cols) => [rows, cols]);
    return this.node('Gemm', [x, w, ...this.bias(where, label, bias)], { transB: 1 }, undefined, label);
  }

  /** `y = x W` with weights `[in, out]` (a sparse matrix has its inputs as rows here), or the product of two values. */
  matMul(x: string, y: string | Weights, options: { name?: string } = {}): string {
    const label = options.name ?? this.fresh('MatMul');
    const right =
      typeof y === 'string' ? y : this.weights(`matMul('${label}')`, label, y, (rows, cols) => [rows, cols]);
    return this.node('MatMul', [x, right], {}, undefined, label);
  }

  relu(x: string): string {
    return this.node('Relu', [x]);
  }

  add(x: string, y: string): string {
    return this.node('Add', [x, y]);
  }

  mul(x: string, y: string): string {
    return this.node('Mul', [x, y]);
  }

  /** `min(max(x, lo), hi)`. */
  clip(x: string, lo: number, hi: number): string {
    const bounds = [lo, hi].map((bound) => this.constant(new Tensor('float32', [bound], [])));
    return this.node('Clip', [x, ...bounds]);
  }

  softmax(x: string, axis = -1): string {
    return this.node('Softmax', [x], { axis });
  }

  maxPool(x: string, kernel: readonly number[], options: PoolOptions = {}): string {
    const { name, ...attrs } = options;
    return this.node('MaxPool', [x], { kernel_shape: kernel, ...withoutUndefined(attrs) }, undefined, name);
  }

  averagePool(x: string, kernel: readonly number[], options: PoolOptions = {}): string {
    const { name, ...attrs } = options;
    return this.node('AveragePool', [x], { kernel_shape: kernel, ...withoutUndefined(attrs) }, undefined, name);
  }

  globalAveragePool(x: string): string {
    return this.node('GlobalAveragePool', [x]);
  }

  flatten(x: string, axis = 1): string {
    return this.node('Flatten', [x], { axis });
  }

  reshape(x: string, dims: readonly number[]): string {
    return this.node('Reshape', [x, this.constant(new Tensor('int64', dims, [dims.length]))]);
  }

  /** `scale * (x - mean) / sqrt(variance + epsilon) + bias` per channel. */
  batchNormalization(
    x: string,
    scale: readonly number[],
    bias: readonly number[],
    mean: readonly number[],
    variance: readonly number[],
    epsilon = 1e-5,
  ): string {
    const vectors = [scale, bias, mean, variance].map((v) => this.constant(new Tensor('float32', v, [v.length])));
    return this.node('BatchNormalization', [x, ...vectors], { epsilon });
  }

  /** Makes `value` a graph output, under `name` if given. An ONNX file is complete only if it declares `dims` of its outputs. */
  output(value: string, name?: string, dims?: readonly Dim[]): string {
    const where = `output('${name ?? value}')`;
    this.expect(this.graph.values.has(value), where, () => `there is no value '${value}'`);
    const surface = name === undefined || name === value ? value : this.node('Identity', [value], {}, [name]);
    this.expect(!this.graph.outputs.includes(surface), where, () => 'it is an output already');
    if (dims) this.dims(where, dims);
    this.graph.outputs.push(surface);
    if (dims) this.graph.values.get(surface)!.dims = [...dims];
    return surface;
  }

  /** The finished graph. The builder cannot be used any more. */
  build(): Graph {
    this.expect(this.graph.outputs.length > 0, 'build()', () => 'the graph has no output');
    this.expect(!this.built, 'build()', () => 'the graph has been built already');
    this.built = true;
    return this.graph;
  }

  private weights(
    where: string,
    label: string,
    weights: Weights,
    dimsOf: (rows: number, cols: number) => number[],
  ): string {
    const name = this.fresh(`${label}/weight`);
    if (weights instanceof Tensor) return this.constant(weights, name);
    const { format = 'dense' } = Object(weights) as Exclude<Weights, Tensor>;
    this.expect(
      typeof weights === 'object' && weights !== null && ['dense', 'csr', 'bsr'].includes(format),
      where,
      () => `weights are a Tensor or arrays in the format 'dense', 'csr' or 'bsr', found ${weights && `'${format}'`}`,
    );
    if (weights.format === 'csr' || weights.format === 'bsr') {
      const dense = denseFrom(weights, `GraphBuilder.${where}`);
      return this.constant(new Tensor('float32', dense, dimsOf(weights.rows, weights.cols)), name);
    }
    return this.constant(this.tensor(where, weights.data, weights.dims), name);
  }

  private bias(where: string, label: string, bias: Float32Array | readonly number[] | Tensor | undefined): string[] {
    if (bias === undefined) return [];
    const tensor = bias instanceof Tensor ? bias : this.tensor(where, bias, [Object(bias).length]);
    return [this.constant(tensor, this.fresh(`${label}/bias`))];
  }

  private tensor(where: string, data: Float32Array | readonly number[], dims: readonly number[]): Tensor {
    this.expect(isList(data) && isList(dims), where, () => `data and dims are arrays, found ${data} and ${dims}`);
    const size = dims.reduce((product, d) => product * d, 1);
    this.expect(
      size === data.length,
      where,
      () => `dims [${dims.join(', ')}] need ${size} numbers, found ${data.length}`,
    );
    return new Tensor('float32', data, dims);
  }

  private dims(where: string, dims: readonly Dim[]): void {
    const fine = dims.every((d) => (typeof d === 'string' ? d !== '' : Number.isSafeInteger(d) && d >= 0));
    this.expect(fine, where, () => `a dimension is a whole number or a name, found [${dims.join(', ')}]`);
  }

  private define(where: string, name: string, type: DType, dims?: readonly Dim[], constant?: Tensor): string {
    this.expect(!this.built, where, () => 'the graph has been built already');
    this.expect(typeof name === 'string' && name !== '', where, () => 'a value needs a name');
    this.expect(!this.graph.values.has(name), where, () => `the name '${name}' is taken`);
    this.graph.values.set(name, constant ? { name, type, dims, constant } : { name, type, dims });
    return name;
  }

  private fresh(base: string): string {
    for (;;) {
      const serial = this.serials.get(base) ?? 0;
      this.serials.set(base, serial + 1);
      const name = serial === 0 ? base : `${base}.${serial}`;
      if (!this.graph.values.has(name)) return name;
    }
  }

  private expect(condition: boolean, where: string, message: () => string): asserts condition {
    ensure(condition, 'INVALID_ARGUMENT', () => `GraphBuilder.${where}: ${message()}`);
  }
}

const isList = (x: unknown): boolean => Array.isArray(x) || ArrayBuffer.isView(x);

const withoutUndefined = (attrs: Record<string, Attr | undefined>): Attrs =>
  Object.fromEntries(Object.entries(attrs).filter((entry): entry is [string, Attr] => entry[1] !== undefined));
