import { aliasOp } from './common/alias.ts';
import { constantInts, distinctAxes } from './common/dims.ts';
import { attrToInput, ints } from './common/legacy.ts';
import type { Call, Op } from './op.ts';

function unsqueezedDims(call: Call): number[] {
  const { dims } = call.input(0);
  const axes = constantInts(call, 1);
  const rank = dims.length + axes.length;
  const added = new Set(distinctAxes(call, axes, rank));
  const rest = dims[Symbol.iterator]();
  return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (rest.next().value as number)));
}

/** `y` = `x` with axes of length 1 at the places in `y` that the constant operand `axes` lists. */
export const unsqueeze: Op = aliasOp({
  name: 'Unsqueeze',
  normalize: (n) => {
    if (n.opset < 13) attrToInput(n, 'axes', 1);
  },
  dims: unsqueezedDims,
  cases: [
    { name: 'front', inputs: [{ dims: [3, 5] }, ints(0)] },
    { name: 'several', inputs: [{ dims: [3, 5] }, ints(-1, 1)] },
    { name: 'scalar', inputs: [{ dims: [] }, ints(0)] },
  ],
});
