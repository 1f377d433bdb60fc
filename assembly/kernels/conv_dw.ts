import {
  DW_BIAS,
  DW_CHANNELS,
  DW_H,
  DW_HI,
  DW_IMAGES,
  DW_LEFT,
  DW_LO,
  DW_OUT_H,
  DW_OUT_W,
  DW_STEP,
  DW_TOP,
  DW_W,
  DW_WEIGHTS,
  DW_X,
  DW_X_IMAGE,
  DW_X_PLANE,
  DW_X_ROW,
  DW_Y,
  DW_Y_IMAGE,
  DW_Y_PLANE,
  DW_Y_ROW,
  DW_ZEROS,
} from '../abi/conv_dw';
import { field, readable, writable } from '../bounds';
import { shareEnd, shareStart } from '../prelude';
import { rowsAtOnce } from './conv_dw_rows';
import { rowsStep1 } from './conv_dw_step1';
import { rowsStep2 } from './conv_dw_step2';

/** Threads share the planes. Up to 16 bytes in front of a row are read and not used. */
export function convDw(record: usize, thread: i32, threads: i32): void {
  const channels = load<i32>(record, DW_CHANNELS);
  const planes = channels * load<i32>(record, DW_IMAGES);
  const step = load<i32>(record, DW_STEP);
  const rows = load<i32>(record, DW_OUT_H);
  const most = rowsAtOnce(record);
  const last = shareEnd(planes, thread, threads);
  for (let plane = shareStart(planes, thread, threads); plane < last; plane++) {
    const c = <usize>(plane % channels);
    const n = <usize>(plane / channels);
    const w = load<usize>(record, DW_WEIGHTS) + c * 36;
    const bias = load<usize>(record, DW_BIAS) + c * 4;
    const x = load<usize>(record, DW_X) + n * load<u32>(record, DW_X_IMAGE) + c * load<u32>(record, DW_X_PLANE);
    const y = load<usize>(record, DW_Y) + n * load<u32>(record, DW_Y_IMAGE) + c * load<u32>(record, DW_Y_PLANE);
    for (let r = 0; r < rows; r += most) {
      const q = y + <usize>r * load<u32>(record, DW_Y_ROW);
      if (step == 1) rowsStep1(record, x, q, w, bias, r, min(most, rows - r));
      else rowsStep2(record, x, q, w, bias, r, min(most, rows - r));
    }
  }
}

export function checkConvDw(record: usize): i32 {
  const channels = field(record, DW_CHANNELS);
  const images = field(record, DW_IMAGES);
  const h = field(record, DW_H);
  const w = field(record, DW_W);
  const rows = field(record, DW_OUT_H);
  const cols = field(record, DW_OUT_W);
  const left = field(record, DW_LEFT);
  const top = field(record, DW_TOP);
  const step = field(record, DW_STEP);
  const limit: f64 = 0x7ffffff;
  if (channels < 1 || channels > limit) return DW_CHANNELS;
  if (images < 1 || channels * images > 0x7fffffff) return DW_IMAGES;
  if (step != 1 && step != 2) return DW_STEP;
  if (left > 1) return DW_LEFT;
  if (top > 1) return DW_TOP;
  if (h < 1 || h > limit) return DW_H;
  if (w < 1 || w > limit) return DW_W;
  // The last window may reach over the lower and the right edge by one row and one column.
  if (rows < 1 || (rows - 1) * step - top + 2 > h) return DW_OUT_H;
  if (cols < 4 || (cols - 1) * step - left + 2 > w) return DW_OUT_W;
  if (!readable(field(record, DW_WEIGHTS), channels * 36)) return DW_WEIGHTS;
  if (!readable(field(record, DW_BIAS), channels * 4)) return DW_BIAS;
  if (!readable(field(record, DW_ZEROS), (w + 16) * 4)) return DW_ZEROS;
  const lastIn = (images - 1) * field(record, DW_X_IMAGE) + (channels - 1) * field(record, DW_X_PLANE);
  if (!readable(field(record, DW_X), lastIn + (h - 1) * field(record, DW_X_ROW) + (w + 8) * 4)) return DW_X;
  // Rows, planes and images may not overlap: the work of a record is then bounded by the arena.
  if (field(record, DW_Y_ROW) < cols * 4) return DW_Y_ROW;
  const planeOut = (rows - 1) * field(record, DW_Y_ROW) + cols * 4;
  if (channels > 1 && field(record, DW_Y_PLANE) < planeOut) return DW_Y_PLANE;
  const imageOut = (channels - 1) * field(record, DW_Y_PLANE) + planeOut;
  if (images > 1 && field(record, DW_Y_IMAGE) < imageOut) return DW_Y_IMAGE;
  return writable(field(record, DW_Y), (images - 1) * field(record, DW_Y_IMAGE) + imageOut) ? 0 : DW_Y;
}
