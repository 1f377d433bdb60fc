import { showDims, stridesOf } from '../../tensor.ts';
import type { Call } from '../op.ts';
import { resultDims } from './dims.ts';

/** Numpy broadcasting of operands 0 and 1: dims align at the right, and a dim of 1 stretches. */
export const broadcastDims = (call: Call): number[] => broadcastShapes(call, [0, 1]);

/** Numpy broadcasting of the given operands. */
export function broadcastShapes(call: Call, operands: readonly number[]): number[] {
  const shapes = operands.map((index) => call.input(index).dims);
  const rank = Math.max(...shapes.map((dims) => dims.length));
  const dims = Array.from({ length: rank }, (_, i) => {
    const own = shapes.map((shape) => shape[i - rank + shape.length] ?? 1);
    const long = own.find((d) => d !== 1) ?? 1;
    call.expect(
      own.every((d) => d === 1 || d === long),
      () => `operands broadcast, found dims ${shapes.map(showDims).join(' and ')}`,
    );
    return long;
  });
  return resultDims(call, dims);
}

/** Steps through an operand of `dims` and `strides` for each dim of the broadcast result: 0 where it is stretched or absent. */
export function broadcastSteps(
  dims: readonly number[],
  result: readonly number[],
  strides: readonly number[] = stridesOf(dims),
): number[] {
  const shift = result.length - dims.length;
  return result.map((_, i) => (i < shift || dims[i - shift] === 1 ? 0 : strides[i - shift]));
}

/** Calls `visit` with the element index of each operand for every index of `dims` in row-major order. */
export function walkBroadcast(
  dims: readonly number[],
  steps: readonly (readonly number[])[],
  visit: (offsets: readonly number[]) => void,
): void {
  const index = dims.map(() => 0);
  const offsets = steps.map(() => 0);
  const size = dims.reduce((product, d) => product * d, 1);
  for (let done = 0; done < size; done++) {
    visit(offsets);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const wrap = ++index[axis] === dims[axis];
      for (let o = 0; o < offsets.length; o++) offsets[o] += steps[o][axis] * (wrap ? 1 - dims[axis] : 1);
      if (!wrap) break;
      index[axis] = 0;
    }
  }
}
