import { showDims, sizeOf } from '../tensor.ts';
import { reader, resultDims, tensorOf } from './common/dims.ts';
import { lowerMovement, type Move, part } from './common/move.ts';
import type { Call, KnownValue, Op } from './op.ts';

interface Pieces {
  axis: number;
  dims: number[];
  /** Where the piece of each input starts on the axis. */
  starts: number[];
  inputs: KnownValue[];
}

function pieces(call: Call): Pieces {
  const { type, dims } = call.input(0);
  const axis = call.axis(call.int('axis'), dims.length);
  const inputs = call.inputs.map((_, i) => call.input(i));
  const starts: number[] = [];
  let length = 0;
  inputs.forEach((input, i) => {
    call.expectType(i, type);
    call.expect(
      input.dims.length === dims.length && dims.every((d, k) => k === axis || d === input.dims[k]),
      () => `the inputs differ on axis ${axis} only, found ${showDims(dims)} and ${showDims(input.dims)}`,
    );
    starts.push(length);
    length += input.dims[axis];
  });
  return { axis, dims: resultDims(call, dims.with(axis, length)), starts, inputs };
}

/** `y` = the inputs one behind the other on `axis`. Any element type. */
export const concat: Op = {
  name: 'Concat',
  onnx: {},
  infer: (call) => [{ type: call.input(0).type, dims: pieces(call).dims }],
  reference(call, inputs) {
    const { axis, dims, starts } = pieces(call);
    const readers = inputs.map((input) => reader(input!));
    return [
      tensorOf(call.input(0).type, dims, (index) => {
        const piece = starts.findLastIndex((start) => start <= index[axis]);
        return readers[piece](index.map((i, k) => (k === axis ? i - starts[piece] : i)));
      }),
    ];
  },
  zeros({ inputs }, shares) {
    const sizes = inputs.map((input) => sizeOf(input!.dims));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    return total && sizes.reduce((sum, size, i) => sum + size * shares[i], 0) / total;
  },
  lower(call) {
    const { axis, dims, starts, inputs } = pieces(call);
    const origin = dims.map(() => 0);
    const moves = inputs.map(
      (input, i): Move => ({ input: i, dims: input.dims, to: part(origin.with(axis, starts[i])) }),
    );
    return lowerMovement(call, { moves, planes: true });
  },
  cases: [
    { name: 'vectors', attrs: { axis: 0 }, inputs: [{ dims: [3] }, { dims: [5] }, { dims: [1] }] },
    { name: 'channels', attrs: { axis: 1 }, inputs: [{ dims: [2, 3, 4, 5] }, { dims: [2, 1, 4, 5] }] },
    { name: 'rows', attrs: { axis: 2 }, inputs: [{ dims: [1, 3, 4, 5] }, { dims: [1, 3, 2, 5] }] },
    { name: 'columns', attrs: { axis: -1 }, inputs: [{ dims: [2, 3, 4, 5] }, { dims: [2, 3, 4, 9] }] },
    { name: 'images', attrs: { axis: 0 }, inputs: [{ dims: [1, 3, 4, 4] }, { dims: [2, 3, 4, 4] }] },
    { name: 'one input', attrs: { axis: 0 }, inputs: [{ dims: [17] }] },
    { name: 'empty input', attrs: { axis: 1 }, inputs: [{ dims: [2, 0] }, { dims: [2, 3] }, { dims: [2, 0] }] },
    { name: 'constant input', attrs: { axis: 1 }, inputs: [{ dims: [2, 1, 4], constant: true }, { dims: [2, 3, 4] }] },
    {
      name: 'int64',
      attrs: { axis: 0 },
      inputs: [
        { dims: [3], type: 'int64' },
        { dims: [2], type: 'int64' },
      ],
    },
  ],
};
