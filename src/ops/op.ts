import { ensure } from '../errors.ts';
import type { Call, ValueType } from '../graph/call.ts';
import type { Attr, Node } from '../graph/ir.ts';
import { type DType, Tensor } from '../tensor.ts';
import type { Candidate, LowerCall } from './lower.ts';

export { Call, type KnownValue, type ValueType } from '../graph/call.ts';

/** A node while it is imported: `normalize` turns older opset forms into the newest one. */
export interface OnnxNode {
  node: Node;
  opset: number;
  /** Elements of an input if it is an initializer or a Constant. */
  constant(index: number): Tensor | undefined;
  /** Makes a constant and returns its value name. */
  add(tensor: Tensor): string;
}

/** Operand of a test case: random elements unless `values` is given. */
export interface CaseInput {
  dims: readonly number[];
  type?: DType;
  values?: readonly number[];
  /** Fixed at compile time (weights, axes) instead of fed. */
  constant?: boolean;
  /** Fraction of elements that are not zero; 1 unless given. */
  density?: number;
  /** Fraction of the tiles of its channel planes, 32 neighbours each, that are all zero, and of its channels too. */
  zeroTiles?: number;
}

/** One node to run through the compiler and the runtime and to compare with the reference. */
export interface OpCase {
  name: string;
  attrs?: Record<string, Attr>;
  /** `null` for an absent optional operand. */
  inputs: readonly (CaseInput | null)[];
  clamp?: { lo: number; hi: number };
}

/** One op: everything that the compiler knows about it. */
export interface Op {
  name: string;
  /** ONNX mapping: `normalize` rewrites forms of opsets 7 to 21 into the one that `infer` reads. */
  onnx: { normalize?(n: OnnxNode): void };
  /** Output types. Throws through `call.fail` on operands that do not fit. */
  infer(call: Call): ValueType[];
  /** The definition of the op: plain loops over row-major tensors, without the fused clamp. */
  reference(call: Call, inputs: readonly (Tensor | undefined)[]): Tensor[];
  /** Outputs that are known although not all inputs are constant (Shape). Undefined: not here. */
  fold?(call: Call): readonly Tensor[] | undefined;
  /** Output 0 holds the elements of input 0 in the same row-major order: no kernel is needed. */
  alias?: boolean;
  /**
   * Output 0 is this operand, changed where it stands: what it held is gone. Such nodes come from the planner, which lets nobody else read
   * the operand.
   */
  updates?: number;
  /**
   * Expected share of exact zeros in output 0, given those of the inputs, on inputs that nobody has measured; the fused clamp is not
   * looked at. Absent: none.
   */
  zeros?(call: Call, shares: readonly number[]): number;
  /** Kernels that can run the node. Absent: the node has to fold away before planning. */
  lower?(call: LowerCall): Candidate[];
  cases: readonly OpCase[];
}

/** A float32 operand of the reference, its elements as Float32Array. */
export function floats(t: Tensor | undefined): Float32Array {
  ensure(t?.data instanceof Float32Array, 'INTERNAL', 'a float32 operand was expected');
  return t.data;
}

export const floatTensor = (dims: readonly number[], data: Float32Array): Tensor => new Tensor('float32', data, dims);
