/**
 * Two running sums over u32 words, then over the bytes that are left: `a += word`, `b += a`; `a` starts at the number of bytes. The same as
 * `checksum` of the package format, four words a round.
 * @returns `a` in the low half, `b` in the high one
 */
export function checksum(at: usize, bytes: usize): u64 {
  const end = at + bytes;
  let a = <u32>bytes;
  let b: u32 = 0;
  for (; at + 16 <= end; at += 16) {
    const first = load<u32>(at);
    const second = load<u32>(at, 4);
    const third = load<u32>(at, 8);
    const fourth = load<u32>(at, 12);
    b += 4 * a + 4 * first + 3 * second + 2 * third + fourth;
    a += first + second + third + fourth;
  }
  for (; at + 4 <= end; at += 4) b += a += load<u32>(at);
  for (; at < end; at++) b += a += <u32>load<u8>(at);
  return (<u64>b << 32) | <u64>a;
}
