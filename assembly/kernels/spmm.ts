import {
  MAX_SLICES,
  SPMM_BIAS,
  SPMM_BLOCKS,
  SPMM_BLOCK_ROWS,
  SPMM_COLS,
  SPMM_COUNTS,
  SPMM_IMAGES,
  SPMM_OFFSETS,
  SPMM_SLICES,
  SPMM_WEIGHTS,
  SPMM_X,
  SPMM_X_IMAGE,
  SPMM_Y,
  SPMM_Y_IMAGE,
  SPMM_Y_ROW,
  SPMM_Z,
  SPMM_Z_IMAGE,
  SPMM_Z_ROW,
} from '../abi/spmm';
import { field, fixed, readable, writable } from '../bounds';

export {
  csr_narrow,
  csr_wide,
  bsr2x1_narrow,
  bsr2x1_wide,
  bsr4x1_narrow,
  bsr4x1_wide,
} from '../generated/spmm';
export { dense_narrow, dense_wide } from '../generated/gemm';

const MAX_ITEMS: f64 = 0x7fffffff;

/** Largest of `count` byte offsets. */
export function maxOffset(offsets: usize, count: u32): f64 {
  let max: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const offset = load<u32>(offsets + (<usize>i << 2));
    max = offset > max ? offset : max;
  }
  return <f64>max;
}

/** True if the counts of `rows` block rows add up to `blocks`. */
export function countsAddUp(counts: usize, rows: u32, blocks: f64): bool {
  let sum: f64 = 0;
  for (let i: u32 = 0; i < rows; i++) sum += <f64>load<u32>(counts + (<usize>i << 2));
  return sum == blocks;
}

function checkOperands(record: usize, rows: f64, dense: bool): i32 {
  const slices = field(record, SPMM_SLICES);
  if (slices < 1 || slices > MAX_SLICES) return SPMM_SLICES;
  const blockRows = field(record, SPMM_BLOCK_ROWS);
  const blocks = field(record, SPMM_BLOCKS);
  const images = field(record, SPMM_IMAGES);
  const columnBytes = Math.ceil(field(record, SPMM_COLS) / 4) * 16;
  if (images * columnBytes > MAX_ITEMS) return SPMM_IMAGES;
  if (images == 0 || columnBytes == 0) return 0;
  if (!fixed(field(record, SPMM_OFFSETS), blocks * 4)) return SPMM_OFFSETS;
  if (!readable(field(record, SPMM_BIAS), blockRows * rows * 4)) return SPMM_BIAS;
  if (!readable(field(record, SPMM_WEIGHTS), blocks * rows * 4 * (dense ? blockRows : 1))) return SPMM_WEIGHTS;
  if (!dense) {
    const counts = slices * blockRows;
    if (!fixed(field(record, SPMM_COUNTS), counts * 4)) return SPMM_COUNTS;
    if (!countsAddUp(load<usize>(record, SPMM_COUNTS), <u32>counts, blocks)) return SPMM_COUNTS;
  }
  if (blocks > 0) {
    const reach = maxOffset(load<usize>(record, SPMM_OFFSETS), load<u32>(record, SPMM_BLOCKS)) + columnBytes;
    if (!readable(field(record, SPMM_X), (images - 1) * field(record, SPMM_X_IMAGE) + reach)) return SPMM_X;
  }
  const height = blockRows * rows;
  if (height == 0) return 0;
  if (field(record, SPMM_Z) != 0) {
    const reach = (images - 1) * field(record, SPMM_Z_IMAGE) + (height - 1) * field(record, SPMM_Z_ROW) + columnBytes;
    if (!readable(field(record, SPMM_Z), reach)) return SPMM_Z;
  }
  // Nothing may overlap: the work of a record is then bounded by the arena. Images stand one behind the other, or their rows take turns.
  const row = field(record, SPMM_Y_ROW);
  const image = field(record, SPMM_Y_IMAGE);
  if (height > 1 && row < columnBytes) return SPMM_Y_ROW;
  const imageBytes = (height - 1) * row + columnBytes;
  const turns = image >= columnBytes && (images - 1) * image + columnBytes <= row;
  if (images > 1 && image < imageBytes && !turns) return SPMM_Y_IMAGE;
  return writable(field(record, SPMM_Y), (images - 1) * image + imageBytes) ? 0 : SPMM_Y;
}

export function checkCsr(record: usize): i32 {
  return checkOperands(record, 1, false);
}

export function checkBsr2x1(record: usize): i32 {
  return checkOperands(record, 2, false);
}

export function checkBsr4x1(record: usize): i32 {
  return checkOperands(record, 4, false);
}

export function checkDense(record: usize): i32 {
  return checkOperands(record, 4, true);
}
