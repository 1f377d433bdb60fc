import { showDims } from '../tensor.ts';
import { aliasOp } from './common/alias.ts';
import { distinctAxes, optionalInts } from './common/dims.ts';
import { attrToInput, ints } from './common/legacy.ts';
import type { Call, Op } from './op.ts';

function squeezedDims(call: Call): number[] {
  const { dims } = call.input(0);
  const axes = optionalInts(call, 1);
  if (!axes) return dims.filter((d) => d !== 1);
  const gone = new Set(distinctAxes(call, axes, dims.length));
  for (const axis of gone) call.expect(dims[axis] === 1, () => `axis ${axis} of ${showDims(dims)} has length 1`);
  return dims.filter((_, axis) => !gone.has(axis));
}

/** `y` = `x` without the axes of length 1 in the constant operand `axes`, or without all of them. */
export const squeeze: Op = aliasOp({
  name: 'Squeeze',
  normalize: (n) => {
    if (n.opset < 13) attrToInput(n, 'axes', 1);
  },
  dims: squeezedDims,
  cases: [
    { name: 'all', inputs: [{ dims: [1, 3, 1, 5] }] },
    { name: 'some', inputs: [{ dims: [1, 3, 1, 5] }, ints(-2)] },
    { name: 'to a scalar', inputs: [{ dims: [1, 1] }] },
  ],
});
