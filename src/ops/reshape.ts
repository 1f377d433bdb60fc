import { showDims, sizeOf } from '../tensor.ts';
import { aliasOp } from './common/alias.ts';
import { constantInts } from './common/dims.ts';
import { ints } from './common/legacy.ts';
import type { Call, Op } from './op.ts';

/** The shape operand with 0 replaced by the dim of the input (unless `allowzero`) and one -1 by what remains. */
function reshapedDims(call: Call): number[] {
  const { dims } = call.input(0);
  const shape = constantInts(call, 1);
  const allowZero = call.int('allowzero', 0) === 1;
  const result = shape.map((d, i) => {
    call.expect(d >= -1, () => `a dimension of the shape is >= -1, found ${d}`);
    if (d !== 0 || allowZero) return d;
    call.expect(i < dims.length, () => `0 in the shape copies dimension ${i}, the input is ${showDims(dims)}`);
    return dims[i];
  });
  const size = sizeOf(dims);
  const open = result.indexOf(-1);
  if (open >= 0) {
    const rest = sizeOf(result.filter((_, i) => i !== open));
    call.expect(
      result.lastIndexOf(-1) === open && rest > 0 && size % rest === 0,
      () => `shape ${showDims(shape)} does not divide the ${size} elements of ${showDims(dims)}`,
    );
    result[open] = size / rest;
  }
  call.expect(
    sizeOf(result) === size,
    () => `shape ${showDims(shape)} has as many elements as the input ${showDims(dims)}`,
  );
  return result;
}

/** `y` = the elements of `x` under the dims of the constant operand `shape`. */
export const reshape: Op = aliasOp({
  name: 'Reshape',
  dims: reshapedDims,
  cases: [
    { name: 'flat', inputs: [{ dims: [2, 3, 5] }, ints(30)] },
    { name: 'copied and open', inputs: [{ dims: [2, 3, 4] }, ints(0, -1)] },
    { name: 'scalar', inputs: [{ dims: [1] }, ints()] },
    { name: 'from planes', inputs: [{ dims: [2, 3, 4, 5] }, ints(2, 60)] },
    { name: 'no elements', attrs: { allowzero: 1 }, inputs: [{ dims: [0, 3] }, ints(3, 0)] },
    { name: 'int64', inputs: [{ dims: [2, 3], type: 'int64' }, ints(3, 2)] },
  ],
});
