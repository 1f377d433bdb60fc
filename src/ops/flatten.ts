import { sizeOf } from '../tensor.ts';
import { aliasOp } from './common/alias.ts';
import type { Call, Op } from './op.ts';

/** `[d0 * … * d(axis-1), d(axis) * …]`; an axis equal to the rank leaves one column. */
function flattenedDims(call: Call): number[] {
  const { dims } = call.input(0);
  const axis = call.int('axis', 1);
  const start = axis === dims.length ? axis : call.axis(axis, dims.length);
  return [sizeOf(dims.slice(0, start)), sizeOf(dims.slice(start))];
}

/** `y` = the elements of `x` as a matrix: the axes before `axis` are rows, the others columns. */
export const flatten: Op = aliasOp({
  name: 'Flatten',
  dims: flattenedDims,
  cases: [
    { name: 'images', inputs: [{ dims: [2, 3, 4, 5] }] },
    { name: 'axis 0', attrs: { axis: 0 }, inputs: [{ dims: [2, 3, 4] }] },
    { name: 'last axis', attrs: { axis: -1 }, inputs: [{ dims: [2, 3, 4] }] },
    { name: 'behind the last axis', attrs: { axis: 3 }, inputs: [{ dims: [2, 3, 4] }] },
    { name: 'one axis', inputs: [{ dims: [5] }] },
  ],
});
