import { Tensor } from '../tensor.ts';
import { COPY_RECORD_LIMIT } from './common/copy.ts';
import { reader, tensorOf } from './common/dims.ts';
import { attrToInput, ints } from './common/legacy.ts';
import { lowerMovement, type Move, part } from './common/move.ts';
import { paddingOf, type Segment, segmentsOf, sourceOf } from './common/pad.ts';
import type { LowerCall } from './lower.ts';
import type { Call, OnnxNode, Op } from './op.ts';

/** Opsets before 11 hold pads and value in attributes. */
function normalize(n: OnnxNode): void {
  if (n.opset >= 11) return;
  attrToInput(n, 'pads', 1);
  attrToInput(n, 'value', 2, 'float32');
}

/** The constant operand `value`, by default 0. */
function outsideOf(call: Call): Tensor {
  const { type } = call.input(0);
  const value = call.optionalConstant(2);
  if (!value) return new Tensor(type, [0], [1]);
  call.expectType(2, type);
  call.expect(value.size === 1, () => `the value is one element, found ${value.size}`);
  return value;
}

function movesOf(call: LowerCall): Move[] {
  const { mode, begin, dims } = paddingOf(call);
  const own = call.input(0).dims;
  const axes = dims.map((d, axis) => segmentsOf(mode, begin[axis], own[axis], d, COPY_RECORD_LIMIT));
  const count = axes.reduce((product, segments) => product * segments.length, 1);
  if (count > COPY_RECORD_LIMIT) call.unsupported(`needs ${count} copies, at most ${COPY_RECORD_LIMIT} are planned`);
  let runs: Segment[][] = [[]];
  for (const segments of axes) runs = runs.flatMap((run) => segments.map((segment) => [...run, segment]));
  return runs.map((run) => ({
    input: 0,
    dims: run.map((s) => s.count),
    from: part(
      run.map((s) => s.from),
      run.map((s) => s.step),
    ),
    to: part(run.map((s) => s.at)),
  }));
}

const image = { dims: [2, 3, 4, 5] };
const value = { dims: [], values: [-1.5], constant: true };

/**
 * `y[i] = x[i - begin]`; where that is outside of x, `value` (mode constant), the nearest element (edge), the mirror image (reflect),
 * or x repeated (wrap). Negative pads crop. Any element type; pads, value and axes are constants.
 */
export const pad: Op = {
  name: 'Pad',
  onnx: { normalize },
  infer(call) {
    outsideOf(call);
    return [{ type: call.input(0).type, dims: paddingOf(call).dims }];
  },
  reference(call, [x]) {
    const { mode, begin, dims } = paddingOf(call);
    const outside = outsideOf(call).data[0];
    const read = reader(x!);
    return [
      tensorOf(x!.type, dims, (index) => {
        const source = index.map((i, axis) => sourceOf(mode, i - begin[axis], x!.dims[axis]));
        return source.includes(-1) ? outside : read(source);
      }),
    ];
  },
  lower(call) {
    const { mode } = paddingOf(call);
    const background = mode === 'constant' ? outsideOf(call) : undefined;
    return lowerMovement(call, { moves: movesOf(call), background, planes: true });
  },
  cases: [
    { name: 'vector', inputs: [{ dims: [5] }, ints(2, 1), value] },
    { name: 'spatial', inputs: [image, ints(0, 0, 1, 2, 0, 0, 3, 1)] },
    { name: 'spatial value', inputs: [image, ints(0, 0, 1, 1, 0, 0, 1, 1), value] },
    { name: 'axes', inputs: [image, ints(1, 2, 0, 1), null, ints(-1, 1)] },
    { name: 'crop', inputs: [image, ints(0, 0, -1, 1, 0, 0, 1, -2), value] },
    { name: 'reflect', attrs: { mode: 'reflect' }, inputs: [image, ints(0, 0, 2, 1, 0, 0, 3, 4)] },
    { name: 'reflect twice', attrs: { mode: 'reflect' }, inputs: [{ dims: [3] }, ints(5, 6)] },
    { name: 'reflect one', attrs: { mode: 'reflect' }, inputs: [{ dims: [1, 3] }, ints(2, 0, 1, 1)] },
    { name: 'edge', attrs: { mode: 'edge' }, inputs: [image, ints(1, 0, 2, 3, 0, 0, 1, 2)] },
    { name: 'edge crop', attrs: { mode: 'edge' }, inputs: [{ dims: [3, 9] }, ints(2, -3, 1, 4)] },
    { name: 'wrap', attrs: { mode: 'wrap' }, inputs: [{ dims: [3, 4] }, ints(4, 1, 2, 9)] },
    { name: 'empty input', inputs: [{ dims: [0, 3] }, ints(1, 0, 2, 1), value] },
    {
      name: 'int64',
      inputs: [{ dims: [3], type: 'int64' }, ints(1, 2), { dims: [], type: 'int64', values: [5], constant: true }],
    },
    {
      name: 'uint8',
      inputs: [{ dims: [5], type: 'uint8' }, ints(1, 2), { dims: [], type: 'uint8', values: [7], constant: true }],
    },
  ],
};
