import { optionalInts, reader, tensorOf } from './common/dims.ts';
import { attrToInput, ints } from './common/legacy.ts';
import { lowerMovement, type Move, part } from './common/move.ts';
import type { Call, Op } from './op.ts';

interface Parts {
  axis: number;
  starts: number[];
  /** Dims of each output. */
  dims: number[][];
}

const sum = (list: readonly number[]): number => list.reduce((total, l) => total + l, 0);

/** Lengths by the operand `split`; else equal ones, of which the last is shorter where `num_outputs` does not divide the axis. */
function partsOf(call: Call): Parts {
  const { dims } = call.input(0);
  const axis = call.axis(call.int('axis', 0), dims.length);
  const length = dims[axis];
  const outputs = call.node.outputs.length;
  const count = call.int('num_outputs', outputs);
  const lengths = optionalInts(call, 1) ?? equalParts(call, length, count);
  call.expect(
    lengths.length >= outputs && lengths.every((l) => l >= 0) && sum(lengths) === length,
    () => `the lengths of ${outputs} outputs add up to ${length}, found ${lengths.join(', ')}`,
  );
  const starts = lengths.map((_, k) => sum(lengths.slice(0, k)));
  return { axis, starts, dims: lengths.slice(0, outputs).map((l) => dims.with(axis, l)) };
}

function equalParts(call: Call, length: number, count: number): number[] {
  call.expect(count > 0 && count <= 1024, () => `there are 1 to 1024 outputs, found ${count}`);
  call.expect(
    call.has('num_outputs') || length % count === 0,
    () => `axis length ${length} is divided into ${count} equal outputs`,
  );
  const each = Math.ceil(length / count);
  return Array.from({ length: count }, (_, i) => Math.max(0, Math.min(each, length - i * each)));
}

/** Output k is the k-th part of `x` along `axis`. Any element type. */
export const split: Op = {
  name: 'Split',
  onnx: {
    normalize: (n) => {
      if (n.opset < 13) attrToInput(n, 'split', 1);
    },
  },
  zeros: (_call, [share]) => share,
  infer(call) {
    const { type } = call.input(0);
    return partsOf(call).dims.map((dims) => ({ type, dims }));
  },
  reference(call, [x]) {
    const { axis, starts, dims } = partsOf(call);
    const read = reader(x!);
    return dims.map((part, k) =>
      tensorOf(x!.type, part, (index) => read(index.map((i, a) => (a === axis ? i + starts[k] : i)))),
    );
  },
  lower(call) {
    const { axis, starts, dims } = partsOf(call);
    const origin = call.input(0).dims.map(() => 0);
    const moves = dims.map(
      (piece, k): Move => ({ input: 0, output: k, dims: piece, from: part(origin.with(axis, starts[k])) }),
    );
    return lowerMovement(call, { moves, planes: true });
  },
  cases: [
    { name: 'one output', inputs: [{ dims: [5, 3] }] },
    { name: 'first of two', attrs: { axis: 1 }, inputs: [{ dims: [2, 8, 4, 5] }, ints(3, 5)] },
    { name: 'first columns', attrs: { axis: -1 }, inputs: [{ dims: [2, 3, 4, 9] }, ints(4, 5)] },
    { name: 'num_outputs', attrs: { num_outputs: 3 }, inputs: [{ dims: [8, 3] }] },
    { name: 'int64', inputs: [{ dims: [9], type: 'int64' }, ints(4, 5)] },
  ],
};
