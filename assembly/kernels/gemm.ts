import {
  GEMM_A,
  GEMM_A_INNER,
  GEMM_A_OUTER,
  GEMM_A_ROW,
  GEMM_A_STEP,
  GEMM_B,
  GEMM_B_INNER,
  GEMM_B_OUTER,
  GEMM_B_ROW,
  GEMM_HI,
  GEMM_INNER,
  GEMM_K,
  GEMM_LIVE,
  GEMM_LO,
  GEMM_M,
  GEMM_N,
  GEMM_OUTER,
  GEMM_THRESHOLD,
  GEMM_Y,
  GEMM_Y_INNER,
  GEMM_Y_OUTER,
  GEMM_Y_ROW,
} from '../abi/gemm';
import { field, readable, writable } from '../bounds';
import { liveBytes, liveRuns, openLive } from '../live';
import { clamp1, clamp4, madd, shareEnd, shareStart } from '../prelude';

// A tile sums over runs of columns of a: the first of `k` columns, then those from `more` up to `end`.

/** 4 rows x 8 columns. */
function tile4x8(record: usize, a: usize, b: usize, y: usize, k: i32, more: usize, end: usize): void {
  const aRow = <usize>load<u32>(record, GEMM_A_ROW);
  const yRow = <usize>load<u32>(record, GEMM_Y_ROW);
  const aStep = <usize>load<u32>(record, GEMM_A_STEP);
  const bRow = <usize>load<u32>(record, GEMM_B_ROW);
  const y1 = y + yRow;
  const y2 = y1 + yRow;
  const y3 = y2 + yRow;
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const a1 = aRow;
  const a2 = aRow * 2;
  const a3 = aRow * 3;
  for (;;) {
    for (; k > 0; k--) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const s0 = v128.load32_splat(a);
      c00 = madd(b0, s0, c00);
      c01 = madd(b1, s0, c01);
      const s1 = v128.load32_splat(a + a1);
      c10 = madd(b0, s1, c10);
      c11 = madd(b1, s1, c11);
      const s2 = v128.load32_splat(a + a2);
      c20 = madd(b0, s2, c20);
      c21 = madd(b1, s2, c21);
      const s3 = v128.load32_splat(a + a3);
      c30 = madd(b0, s3, c30);
      c31 = madd(b1, s3, c31);
      a += aStep;
      b += bRow;
    }
    if (more == end) break;
    a += aStep * load<u32>(more);
    b += bRow * load<u32>(more);
    k = load<i32>(more, 4);
    more += 8;
  }
  const lo = v128.load32_splat(record, GEMM_LO);
  const hi = v128.load32_splat(record, GEMM_HI);
  v128.store(y, clamp4(c00, lo, hi));
  v128.store(y, clamp4(c01, lo, hi), 16);
  v128.store(y1, clamp4(c10, lo, hi));
  v128.store(y1, clamp4(c11, lo, hi), 16);
  v128.store(y2, clamp4(c20, lo, hi));
  v128.store(y2, clamp4(c21, lo, hi), 16);
  v128.store(y3, clamp4(c30, lo, hi));
  v128.store(y3, clamp4(c31, lo, hi), 16);
}

/** 1 row x 4 columns. */
function tile1x4(record: usize, a: usize, b: usize, y: usize, k: i32, more: usize, end: usize): void {
  const aStep = <usize>load<u32>(record, GEMM_A_STEP);
  const bRow = <usize>load<u32>(record, GEMM_B_ROW);
  let c = f32x4.splat(0);
  for (;;) {
    for (; k > 0; k--) {
      c = madd(v128.load(b), v128.load32_splat(a), c);
      a += aStep;
      b += bRow;
    }
    if (more == end) break;
    a += aStep * load<u32>(more);
    b += bRow * load<u32>(more);
    k = load<i32>(more, 4);
    more += 8;
  }
  v128.store(y, clamp4(c, v128.load32_splat(record, GEMM_LO), v128.load32_splat(record, GEMM_HI)));
}

/** 1 row x 1 column. */
function tile1x1(record: usize, a: usize, b: usize, y: usize, k: i32, more: usize, end: usize): void {
  const aStep = <usize>load<u32>(record, GEMM_A_STEP);
  const bRow = <usize>load<u32>(record, GEMM_B_ROW);
  let c = f32x4.splat(0);
  for (;;) {
    for (; k > 0; k--) {
      // The same (possibly fused) arithmetic as in the vector tiles.
      c = madd(v128.load32_splat(b), v128.load32_splat(a), c);
      a += aStep;
      b += bRow;
    }
    if (more == end) break;
    a += aStep * load<u32>(more);
    b += bRow * load<u32>(more);
    k = load<i32>(more, 4);
    more += 8;
  }
  store<f32>(y, clamp1(f32x4.extract_lane(c, 0), load<f32>(record, GEMM_LO), load<f32>(record, GEMM_HI)));
}

/** Threads share the groups of four rows of all batches; the first one leaves out the columns of a that are not live. */
export function gemm(record: usize, thread: i32, threads: i32): void {
  const m = load<i32>(record, GEMM_M);
  const n = load<i32>(record, GEMM_N);
  const inner = load<i32>(record, GEMM_INNER);
  const groups = (m + 3) >> 2;
  const items = groups * inner * load<i32>(record, GEMM_OUTER);
  if (items == 0 || n == 0) return;
  const aRow = <usize>load<u32>(record, GEMM_A_ROW);
  const yRow = <usize>load<u32>(record, GEMM_Y_ROW);
  const columns = load<i32>(record, GEMM_K);
  const aStep = <usize>load<u32>(record, GEMM_A_STEP);
  const bRow = <usize>load<u32>(record, GEMM_B_ROW);
  const live: usize = thread == 0 ? load<usize>(record, GEMM_LIVE) : 0;
  if (live) openLive(live, load<f32>(record, GEMM_THRESHOLD));
  const last = shareEnd(items, thread, threads);
  for (let item = shareStart(items, thread, threads); item < last; item++) {
    const batch = item / groups;
    const row = (item % groups) << 2;
    const o = <usize>(batch / inner);
    const i = <usize>(batch % inner);
    let a = load<usize>(record, GEMM_A) + o * load<u32>(record, GEMM_A_OUTER) + i * load<u32>(record, GEMM_A_INNER) + <usize>row * aRow;
    let b = load<usize>(record, GEMM_B) + o * load<u32>(record, GEMM_B_OUTER) + i * load<u32>(record, GEMM_B_INNER);
    const y = load<usize>(record, GEMM_Y) + o * load<u32>(record, GEMM_Y_OUTER) + i * load<u32>(record, GEMM_Y_INNER) + <usize>row * yRow;
    const rows = min(4, m - row);
    let k = columns;
    let more: usize = 0;
    let end: usize = 0;
    if (live) {
      end = liveRuns(a, aRow, rows, columns);
      more = live + 4;
      const first = more < end;
      const gap = first ? <usize>load<u32>(more) : 0;
      k = first ? load<i32>(more, 4) : 0;
      more = first ? more + 8 : end;
      a += gap * aStep;
      b += gap * bRow;
    }
    let col = 0;
    if (rows == 4) for (; col + 8 <= n; col += 8) tile4x8(record, a, b + (<usize>col << 2), y + (<usize>col << 2), k, more, end);
    for (let r = 0; r < rows; r++) {
      const ar = a + <usize>r * aRow;
      const yr = y + <usize>r * yRow;
      let c = col;
      for (; c + 4 <= n; c += 4) tile1x4(record, ar, b + (<usize>c << 2), yr + (<usize>c << 2), k, more, end);
      for (; c < n; c++) tile1x1(record, ar, b + (<usize>c << 2), yr + (<usize>c << 2), k, more, end);
    }
  }
}

export function checkGemm(record: usize): i32 {
  const outer = field(record, GEMM_OUTER);
  const inner = field(record, GEMM_INNER);
  const m = field(record, GEMM_M);
  const n = field(record, GEMM_N);
  const k = field(record, GEMM_K);
  if (outer * inner * m > 0x7fffffff) return GEMM_OUTER;
  if (n > 0x7ffffff0) return GEMM_N;
  if (k > 0x7fffffff) return GEMM_K;
  if (outer * inner * m * n == 0) return 0;
  const o = outer - 1;
  const i = inner - 1;
  if (k > 1 && field(record, GEMM_A_STEP) < 4) return GEMM_A_STEP;
  if (k > 0) {
    const lastA =
      o * field(record, GEMM_A_OUTER) +
      i * field(record, GEMM_A_INNER) +
      (m - 1) * field(record, GEMM_A_ROW) +
      (k - 1) * field(record, GEMM_A_STEP);
    if (!readable(field(record, GEMM_A), lastA + 4)) return GEMM_A;
    const lastB = o * field(record, GEMM_B_OUTER) + i * field(record, GEMM_B_INNER) + (k - 1) * field(record, GEMM_B_ROW);
    if (!readable(field(record, GEMM_B), lastB + n * 4)) return GEMM_B;
  }
  // Rows and batches may not overlap: the work of a record is then bounded by the arena.
  if (m > 1 && field(record, GEMM_Y_ROW) < n * 4) return GEMM_Y_ROW;
  const matrix = (m - 1) * field(record, GEMM_Y_ROW) + n * 4;
  if (inner > 1 && field(record, GEMM_Y_INNER) < matrix) return GEMM_Y_INNER;
  const row = i * field(record, GEMM_Y_INNER) + matrix;
  if (outer > 1 && field(record, GEMM_Y_OUTER) < row) return GEMM_Y_OUTER;
  const y = field(record, GEMM_Y);
  const yBytes = o * field(record, GEMM_Y_OUTER) + row;
  if (!writable(y, yBytes)) return GEMM_Y;
  const live = field(record, GEMM_LIVE);
  if (live == 0) return 0;
  if (k > 0 && field(record, GEMM_A_STEP) != 4) return GEMM_A_STEP;
  const rowsOfA =
    o * field(record, GEMM_A_OUTER) + i * field(record, GEMM_A_INNER) + (m - 1) * field(record, GEMM_A_ROW) + 4 * k;
  if (!readable(field(record, GEMM_A), rowsOfA + 12)) return GEMM_A;
  // Nothing but the scan may write the runs that the tiles follow.
  const bytes = liveBytes(k);
  if (live % 4 != 0 || !writable(live, bytes) || (live < y + yBytes && y < live + bytes)) return GEMM_LIVE;
  return load<f32>(record, GEMM_THRESHOLD) >= 0 ? 0 : GEMM_THRESHOLD;
}
