import * as abi from '../../../assembly/abi/pool.ts';
import { OP_POOL } from '../../../assembly/abi.ts';
import { showDims, sizeOf } from '../../tensor.ts';
import {
  anyPlanes,
  type Candidate,
  type Demand,
  type Emitter,
  type LowerCall,
  type Produced,
  viewOf,
} from '../lower.ts';
import type { Call } from '../op.ts';
import { resultDims } from './dims.ts';

/** Windows along one spatial axis. */
export interface PoolAxis {
  length: number;
  out: number;
  kernel: number;
  stride: number;
  dilation: number;
  /** Positions added before and behind. */
  begin: number;
  end: number;
}

interface PoolGeometry {
  /** Rows and columns; one row for `[N, C, W]`. */
  axes: [PoolAxis, PoolAxis];
  dims: number[];
}

const LIMIT = 32768;
const AUTO_PADS: readonly string[] = ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER', ''];
const ONE: PoolAxis = { length: 1, out: 1, kernel: 1, stride: 1, dilation: 1, begin: 0, end: 0 };

/** Output length; with `ceil` a last partial window counts, unless it starts behind the image and the begin pads. */
function outputLength({ length, kernel, stride, dilation, begin, end }: PoolAxis, ceil: boolean): number {
  const room = length + begin + end - ((kernel - 1) * dilation + 1);
  if (room < 0) return 0;
  const out = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
  return ceil && (out - 1) * stride >= length + begin ? out - 1 : out;
}

/** `out = ceil(length / stride)`; the odd pad goes behind for SAME_UPPER. */
function padSame(axis: PoolAxis, upper: boolean): void {
  axis.out = Math.ceil(axis.length / axis.stride);
  const total = Math.max(0, (axis.out - 1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1 - axis.length);
  axis.begin = upper ? Math.floor(total / 2) : Math.ceil(total / 2);
  axis.end = total - axis.begin;
}

/** The windows of a pooling node over `[N, C, W]` or `[N, C, H, W]`. */
export function poolGeometry(call: Call): PoolGeometry {
  call.expectType(0, 'float32');
  const { dims } = call.input(0);
  const spatial = dims.slice(2);
  if (spatial.length === 0) call.fail(`input 0 has dims [N, C, …], found ${showDims(dims)}`);
  if (spatial.length > 2) call.unsupported(`pools one or two spatial axes, found ${spatial.length}`);
  for (const d of spatial) call.expect(d > 0, () => `a spatial axis is not empty, found ${showDims(dims)}`);
  const list = (name: string, count: number, least: number, fallback?: readonly number[]): readonly number[] => {
    const values = call.ints(name, fallback);
    call.expect(
      values.length === count && values.every((v) => v >= least && v < LIMIT),
      () => `attribute ${name} has ${count} numbers in [${least}, ${LIMIT - 1}], found ${values.join(', ')}`,
    );
    return values;
  };
  const n = spatial.length;
  const ones = spatial.map(() => 1);
  const kernel = list('kernel_shape', n, 1);
  const strides = list('strides', n, 1, ones);
  const dilations = list('dilations', n, 1, ones);
  const auto = call.string('auto_pad', 'NOTSET');
  call.expect(AUTO_PADS.includes(auto), () => `auto_pad is one of ${AUTO_PADS.slice(0, 4).join(', ')}, found ${auto}`);
  const explicit = auto === 'NOTSET' || auto === '';
  const pads = list('pads', 2 * n, 0, new Array<number>(2 * n).fill(0));
  const ceil = call.int('ceil_mode', 0) !== 0 && explicit;
  const axes = spatial.map((length, i): PoolAxis => {
    const shape = { length, out: 0, kernel: kernel[i], stride: strides[i], dilation: dilations[i] };
    const axis = { ...shape, begin: explicit ? pads[i] : 0, end: explicit ? pads[i + n] : 0 };
    if (auto.startsWith('SAME')) padSame(axis, auto === 'SAME_UPPER');
    else axis.out = outputLength(axis, ceil);
    call.expect(axis.out > 0, () => `the window fits into the padded input, found kernel ${kernel} on ${spatial}`);
    return axis;
  });
  const out = axes.map((axis) => axis.out);
  return {
    axes: n === 1 ? [{ ...ONE }, axes[0]] : [axes[0], axes[1]],
    dims: resultDims(call, [...dims.slice(0, 2), ...out]),
  };
}

/** Taps of the window of output `o` that are inside of the image: `start + k * dilation` for `first <= k < last`. */
function tapsOf({ length, kernel, stride, dilation, begin }: PoolAxis, o: number) {
  const start = o * stride - begin;
  const first = start < 0 ? Math.ceil(-start / dilation) : 0;
  const last = Math.min(kernel, Math.max(first, Math.ceil((length - start) / dilation)));
  return { start, first, last: Math.max(first, last) };
}

/** `y[n, c, oy, ox] = reduce(the elements of the window inside of the image, oy, ox)`. */
export function referencePool(
  call: Call,
  x: Float32Array,
  reduce: (window: readonly number[], oy: number, ox: number) => number,
): Float32Array {
  const { axes, dims } = poolGeometry(call);
  const [rows, columns] = axes;
  const y = new Float32Array(sizeOf(dims));
  let to = 0;
  for (let plane = 0; plane < dims[0] * dims[1]; plane++) {
    const origin = plane * rows.length * columns.length;
    for (let oy = 0; oy < rows.out; oy++) {
      const v = tapsOf(rows, oy);
      for (let ox = 0; ox < columns.out; ox++) {
        const h = tapsOf(columns, ox);
        const window: number[] = [];
        for (let ky = v.first; ky < v.last; ky++) {
          const row = origin + (v.start + ky * rows.dilation) * columns.length;
          for (let kx = h.first; kx < h.last; kx++) window.push(x[row + h.start + kx * columns.dilation]);
        }
        y[to++] = reduce(window, oy, ox);
      }
    }
  }
  return y;
}

function emitPool(e: Emitter, kind: number, { axes }: PoolGeometry): void {
  const x = e.input(0);
  const y = e.output();
  if (sizeOf(y.dims) === 0) return;
  const [rows, columns] = axes;
  const from = viewOf(x.layout, x.dims);
  const to = viewOf(y.layout, y.dims);
  const pitch = x.dims.length - 2;
  const strided = x.dims.length === 4;
  e.record(OP_POOL, abi.POOL_SIZE)
    .int(abi.POOL_KIND, kind)
    .at(abi.POOL_X, x, from.offset)
    .at(abi.POOL_Y, y, to.offset)
    .int(abi.POOL_N, x.dims[0])
    .int(abi.POOL_C, x.dims[1])
    .int(abi.POOL_X_IMAGE, from.strides[0] * 4)
    .int(abi.POOL_X_PLANE, from.strides[1] * 4)
    .int(abi.POOL_X_PITCH, (strided ? from.strides[pitch] : columns.length) * 4)
    .int(abi.POOL_Y_IMAGE, to.strides[0] * 4)
    .int(abi.POOL_Y_PLANE, to.strides[1] * 4)
    .int(abi.POOL_Y_PITCH, (strided ? to.strides[pitch] : columns.out) * 4)
    .int(abi.POOL_H, rows.length)
    .int(abi.POOL_W, columns.length)
    .int(abi.POOL_OH, rows.out)
    .int(abi.POOL_OW, columns.out)
    .int(abi.POOL_KH, rows.kernel)
    .int(abi.POOL_KW, columns.kernel)
    .int(abi.POOL_SY, rows.stride)
    .int(abi.POOL_SX, columns.stride)
    .int(abi.POOL_DY, rows.dilation)
    .int(abi.POOL_DX, columns.dilation)
    .int(abi.POOL_TOP, rows.begin)
    .int(abi.POOL_LEFT, columns.begin)
    .int(abi.POOL_BOTTOM, rows.end)
    .int(abi.POOL_RIGHT, columns.end);
}

/** Outputs whose windows reach over the border; they are computed one by one. */
const borderOutputs = ({ stride, begin, end }: PoolAxis): number => Math.ceil(begin / stride) + Math.ceil(end / stride);

function cost({ axes, dims }: PoolGeometry): number {
  const [rows, columns] = axes;
  const tap = columns.stride <= 2 && columns.out >= 4 ? 0.06 : 0.2;
  const row = 5 + 12 * borderOutputs(columns) + columns.out * rows.kernel * columns.kernel * tap;
  return 50 + dims[0] * dims[1] * (10 + rows.out * row);
}

/** Candidates of a pooling node: dense or planes without phases on either side. */
export function lowerPool(call: LowerCall, name: string, kind: number): Candidate[] {
  const geometry = poolGeometry(call);
  const planes = call.input(0).dims.length === 4;
  const demands: [string, Demand][] = [['dense', { kind: 'dense' }]];
  if (planes) demands.push(['planes', anyPlanes(false)]);
  const outputs: Produced[] = planes ? ['dense', 'planes'] : ['dense'];
  return demands.flatMap(([layout, demand]) =>
    outputs.map((output) => ({
      kernel: `f32_${name}__${layout}${layout === output ? '' : `_${output}`}`,
      cost: cost(geometry),
      inputs: [demand],
      output,
      emit: (e: Emitter) => emitPool(e, kind, geometry),
    })),
  );
}
