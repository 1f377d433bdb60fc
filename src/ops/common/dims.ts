import { arrayOf, type DType, numbersOf, sizeOf, stridesOf, Tensor } from '../../tensor.ts';
import type { Call } from '../op.ts';

const MAX_RANK = 32;

/** `dims` of a result; fails on more dimensions than a value can have. */
export function resultDims(call: Call, dims: readonly number[]): number[] {
  if (dims.length > MAX_RANK) call.unsupported(`a value has at most ${MAX_RANK} dimensions, found ${dims.length}`);
  return [...dims];
}

/** Elements of constant operand `index`: a list of int64 or int32. */
export function constantInts(call: Call, index: number): number[] {
  call.expectType(index, 'int64', 'int32');
  call.expect(
    call.input(index).dims.length <= 1,
    () => `input ${index} is a list, found ${call.input(index).dims.length} dimensions`,
  );
  return numbersOf(call.constant(index));
}

/** Like {@link constantInts}, or undefined where the operand is absent. */
export const optionalInts = (call: Call, index: number): number[] | undefined =>
  call.optional(index) === undefined ? undefined : constantInts(call, index);

/** Axes counted from the end where negative, checked against `rank`, each at most once. */
export function distinctAxes(call: Call, axes: readonly number[], rank: number): number[] {
  const found = axes.map((axis) => call.axis(axis, rank));
  call.expect(new Set(found).size === found.length, () => `each axis is given once, found ${axes.join(', ')}`);
  return found;
}

/** `y[index] = element(index)` for every index of `dims` in row-major order. */
export function tensorOf(
  type: DType,
  dims: readonly number[],
  element: (index: readonly number[]) => number | bigint,
): Tensor {
  const data = new (arrayOf(type))(sizeOf(dims));
  const index = dims.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    data[i] = element(index);
    for (let axis = dims.length - 1; axis >= 0 && ++index[axis] === dims[axis]; axis--) index[axis] = 0;
  }
  return new Tensor(type, data, dims);
}

/** Reads elements of a row-major tensor by index. */
export function reader(x: Tensor): (index: readonly number[]) => number | bigint {
  const strides = stridesOf(x.dims);
  return (index) => {
    let at = 0;
    for (let axis = 0; axis < strides.length; axis++) at += index[axis] * strides[axis];
    return x.data[at];
  };
}
