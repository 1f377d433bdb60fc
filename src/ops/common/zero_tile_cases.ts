import type { OpCase } from '../op.ts';

const SHAPES: readonly [n: number, channels: number, height: number, side: number, kernel: number, stride: number][] = [
  [2, 6, 9, 9, 1, 1],
  [2, 6, 9, 9, 3, 1],
  [2, 6, 9, 9, 3, 2],
  [1, 5, 7, 28, 1, 2],
  [1, 30, 6, 14, 3, 1],
  [1, 300, 13, 7, 1, 1],
  [1, 3, 401, 5, 1, 1],
];

/** Convolutions whose input has all-zero tiles and channels. `addend`: with a tensor that is added to the output. */
export function zeroTileCases(addend: boolean): OpCase[] {
  return [0.5, 1].flatMap((density) =>
    SHAPES.map(([n, channels, height, side, kernel, stride], i): OpCase => {
      // A kernel that adds a tensor takes whole blocks of rows only.
      const rows = addend ? Math.ceil(height / 4) * 4 : height;
      const pad = kernel >> 1;
      const out = Math.ceil(side / stride);
      return {
        name: `zero tiles ${kernel}x${kernel} s${stride} ${n}x${channels}x${side} d${density}`,
        attrs: { pads: [pad, pad, pad, pad], strides: [stride, stride] },
        clamp: i % 2 === 0 ? { lo: -1, hi: 1 } : undefined,
        inputs: [
          { dims: [n, channels, side, side], zeroTiles: i % 3 === 0 ? 0.9 : 0.5 },
          { dims: [rows, channels, kernel, kernel], constant: true, density },
          { dims: [rows], constant: true },
          ...(addend ? [{ dims: [n, rows, out, out] }] : []),
        ],
      };
    }),
  );
}
