/** Maps a number to pixels. */
export type Scale = (value: number) => number;

export const linear =
  ([a, b]: readonly [number, number], [from, to]: readonly [number, number]): Scale =>
  (value) =>
    from + ((value - a) / (b - a)) * (to - from);

/** Whole numbers from 0 to the first step that is at least `most`, at most `steps` steps of 1, 2 or 5 times a power of ten. */
export function countTicks(most: number, steps: number): number[] {
  for (let power = 1; ; power *= 10) {
    for (const digit of [1, 2, 5]) {
      const step = digit * power;
      const n = Math.max(1, Math.ceil(most / step));
      if (n <= steps) return Array.from({ length: n + 1 }, (_, i) => i * step);
    }
  }
}
