import type { Call } from '../op.ts';

/** Shapes and window of a 2-D convolution, `auto_pad` resolved. */
export interface ConvGeometry {
  n: number;
  /** Input channels, rows, columns. */
  c: number;
  h: number;
  w: number;
  /** Output channels, rows, columns. */
  m: number;
  oh: number;
  ow: number;
  kh: number;
  kw: number;
  sy: number;
  sx: number;
  dy: number;
  dx: number;
  top: number;
  left: number;
  bottom: number;
  right: number;
  group: number;
}

/** Pads of one axis for `auto_pad`: SAME gives ceil(size / stride) outputs, UPPER puts the odd pad at the end. */
function axisPads(auto: string, size: number, window: number, stride: number): [begin: number, end: number] {
  if (auto === 'VALID') return [0, 0];
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + window - size);
  const small = Math.floor(total / 2);
  return auto === 'SAME_UPPER' ? [small, total - small] : [total - small, small];
}

/**
 * Spatial output dims and pads (`[begin..., end...]`) of a convolution of any rank:
 * `out = floor((in + begin + end - ((k - 1) * dilation + 1)) / stride) + 1`.
 */
export function convWindow(call: Call, spatial: readonly number[], kernel: readonly number[]) {
  const rank = spatial.length;
  const list = (name: string, fill: number, length: number): readonly number[] => {
    const values = call.ints(name, new Array<number>(length).fill(fill));
    call.expect(values.length === length, () => `attribute ${name} has ${length} entries, found ${values.length}`);
    return values;
  };
  const strides = list('strides', 1, rank);
  const dilations = list('dilations', 1, rank);
  call.expect(
    strides.every((s) => s > 0),
    () => `strides are positive, found ${strides.join(', ')}`,
  );
  call.expect(
    dilations.every((d) => d > 0),
    () => `dilations are positive, found ${dilations.join(', ')}`,
  );
  const auto = call.string('auto_pad', 'NOTSET');
  call.expect(
    ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'].includes(auto),
    () => `auto_pad is NOTSET, VALID, SAME_UPPER or SAME_LOWER, found '${auto}'`,
  );
  const windows = kernel.map((k, i) => (k - 1) * dilations[i] + 1);
  let pads = auto === 'NOTSET' ? list('pads', 0, rank * 2) : [];
  if (auto !== 'NOTSET') {
    const axes = spatial.map((size, i) => axisPads(auto, size, windows[i], strides[i]));
    pads = [...axes.map((a) => a[0]), ...axes.map((a) => a[1])];
  }
  call.expect(
    pads.every((p) => p >= 0),
    () => `pads are not negative, found ${pads.join(', ')}`,
  );
  const out = spatial.map((size, i) => Math.floor((size + pads[i] + pads[rank + i] - windows[i]) / strides[i]) + 1);
  call.expect(
    out.every((o) => o >= 1),
    () =>
      `a window of ${windows.join('x')} does not fit the padded input ${spatial.map((s, i) => s + pads[i] + pads[rank + i]).join('x')}`,
  );
  return { out, pads, strides, dilations };
}

/** Geometry of a Conv node with a rank-4 input. */
export function convGeometry(call: Call): ConvGeometry {
  const [n, c, h, w] = call.input(0).dims;
  const [m, , kh, kw] = call.input(1).dims;
  const { out, pads, strides, dilations } = convWindow(call, [h, w], [kh, kw]);
  return {
    n,
    c,
    h,
    w,
    m,
    oh: out[0],
    ow: out[1],
    kh,
    kw,
    sy: strides[0],
    sx: strides[1],
    dy: dilations[0],
    dx: dilations[1],
    top: pads[0],
    left: pads[1],
    bottom: pads[2],
    right: pads[3],
    group: call.int('group', 1),
  };
}
