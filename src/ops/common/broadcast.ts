import { showDims, stridesOf } from '../../tensor.ts';
import type { Call } from '../op.ts';
import { resultDims } from './dims.ts';

/** Numpy broadcasting of operands 0 and 1: dims align at the right, and a dim of 1 stretches. */
export function broadcastDims(call: Call): number[] {
  const a = call.input(0).dims;
  const b = call.input(1).dims;
  const rank = Math.max(a.length, b.length);
  const dims = Array.from({ length: rank }, (_, i) => {
    const da = a[i - rank + a.length] ?? 1;
    const db = b[i - rank + b.length] ?? 1;
    call.expect(
      da === db || da === 1 || db === 1,
      () => `operands broadcast, found dims ${showDims(a)} and ${showDims(b)}`,
    );
    return da === 1 ? db : da;
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
