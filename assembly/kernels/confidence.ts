import { CONFIDENCE_CLASSES, CONFIDENCE_ROWS, CONFIDENCE_SOFTMAX, CONFIDENCE_X, CONFIDENCE_Y } from '../abi/confidence';
import { field, readable, writable } from '../bounds';
import { exp4 } from '../prelude_math';

/** One thread does it all: heads are small. */
export function confidence(record: usize, thread: i32, _threads: i32): void {
  if (thread != 0) return;
  const classes = load<i32>(record, CONFIDENCE_CLASSES);
  const softmax = load<i32>(record, CONFIDENCE_SOFTMAX) != 0;
  let x = load<usize>(record, CONFIDENCE_X);
  let least: f32 = Infinity;
  for (let rows = load<i32>(record, CONFIDENCE_ROWS); rows > 0; rows--) {
    let top: f32 = -Infinity;
    for (let c = 0; c < classes; c++) top = max<f32>(top, load<f32>(x + (<usize>c << 2)));
    if (softmax) {
      let sum: f32 = 0;
      for (let c = 0; c < classes; c++) {
        const shifted = f32x4.splat(load<f32>(x + (<usize>c << 2)) - top);
        sum += f32x4.extract_lane(exp4(shifted), 0);
      }
      top = 1 / sum;
    }
    least = min<f32>(least, top);
    x += <usize>classes << 2;
  }
  store<f32>(load<usize>(record, CONFIDENCE_Y), least);
}

export function checkConfidence(record: usize): i32 {
  const rows = field(record, CONFIDENCE_ROWS);
  const classes = field(record, CONFIDENCE_CLASSES);
  if (rows < 1) return CONFIDENCE_ROWS;
  if (classes < 1 || rows * classes > 0x7fffffff) return CONFIDENCE_CLASSES;
  if (field(record, CONFIDENCE_SOFTMAX) > 1) return CONFIDENCE_SOFTMAX;
  if (!readable(field(record, CONFIDENCE_X), 4 * rows * classes)) return CONFIDENCE_X;
  return writable(field(record, CONFIDENCE_Y), 4) ? 0 : CONFIDENCE_Y;
}
