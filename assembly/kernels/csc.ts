import {
  CSC_BIAS,
  CSC_COLS,
  CSC_STARTS,
  CSC_HI,
  CSC_IMAGES,
  CSC_INPUTS,
  CSC_LO,
  CSC_OFFSETS,
  CSC_PLACES,
  CSC_ROWS,
  CSC_STORED,
  CSC_WEIGHTS,
  CSC_X,
  CSC_X_IMAGE,
  CSC_Y,
  CSC_Y_IMAGE,
  CSC_Y_ROW,
  CSC_Z,
  CSC_Z_IMAGE,
  CSC_Z_ROW,
} from '../abi/csc';
import { field, fixed, readable, writable } from '../bounds';
import { clamp4 } from '../prelude';
import { maxOffset } from './spmm';

export { csc_narrow, csc_wide } from '../generated/csc';

const MAX_ITEMS: f64 = 0x7fffffff;

/** The sums of a tile of `vectors` before the first column of W: bias and, if there is one, Z. */
export function openTile(record: usize, y: usize, z: usize, vectors: i32): void {
  const yRow = <usize>load<u32>(record, CSC_Y_ROW);
  const zRow = <usize>load<u32>(record, CSC_Z_ROW);
  const bytes = <usize>vectors << 4;
  let b = load<usize>(record, CSC_BIAS);
  const end = b + (<usize>load<u32>(record, CSC_ROWS) << 2);
  for (; b < end; b += 4) {
    const bias = v128.load32_splat(b);
    if (z) {
      for (let i: usize = 0; i < bytes; i += 16) v128.store(y + i, f32x4.add(bias, v128.load(z + i)));
      z += zRow;
    } else {
      for (let i: usize = 0; i < bytes; i += 16) v128.store(y + i, bias);
    }
    y += yRow;
  }
}

/** Clamps the sums of a tile. */
export function closeTile(record: usize, y: usize, vectors: i32): void {
  const lo = v128.load32_splat(record, CSC_LO);
  const hi = v128.load32_splat(record, CSC_HI);
  const yRow = <usize>load<u32>(record, CSC_Y_ROW);
  const bytes = <usize>vectors << 4;
  for (let rows = load<u32>(record, CSC_ROWS); rows > 0; rows--) {
    for (let i: usize = 0; i < bytes; i += 16) v128.store(y + i, clamp4(v128.load(y + i), lo, hi));
    y += yRow;
  }
}

/** True if the starts of `inputs` columns and the end behind them ascend to at most `stored`. */
function ascend(starts: usize, inputs: u32, stored: u32): bool {
  let before: u32 = 0;
  for (let i: u32 = 0; i <= inputs; i++) {
    const start = load<u32>(starts + (<usize>i << 2));
    if (start < before) return false;
    before = start;
  }
  return before <= stored;
}

export function checkCsc(record: usize): i32 {
  const images = field(record, CSC_IMAGES);
  const columnBytes = Math.ceil(field(record, CSC_COLS) / 4) * 16;
  if (images * columnBytes > MAX_ITEMS) return CSC_IMAGES;
  if (images == 0 || columnBytes == 0) return 0;
  const rows = field(record, CSC_ROWS);
  const inputs = field(record, CSC_INPUTS);
  const stored = field(record, CSC_STORED);
  if (!readable(field(record, CSC_BIAS), rows * 4)) return CSC_BIAS;
  if (!readable(field(record, CSC_WEIGHTS), stored * 4)) return CSC_WEIGHTS;
  if (!fixed(field(record, CSC_PLACES), stored * 4)) return CSC_PLACES;
  if (!fixed(field(record, CSC_STARTS), inputs * 4 + 4)) return CSC_STARTS;
  if (!fixed(field(record, CSC_OFFSETS), inputs * 4)) return CSC_OFFSETS;
  if (!ascend(load<usize>(record, CSC_STARTS), load<u32>(record, CSC_INPUTS), load<u32>(record, CSC_STORED))) return CSC_STARTS;
  if (inputs > 0) {
    const reach = maxOffset(load<usize>(record, CSC_OFFSETS), load<u32>(record, CSC_INPUTS)) + columnBytes;
    if (!readable(field(record, CSC_X), (images - 1) * field(record, CSC_X_IMAGE) + reach)) return CSC_X;
  }
  if (rows == 0) return stored == 0 ? 0 : CSC_STORED;
  if (field(record, CSC_Z) != 0) {
    const reach = (images - 1) * field(record, CSC_Z_IMAGE) + (rows - 1) * field(record, CSC_Z_ROW) + columnBytes;
    if (!readable(field(record, CSC_Z), reach)) return CSC_Z;
  }
  // Rows may not overlap: the work of a record is then bounded by the arena.
  if (rows > 1 && field(record, CSC_Y_ROW) < columnBytes) return CSC_Y_ROW;
  const last = (rows - 1) * field(record, CSC_Y_ROW);
  if (maxOffset(load<usize>(record, CSC_PLACES), load<u32>(record, CSC_STORED)) > last) return CSC_PLACES;
  const imageBytes = last + columnBytes;
  if (images > 1 && field(record, CSC_Y_IMAGE) < imageBytes) return CSC_Y_IMAGE;
  return writable(field(record, CSC_Y), (images - 1) * field(record, CSC_Y_IMAGE) + imageBytes) ? 0 : CSC_Y;
}
