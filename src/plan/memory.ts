/** Something that needs `bytes` of the arena from step `first` to step `last`, both included. */
export interface Lifetime {
  bytes: number;
  first: number;
  last: number;
}

export interface MemoryPlan {
  /** Offset of each lifetime in the arena. */
  offsets: number[];
  /** Bytes of the arena. */
  peak: number;
  /** Bytes if nothing were reused. */
  total: number;
}

const ALIGNMENT = 64;

export const alignUp = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/**
 * Offsets such that no two lifetimes that overlap in time overlap in the arena: largest first, each at the lowest gap that holds it.
 * Offsets are multiples of 64 bytes.
 */
export function planMemory(lifetimes: readonly Lifetime[]): MemoryPlan {
  const sizes = lifetimes.map((l) => alignUp(l.bytes));
  const order = lifetimes
    .map((_, i) => i)
    .sort((a, b) => sizes[b] - sizes[a] || lifetimes[a].first - lifetimes[b].first);
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const placed: number[] = [];
  let peak = 0;
  for (const i of order) {
    const { first, last } = lifetimes[i];
    const alive = placed
      .filter((j) => lifetimes[j].first <= last && first <= lifetimes[j].last)
      .sort((a, b) => offsets[a] - offsets[b]);
    let offset = 0;
    for (const j of alive) {
      if (offsets[j] - offset >= sizes[i]) break;
      offset = Math.max(offset, offsets[j] + sizes[j]);
    }
    offsets[i] = offset;
    placed.push(i);
    peak = Math.max(peak, offset + sizes[i]);
  }
  return { offsets, peak, total: sizes.reduce((sum, s) => sum + s, 0) };
}
