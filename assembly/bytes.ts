// Copies of byte ranges inside kernels.

/** Copies `bytes` bytes between ranges that do not overlap; up to a few rows of vectors a call of memory.copy costs more than the copy. */
// @ts-ignore: decorator
@inline
export function copyBytes(src: usize, dst: usize, bytes: usize): void {
  if (bytes > 512) {
    memory.copy(dst, src, bytes);
  } else if (bytes >= 16) {
    // The last vector overlaps the one before.
    const last = bytes - 16;
    for (let at: usize = 0; at < last; at += 16) v128.store(dst + at, v128.load(src + at));
    v128.store(dst + last, v128.load(src + last));
  } else if (bytes >= 8) {
    const first = load<u64>(src);
    const last = load<u64>(src + bytes - 8);
    store<u64>(dst, first);
    store<u64>(dst + bytes - 8, last);
  } else {
    for (; bytes >= 4; bytes -= 4, src += 4, dst += 4) store<u32>(dst, load<u32>(src));
    for (; bytes > 0; bytes--, src++, dst++) store<u8>(dst, load<u8>(src));
  }
}
