/** Copies `count` words; the last vector overlaps the one before. */
// @ts-ignore: decorator
@inline
export function copyWords(src: usize, dst: usize, count: u32): void {
  if (count < 4) {
    for (; count > 0; count--, src += 4, dst += 4) store<u32>(dst, load<u32>(src));
    return;
  }
  const lastSrc = src + (<usize>(count - 4) << 2);
  const lastDst = dst + (<usize>(count - 4) << 2);
  for (; src < lastSrc; src += 16, dst += 16) v128.store(dst, v128.load(src));
  v128.store(lastDst, v128.load(lastSrc));
}

/** Clears `count` words. */
// @ts-ignore: decorator
@inline
export function clearWords(dst: usize, count: u32): void {
  if (count < 4) {
    for (; count > 0; count--, dst += 4) store<u32>(dst, 0);
    return;
  }
  const zero = i32x4.splat(0);
  const last = dst + (<usize>(count - 4) << 2);
  for (; dst < last; dst += 16) v128.store(dst, zero);
  v128.store(last, zero);
}
