import type { Call } from '../op.ts';
import { constantInts, distinctAxes, optionalInts, resultDims } from './dims.ts';

type PadMode = 'constant' | 'reflect' | 'edge' | 'wrap';

const MODES: readonly string[] = ['constant', 'reflect', 'edge', 'wrap'];

export interface Padding {
  mode: PadMode;
  /** Elements added before each axis; removed if negative. */
  begin: number[];
  dims: number[];
}

/** A run of positions of an output axis: position `at + i` is source position `from + i * step` for `i < count`. */
export interface Segment {
  at: number;
  count: number;
  from: number;
  step: number;
}

/** Pads of all axes from the constant operands `pads` (begins, then ends) and `axes`. */
export function paddingOf(call: Call): Padding {
  const { dims } = call.input(0);
  const mode = call.string('mode', 'constant');
  if (!MODES.includes(mode)) call.unsupported(`mode '${mode}' is not one of ${MODES.join(', ')}`);
  const pads = constantInts(call, 1);
  const axes = distinctAxes(call, optionalInts(call, 3) ?? dims.map((_, i) => i), dims.length);
  call.expect(
    pads.length === 2 * axes.length,
    () => `pads has two numbers for each of ${axes.length} axes, found ${pads.length}`,
  );
  const begin = dims.map(() => 0);
  const result = [...dims];
  axes.forEach((axis, i) => {
    begin[axis] = pads[i];
    result[axis] += pads[i] + pads[i + axes.length];
    call.expect(result[axis] >= 0, () => `axis ${axis} of length ${dims[axis]} is cropped to ${result[axis]}`);
    call.expect(
      mode === 'constant' || dims[axis] > 0 || result[axis] === 0,
      () => `axis ${axis} has no element that mode '${mode}' could repeat`,
    );
  });
  return { mode: mode as PadMode, begin, dims: resultDims(call, result) };
}

/** Source position of output position `i - begin` of an axis of `length`; -1 where the constant stands. */
export function sourceOf(mode: PadMode, i: number, length: number): number {
  if (i >= 0 && i < length) return i;
  if (mode === 'constant') return -1;
  if (mode === 'edge') return i < 0 ? 0 : length - 1;
  if (mode === 'wrap') return ((i % length) + length) % length;
  const period = 2 * (length - 1);
  if (period === 0) return 0;
  const at = ((i % period) + period) % period;
  return at < length ? at : period - at;
}

/** The runs of an axis of `length` padded to `padded`, at most `limit + 1` of them. */
export function segmentsOf(mode: PadMode, begin: number, length: number, padded: number, limit: number): Segment[] {
  const segments: Segment[] = [];
  let i = -begin;
  const end = i + padded;
  while (i < end && segments.length <= limit) {
    const next = Math.min(end, turningPoint(mode, i, length));
    const from = sourceOf(mode, i, length);
    const step = next - i > 1 ? sourceOf(mode, i + 1, length) - from : 1;
    if (from >= 0) segments.push({ at: i + begin, count: next - i, from, step });
    i = next;
  }
  return segments;
}

/** First position behind `i` where the run of `i` ends. */
function turningPoint(mode: PadMode, i: number, length: number): number {
  if (mode === 'wrap') return (Math.floor(i / length) + 1) * length;
  if (mode === 'reflect' && length > 1) return (Math.floor(i / (length - 1)) + 1) * (length - 1);
  if (mode === 'reflect') return Number.POSITIVE_INFINITY;
  return i < 0 ? 0 : i < length ? length : Number.POSITIVE_INFINITY;
}
