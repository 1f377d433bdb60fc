import { ZeroskipError } from '../errors.ts';
import { type DType, showDims, type Tensor } from '../tensor.ts';
import type { Attr, Graph, Node } from './ir.ts';

/** Type and bound shape of a value. */
export interface ValueType {
  type: DType;
  dims: readonly number[];
}

/** What inference knows of an operand: its type, and its elements where it is constant. */
export interface KnownValue extends ValueType {
  constant?: Tensor;
}

/** One node with what is known of its operands. Errors it raises name the node. */
export class Call {
  readonly node: Node;
  readonly inputs: readonly (KnownValue | undefined)[];

  constructor(node: Node, inputs: readonly (KnownValue | undefined)[]) {
    this.node = node;
    this.inputs = inputs;
  }

  /** An error of the model: `Conv 'features.0': expected …, found …`. */
  fail(message: string): never {
    throw new ZeroskipError('INVALID_MODEL', `${this.node.op} '${this.node.name}': ${message}`);
  }

  /** A legal form of the op that this project does not run. */
  unsupported(message: string): never {
    throw new ZeroskipError('UNSUPPORTED_OP', `${this.node.op} '${this.node.name}': ${message}`);
  }

  expect(condition: unknown, message: () => string): asserts condition {
    if (!condition) this.fail(message());
  }

  input(index: number): KnownValue {
    return this.inputs[index] ?? this.fail(`input ${index} is missing`);
  }

  optional(index: number): KnownValue | undefined {
    return this.inputs[index];
  }

  /** Elements of an operand that has to be known at compile time. */
  constant(index: number): Tensor {
    return (
      this.input(index).constant ??
      this.unsupported(`input ${index} ('${this.node.inputs[index]}') has to be a constant`)
    );
  }

  /** Like {@link constant}, or undefined where the operand is absent. */
  optionalConstant(index: number): Tensor | undefined {
    return this.inputs[index] === undefined ? undefined : this.constant(index);
  }

  int(name: string, fallback?: number): number {
    const value = this.attr(name, fallback);
    this.expect(
      typeof value === 'number' && Number.isInteger(value),
      () => `attribute ${name} is a whole number, found ${value}`,
    );
    return value as number;
  }

  float(name: string, fallback?: number): number {
    const value = this.attr(name, fallback);
    this.expect(typeof value === 'number', () => `attribute ${name} is a number, found ${value}`);
    return value as number;
  }

  string(name: string, fallback?: string): string {
    const value = this.attr(name, fallback);
    this.expect(typeof value === 'string', () => `attribute ${name} is a string, found ${value}`);
    return value as string;
  }

  ints(name: string, fallback?: readonly number[]): readonly number[] {
    const value = this.attr(name, fallback);
    this.expect(
      Array.isArray(value) && value.every((v) => Number.isInteger(v)),
      () => `attribute ${name} is a list of whole numbers, found ${value}`,
    );
    return value as readonly number[];
  }

  has(name: string): boolean {
    return this.node.attrs[name] !== undefined;
  }

  /** `axis` counted from the end if negative, checked against `rank`. */
  axis(axis: number, rank: number): number {
    this.expect(axis >= -rank && axis < rank, () => `axis lies in [-${rank}, ${rank - 1}], found ${axis}`);
    return axis < 0 ? axis + rank : axis;
  }

  /** Fails unless operand `index` has one of `types`. Where a kernel wants float32, the other floating types are legal, but do not run. */
  expectType(index: number, ...types: DType[]): void {
    const found = this.input(index).type;
    if (types.includes(found)) return;
    if (types.includes('float32') && (found === 'float16' || found === 'float64'))
      this.unsupported(`input ${index} is ${found}; kernels compute in float32`);
    this.fail(`input ${index}: expected ${types.join(' or ')}, found ${found}`);
  }

  expectRank(index: number, rank: number): void {
    const { dims } = this.input(index);
    this.expect(dims.length === rank, () => `input ${index} has ${rank} dimensions, found ${showDims(dims)}`);
  }

  private attr(name: string, fallback: Attr | undefined): Attr {
    return this.node.attrs[name] ?? fallback ?? this.fail(`attribute ${name} is missing`);
  }
}

/** The call of a node with what the graph knows of its operands; undefined where the shape of one is not known yet. */
export function callOf(graph: Graph, node: Node): Call | undefined {
  const inputs: (KnownValue | undefined)[] = [];
  for (const name of node.inputs) {
    const value = name === '' ? undefined : graph.values.get(name);
    if (value && !value.dims?.every((d) => typeof d === 'number')) return undefined;
    inputs.push(value && { type: value.type, dims: value.dims as readonly number[], constant: value.constant });
  }
  return new Call(node, inputs);
}
