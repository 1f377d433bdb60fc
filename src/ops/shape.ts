import { Tensor } from '../tensor.ts';
import type { Call, Op } from './op.ts';

/** The dims from `start` to `end`, both counted from the end if negative and cut to the rank. */
function shapeOf(call: Call): Tensor {
  const { dims } = call.input(0);
  const at = (index: number) => Math.min(Math.max(index < 0 ? index + dims.length : index, 0), dims.length);
  const list = dims.slice(at(call.int('start', 0)), at(call.int('end', dims.length)));
  return new Tensor('int64', list);
}

/** `y = the dims of x`, int64. Always known at compile time. */
export const shape: Op = {
  name: 'Shape',
  onnx: {},
  infer(call) {
    const { type, dims } = shapeOf(call);
    return [{ type, dims }];
  },
  reference: (call) => [shapeOf(call)],
  fold: (call) => [shapeOf(call)],
  cases: [
    { name: 'all', inputs: [{ dims: [2, 3, 5] }] },
    { name: 'slice', attrs: { start: -2, end: -1 }, inputs: [{ dims: [2, 3, 5] }] },
    { name: 'scalar', inputs: [{ dims: [] }] },
  ],
};
