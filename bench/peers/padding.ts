/** Positions added around an image. */
export interface Borders {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** TensorFlow's `same` (`ceil(size / stride)` outputs, the odd position behind), none at all, or numbers. */
export type Padding = 'same' | 'valid' | Borders;

/** Windows along one axis. */
export interface WindowAxis {
  size: number;
  out: number;
  window: number;
  stride: number;
  begin: number;
  end: number;
}

export function paddingOf(y: WindowAxis, x: WindowAxis): Padding {
  const axes = [y, x];
  if (axes.every(({ begin, end }) => begin + end === 0)) return 'valid';
  if (axes.every(isSame)) return 'same';
  return { top: y.begin, bottom: y.end, left: x.begin, right: x.end };
}

function isSame({ size, out, window, stride, begin, end }: WindowAxis): boolean {
  const total = Math.max(0, (out - 1) * stride + window - size);
  return out === Math.ceil(size / stride) && begin === Math.floor(total / 2) && end === total - begin;
}
