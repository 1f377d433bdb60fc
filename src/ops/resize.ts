import { numbersOf, showDims } from '../tensor.ts';
import { constantInts, reader, tensorOf } from './common/dims.ts';
import { ints } from './common/legacy.ts';
import { lowerMovement, type Move, part } from './common/move.ts';
import type { Call, CaseInput, Op, OpCase } from './op.ts';

/** Most copies of the input: a factor of 4 along two axes. */
const COPIES = 16;

const NEAREST: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

const { fround } = Math;

/** Where output i of an axis of `from` elements that gets `to` stands in the input. In float32: ties are what rounding makes of them. */
const COORDINATES: Readonly<Record<string, (i: number, scale: number, from: number, to: number) => number>> = {
  asymmetric: (i, scale) => fround(i / scale),
  half_pixel: (i, scale) => fround(fround((i + 0.5) / scale) - 0.5),
  pytorch_half_pixel: (i, scale, _from, to) => (to > 1 ? fround(fround((i + 0.5) / scale) - 0.5) : 0),
  align_corners: (i, _scale, from, to) => (to > 1 ? fround((i * (from - 1)) / (to - 1)) : 0),
};

interface Geometry {
  dims: number[];
  /** For each axis the index in the input of every index in the output. */
  from: number[][];
}

function geometry(call: Call): Geometry {
  const { dims } = call.input(0);
  const { scales, sizes } = targets(call);
  const coordinate = call.string('coordinate_transformation_mode', 'half_pixel');
  const nearest = call.string('nearest_mode', 'round_prefer_floor');
  const place = COORDINATES[coordinate];
  const round = NEAREST[nearest];
  if (!place) call.unsupported(`coordinate_transformation_mode is one of ${Object.keys(COORDINATES).join(', ')}, found ${coordinate}`); // biome-ignore format: one line
  call.expect(round, () => `nearest_mode is one of ${Object.keys(NEAREST).join(', ')}, found ${nearest}`);
  const from = dims.map((count, axis) =>
    Array.from({ length: sizes[axis] }, (_, i) =>
      Math.min(count - 1, Math.max(0, round(place(i, scales[axis], count, sizes[axis])))),
    ),
  );
  return { dims: sizes, from };
}

/** Scales and dims of the output, from either operand. */
function targets(call: Call): { scales: number[]; sizes: number[] } {
  const { dims } = call.input(0);
  const mode = call.string('mode', 'nearest');
  if (mode !== 'nearest') call.unsupported(`runs in mode nearest, found ${mode}`);
  if (call.has('axes')) call.unsupported('the attribute axes is not read: give a scale or a size for every axis');
  const policy = call.string('keep_aspect_ratio_policy', 'stretch');
  if (policy !== 'stretch') call.unsupported(`keep_aspect_ratio_policy is stretch, found ${policy}`);
  const operand = call.optional(2);
  const given = operand && operand.dims[0] !== 0 ? numbersOf(call.constant(2)) : undefined;
  const sizes = given ? dims.map((d, i) => Math.floor(d * given[i])) : constantInts(call, 3);
  call.expect(
    (given ?? sizes).length === dims.length && sizes.every((size, i) => size >= 1 && dims[i] >= 1),
    () =>
      `a scale or a size for every axis of ${showDims(dims)} that leaves elements, found ${(given ?? sizes).join(', ')}`,
  );
  return { scales: given ?? sizes.map((size, i) => fround(size / dims[i])), sizes };
}

/** The factor by which an axis grows where each element is repeated that often; undefined for any other map. */
function factorOf(from: readonly number[], count: number): number | undefined {
  const factor = from.length / count;
  return Number.isInteger(factor) && from.every((at, i) => at === Math.floor(i / factor)) ? factor : undefined;
}

const scales = (...values: number[]): CaseInput => ({ dims: [values.length], values, constant: true });

const make = (dims: readonly number[], factors: readonly number[], attrs: Record<string, string> = {}): OpCase => ({
  name: `[${dims}] by ${factors}${Object.entries(attrs).map(([key, value]) => ` ${key}=${value}`)}`,
  attrs: { mode: 'nearest', ...attrs },
  inputs: [{ dims }, null, scales(...factors)],
});

/**
 * `y` = `x` with each axis resampled to the nearest element, by the constant operand `scales` or `sizes`. Any element type. Kernels repeat
 * elements a whole number of times; other scales fold at compile time only.
 */
export const resize: Op = {
  name: 'Resize',
  onnx: {
    normalize(n) {
      // Opset 10: input and scales, and the coordinates of `asymmetric`.
      if (n.opset > 10) return;
      n.node.inputs.splice(1, 0, '');
      n.node.attrs.coordinate_transformation_mode = 'asymmetric';
      n.node.attrs.nearest_mode = 'floor';
    },
  },
  infer: (call) => [{ type: call.input(0).type, dims: geometry(call).dims }],
  reference(call, [x]) {
    const { dims, from } = geometry(call);
    const read = reader(x!);
    return [tensorOf(x!.type, dims, (index) => read(index.map((i, axis) => from[axis][i])))];
  },
  zeros: (_call, [share]) => share,
  lower(call) {
    const { dims } = call.input(0);
    const factors = geometry(call).from.map((from, axis) => factorOf(from, dims[axis]));
    const whole = factors.map((factor) => factor ?? 0);
    const copies = whole.reduce((product, factor) => product * factor, 1);
    if (copies === 0 || copies > COPIES)
      call.unsupported(
        `repeats elements a whole number of times, at most ${COPIES} in all, found ${showDims(geometry(call).dims)} of ${showDims(dims)}`,
      );
    const moves = Array.from({ length: copies }, (_, k): Move => {
      let rest = k;
      const start = whole.map((factor) => {
        const at = rest % factor;
        rest = Math.floor(rest / factor);
        return at;
      });
      return { input: 0, dims, to: part(start, whole) };
    });
    return lowerMovement(call, { moves, planes: true });
  },
  cases: [
    make([2, 3, 4, 5], [1, 1, 2, 2], { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }),
    make([2, 3, 1, 1], [1, 1, 4, 4]),
    make([1, 3, 5, 7], [1, 1, 3, 2], { coordinate_transformation_mode: 'pytorch_half_pixel' }),
    make([1, 2, 3, 17], [1, 1, 1, 3], { nearest_mode: 'round_prefer_ceil' }),
    make([2, 3, 4, 5], [1, 1, 1, 1]),
    make([2, 3, 5], [1, 1, 2]),
    make([5], [4]),
    { name: 'sizes', attrs: { mode: 'nearest' }, inputs: [{ dims: [1, 3, 4, 4] }, null, null, ints(1, 3, 8, 12)] },
    { name: 'int64', inputs: [{ dims: [1, 1, 2, 3], type: 'int64' }, null, scales(1, 1, 2, 2)] },
  ],
};
