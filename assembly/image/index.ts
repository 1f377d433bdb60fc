import * as abi from '../abi/image';
import { finishPixels, finishPlanes } from './finish';
import { acrossGrey, acrossPixels } from './horizontal';
import { vertical } from './vertical';

export { blend } from './blend';

export const marker: i32 = abi.IMAGE_MARKER;

/** Makes the rows `first` to `last - 1` of the result, whose source rows are in memory. Addresses are the caller's: nothing is checked. */
export function rows(record: usize, first: u32, last: u32): void {
  const pitch: usize = load<u32>(record, abi.IMAGE_PITCH);
  const channels: usize = load<u32>(record, abi.IMAGE_CHANNELS);
  const pairs = load<i32>(record, abi.IMAGE_PAIRS);
  const entry = <usize>(4 + pairs * 8);
  const columns: usize = load<u32>(record, abi.IMAGE_COLUMNS);
  const pixels: usize = load<u32>(record, abi.IMAGE_PIXELS);
  const across: usize = load<u32>(record, abi.IMAGE_ACROSS);
  const taps = load<i32>(record, abi.IMAGE_TAPS);
  const width = load<i32>(record, abi.IMAGE_WIDTH);
  const outChannels = load<i32>(record, abi.IMAGE_OUT_CHANNELS);
  const outPlane: usize = load<u32>(record, abi.IMAGE_OUT_PLANE);
  const float = load<u32>(record, abi.IMAGE_OUT_BYTES) == 4;
  for (let r = first; r < last; r++) {
    const table = <usize>load<u32>(record, abi.IMAGE_VERTICAL) + <usize>r * entry;
    const above = load<u32>(table) - load<u32>(record, abi.IMAGE_BAND_ROW);
    const x = <usize>load<u32>(record, abi.IMAGE_BAND) + <usize>above * pitch;
    vertical(x, pitch, table + 4, pairs, load<f32>(record, abi.IMAGE_HIGH), load<f32>(record, abi.IMAGE_LOW), columns);
    if (channels == 1) acrossGrey(columns, across, taps, width, pixels);
    else acrossPixels(columns, across, taps, channels << 2, width, pixels);
    const y = <usize>load<u32>(record, abi.IMAGE_OUT) + <usize>r * load<u32>(record, abi.IMAGE_OUT_ROW);
    if (outPlane == 0 && outChannels == 3) finishPixels(record, pixels, width, y, float);
    else finishPlanes(record, pixels, width, y, outPlane, outChannels, float);
  }
}
