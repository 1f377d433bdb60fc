// Copies of byte ranges inside kernels.

/** Copies `bytes` bytes; a call of memory.copy for a short run would cost more than the copy. */
// @ts-ignore: decorator
@inline
export function copyBytes(src: usize, dst: usize, bytes: usize): void {
  if (bytes >= 64) {
    memory.copy(dst, src, bytes);
    return;
  }
  const end = dst + bytes;
  for (; dst + 16 <= end; dst += 16, src += 16) v128.store(dst, v128.load(src));
  for (; dst + 4 <= end; dst += 4, src += 4) store<u32>(dst, load<u32>(src));
  for (; dst < end; dst++, src++) store<u8>(dst, load<u8>(src));
}
