import { constantInts, distinctAxes, optionalInts, reader, tensorOf } from './common/dims.ts';
import { attrToInput, ints } from './common/legacy.ts';
import { lowerMovement, part } from './common/move.ts';
import type { Call, OnnxNode, Op } from './op.ts';

/** Opsets before 10 hold the bounds in attributes. */
function normalize(n: OnnxNode): void {
  if (n.opset >= 10) return;
  attrToInput(n, 'starts', 1);
  attrToInput(n, 'ends', 2);
  attrToInput(n, 'axes', 3);
}

interface Range {
  start: number[];
  step: number[];
  dims: number[];
}

/** Start and end of each axis counted from its end if negative, and cut to it. */
function rangeOf(call: Call): Range {
  const { dims } = call.input(0);
  const starts = constantInts(call, 1);
  const ends = constantInts(call, 2);
  const steps = optionalInts(call, 4) ?? starts.map(() => 1);
  const listed = optionalInts(call, 3) ?? starts.map((_, i) => i);
  call.expect(
    ends.length === starts.length && listed.length === starts.length && steps.length === starts.length,
    () =>
      `starts, ends, axes and steps have one length, found ${starts.length}, ${ends.length}, ${listed.length}, ${steps.length}`,
  );
  const range = { start: dims.map(() => 0), step: dims.map(() => 1), dims: [...dims] };
  distinctAxes(call, listed, dims.length).forEach((axis, i) => {
    const d = dims[axis];
    const step = steps[i];
    call.expect(step !== 0, () => `a step is not 0, axis ${axis}`);
    const [low, high] = step > 0 ? [0, d] : [-1, d - 1];
    const cut = (at: number) => Math.min(Math.max(at < 0 ? at + d : at, low), high);
    const start = cut(starts[i]);
    range.dims[axis] = Math.max(0, Math.ceil((cut(ends[i]) - start) / step));
    // A step that leaves the axis is taken at most once.
    range.step[axis] = range.dims[axis] > 1 ? step : 1;
    range.start[axis] = range.dims[axis] > 0 ? start : 0;
  });
  return range;
}

const image = { dims: [2, 3, 8, 9] };

/** `y[i] = x[start + i * step]` on each of the constant `axes`; ends are exclusive, steps may be negative. Any element type. */
export const slice: Op = {
  name: 'Slice',
  onnx: { normalize },
  zeros: (_call, [share]) => share,
  infer: (call) => [{ type: call.input(0).type, dims: rangeOf(call).dims }],
  reference(call, [x]) {
    const { start, step, dims } = rangeOf(call);
    const read = reader(x!);
    return [tensorOf(x!.type, dims, (index) => read(index.map((i, axis) => start[axis] + i * step[axis])))];
  },
  lower(call) {
    const { start, step, dims } = rangeOf(call);
    return lowerMovement(call, { moves: [{ input: 0, dims, from: part(start, step) }], planes: true });
  },
  cases: [
    { name: 'rows', inputs: [{ dims: [9, 5] }, ints(1), ints(8)] },
    { name: 'channels', inputs: [image, ints(1), ints(3), ints(1)] },
    { name: 'window', inputs: [image, ints(1, 2), ints(-1, 7), ints(2, 3)] },
    { name: 'step 2', inputs: [image, ints(0, 1), ints(100, 100), ints(-2, -1), ints(2, 2)] },
    { name: 'step 3', inputs: [{ dims: [17] }, ints(1), ints(17), ints(0), ints(3)] },
    { name: 'reversed', inputs: [{ dims: [3, 9] }, ints(-1), ints(-100), ints(1), ints(-1)] },
    { name: 'reversed step 2', inputs: [image, ints(6, -2), ints(0, -8), ints(2, 3), ints(-2, -3)] },
    { name: 'empty', inputs: [{ dims: [5] }, ints(4), ints(2)] },
    { name: 'int64', inputs: [{ dims: [5, 3], type: 'int64' }, ints(1), ints(4), ints(0), ints(2)] },
  ],
};
