import { ARGMAX_AXIS, ARGMAX_INNER, ARGMAX_LAST, ARGMAX_OUTER, ARGMAX_X, ARGMAX_Y } from '../abi/argmax';
import { arenaBytes, field, readable, writable } from '../bounds';
import { shareEnd, shareStart } from '../prelude';

/** Threads share the results. */
export function argmax(record: usize, thread: i32, threads: i32): void {
  const axis = load<i32>(record, ARGMAX_AXIS);
  const inner = load<i32>(record, ARGMAX_INNER);
  const ties = load<i32>(record, ARGMAX_LAST) != 0;
  const items = load<i32>(record, ARGMAX_OUTER) * inner;
  const step = <usize>inner << 2;
  const last = shareEnd(items, thread, threads);
  for (let item = shareStart(items, thread, threads); item < last; item++) {
    const outer = item / inner;
    let x = load<usize>(record, ARGMAX_X) + ((<usize>outer * axis * inner + <usize>(item - outer * inner)) << 2);
    let best: i64 = 0;
    let top = load<f32>(x);
    for (let k = 1; k < axis; k++) {
      x += step;
      const value = load<f32>(x);
      if (value > top || (ties && value == top) || (top != top && value == value)) {
        top = value;
        best = k;
      }
    }
    store<i64>(load<usize>(record, ARGMAX_Y) + (<usize>item << 3), best);
  }
}

export function checkArgmax(record: usize): i32 {
  const outer = field(record, ARGMAX_OUTER);
  const axis = field(record, ARGMAX_AXIS);
  const inner = field(record, ARGMAX_INNER);
  if (outer < 1) return ARGMAX_OUTER;
  if (axis < 1) return ARGMAX_AXIS;
  if (inner < 1 || outer * axis * inner > 0x7fffffff) return ARGMAX_INNER;
  if (field(record, ARGMAX_LAST) > 1) return ARGMAX_LAST;
  if (!readable(field(record, ARGMAX_X), 4 * outer * axis * inner)) return ARGMAX_X;
  if (!writable(field(record, ARGMAX_Y), 8 * outer * inner)) return ARGMAX_Y;
  return 0;
}
