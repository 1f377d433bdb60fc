import { arrayOf, type DType, Tensor } from '../../tensor.ts';
import type { Call, Op } from '../op.ts';
import { binaryCases } from './binary_cases.ts';
import { lowerBinary } from './binary_lower.ts';
import { broadcastDims, broadcastSteps, walkBroadcast } from './broadcast.ts';

/** What one elementwise op of two operands adds to the shared machinery. */
interface BinarySpec {
  name: string;
  /** One of `BINARY_*`. */
  kind: number;
  float(a: number, b: number): number;
  /** int32 operands; the result is taken modulo 2^32. */
  int(a: number, b: number): number;
  /** int64 operands; the result is taken modulo 2^64. */
  bigint(a: bigint, b: bigint): bigint;
  zeros?: Op['zeros'];
  /** Checks of integer operands beyond their types. */
  checkIntegers?(call: Call, b: Tensor): void;
}

const TYPES: readonly DType[] = ['float32', 'int32', 'int64'];

function functionOf(spec: BinarySpec, type: DType): (a: never, b: never) => number | bigint {
  if (type === 'int64') return spec.bigint;
  return type === 'int32' ? spec.int : spec.float;
}

function referenceBinary(call: Call, spec: BinarySpec, a: Tensor, b: Tensor): Tensor {
  const dims = broadcastDims(call);
  if (a.type !== 'float32') spec.checkIntegers?.(call, b);
  const f = functionOf(spec, a.type) as (a: number | bigint, b: number | bigint) => number | bigint;
  const y = new (arrayOf(a.type))(dims.reduce((product, d) => product * d, 1));
  let i = 0;
  walkBroadcast(dims, [broadcastSteps(a.dims, dims), broadcastSteps(b.dims, dims)], ([ia, ib]) => {
    y[i++] = f(a.data[ia], b.data[ib]);
  });
  return new Tensor(a.type, y, dims);
}

/** An elementwise op `y = a op b` with numpy broadcasting, in the layouts dense, planes and columns. Integers fold at compile time only. */
export function binaryOp(spec: BinarySpec): Op {
  return {
    name: spec.name,
    onnx: {},
    infer(call) {
      call.expectType(0, ...TYPES);
      call.expectType(1, call.input(0).type);
      return [{ type: call.input(0).type, dims: broadcastDims(call) }];
    },
    reference: (call, [a, b]) => [referenceBinary(call, spec, a!, b!)],
    zeros: spec.zeros,
    lower: (call) => lowerBinary(call, spec.name, spec.kind),
    cases: binaryCases(),
  };
}
