import { showDims, sizeOf } from '../tensor.ts';
import { constantInts, reader, resultDims, tensorOf } from './common/dims.ts';
import { ints } from './common/legacy.ts';
import { lowerMovement } from './common/move.ts';
import type { View } from './lower.ts';
import type { Call, Op } from './op.ts';

/** Dims of the input and the constant operand `shape` under broadcasting: aligned at the right, a 1 on either side stretches. */
function expandedDims(call: Call): number[] {
  const { dims } = call.input(0);
  const shape = constantInts(call, 1);
  const rank = Math.max(dims.length, shape.length);
  const result = Array.from({ length: rank }, (_, i) => {
    const own = dims[i - rank + dims.length] ?? 1;
    const asked = shape[i - rank + shape.length] ?? 1;
    call.expect(
      asked >= 0 && (own === asked || own === 1 || asked === 1),
      () => `dims ${showDims(dims)} expand to the shape, found ${showDims(shape)}`,
    );
    return own === 1 ? asked : own;
  });
  return resultDims(call, result);
}

/** `y` = `x` broadcast to the constant operand `shape`. Any element type. */
export const expand: Op = {
  name: 'Expand',
  onnx: {},
  infer: (call) => [{ type: call.input(0).type, dims: expandedDims(call) }],
  reference(call, [x]) {
    const dims = expandedDims(call);
    const shift = dims.length - x!.dims.length;
    const read = reader(x!);
    return [tensorOf(x!.type, dims, (index) => read(x!.dims.map((d, axis) => (d === 1 ? 0 : index[axis + shift]))))];
  },
  lower(call) {
    const dims = expandedDims(call);
    const own = call.input(0).dims;
    const shift = dims.length - own.length;
    const from = (view: View): View => ({
      offset: view.offset,
      strides: dims.map((_, axis) => (axis < shift || own[axis - shift] === 1 ? 0 : view.strides[axis - shift])),
    });
    if (sizeOf(own) === 0) return lowerMovement(call, { moves: [] });
    return lowerMovement(call, { moves: [{ input: 0, dims, from }] });
  },
  cases: [
    { name: 'rows', inputs: [{ dims: [1, 5] }, ints(3, 5)] },
    { name: 'columns', inputs: [{ dims: [3, 1] }, ints(3, 9)] },
    { name: 'new axes', inputs: [{ dims: [4] }, ints(2, 3, 4)] },
    { name: 'both ways', inputs: [{ dims: [3, 1, 5] }, ints(4, 1)] },
    { name: 'scalar', inputs: [{ dims: [] }, ints(17)] },
    { name: 'planes', inputs: [{ dims: [2, 3, 1, 1] }, ints(2, 3, 4, 5)] },
    { name: 'int64', inputs: [{ dims: [1, 3], type: 'int64' }, ints(2, 3)] },
  ],
};
