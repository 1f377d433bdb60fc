import type { CaseInput, OpCase } from '../op.ts';

const SIZES = [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];

/** Left dims, right dims. */
const SHAPES: readonly [readonly number[], readonly number[]][] = [
  [[], []],
  [[], [5]],
  [[17], [1]],
  [[1], [4, 9]],
  [[4, 9], [9]], // a row
  [
    [4, 9],
    [4, 1],
  ], // a column
  [
    [5, 1],
    [1, 17],
  ], // both stretched
  [
    [9, 4],
    [9, 4],
  ],
  [
    [1, 7],
    [1, 7],
  ],
  [
    [3, 1],
    [3, 1],
  ],
  [
    [3, 4, 5],
    [3, 4, 5],
  ],
  [
    [3, 4, 5],
    [1, 1, 5],
  ],
  [
    [3, 1, 5],
    [1, 4, 1],
  ],
  [
    [2, 3, 5, 7],
    [2, 3, 5, 7],
  ],
  [
    [2, 4, 4, 4],
    [4, 1, 1],
  ],
  [
    [2, 3, 5, 7],
    [1, 3, 1, 1],
  ],
  [
    [1, 3, 1, 1],
    [2, 3, 5, 7],
  ],
  [
    [2, 3, 5, 7],
    [2, 3, 1, 1],
  ],
  [
    [2, 3, 5, 7],
    [2, 1, 1, 1],
  ],
  [
    [2, 3, 5, 7],
    [1, 1, 5, 7],
  ],
  [
    [2, 3, 5, 7],
    [1, 1, 5, 1],
  ],
  [
    [2, 5, 1, 1],
    [2, 5, 1, 1],
  ],
  [
    [2, 5, 1, 9],
    [1, 5, 1, 1],
  ],
  [
    [2, 5, 9, 1],
    [2, 5, 9, 1],
  ],
  [
    [2, 1, 3, 1, 2, 1],
    [1, 3, 1, 2, 1, 5],
  ],
  [
    [2, 0, 3],
    [1, 1, 3],
  ],
];

const CONSTANTS: readonly [readonly number[], readonly number[]][] = [
  [[33], []],
  [[5, 9], [9]],
  [[5, 9], [1]],
  [
    [5, 9],
    [5, 9],
  ],
  [
    [5, 9],
    [5, 1],
  ],
  [
    [2, 3, 4],
    [1, 1, 4],
  ],
  [[2, 3, 5, 7], []],
  [
    [2, 3, 5, 7],
    [3, 1, 1],
  ],
  [
    [2, 3, 5, 7],
    [1, 3, 1, 1],
  ],
  [
    [1, 3, 5, 7],
    [1, 3, 5, 7],
  ],
];

const show = (dims: readonly number[]) => `[${dims}]`;

/** Values away from zero, so that a quotient stays in range. */
function divisor(dims: readonly number[], constant?: boolean): CaseInput {
  const size = dims.reduce((product, d) => product * d, 1);
  return { dims, constant, values: Array.from({ length: size }, (_, i) => ((i % 2) * 2 - 1) * (0.5 + (i % 7) / 4)) };
}

/** Element counts around the tiles, every kind of broadcast, constants on either side, a fused clamp. */
export function binaryCases(): OpCase[] {
  return [
    ...SIZES.map((n): OpCase => ({ name: show([n]), inputs: [{ dims: [n] }, divisor([n])] })),
    ...SHAPES.map(([a, b]): OpCase => ({ name: `${show(a)} and ${show(b)}`, inputs: [{ dims: a }, divisor(b)] })),
    ...CONSTANTS.flatMap(([a, b]): OpCase[] => [
      { name: `${show(a)} and constant ${show(b)}`, inputs: [{ dims: a }, divisor(b, true)] },
      { name: `constant ${show(b)} and ${show(a)}`, inputs: [{ dims: b, constant: true }, divisor(a)] },
    ]),
    { name: 'fused clamp', inputs: [{ dims: [2, 3, 5, 7] }, divisor([1, 3, 1, 1], true)], clamp: { lo: 0, hi: 0.5 } },
    {
      name: 'special values under a clamp',
      inputs: [{ dims: [5], values: [Number.NaN, Infinity, -Infinity, 1, -1] }, divisor([5])],
      clamp: { lo: 0, hi: 6 },
    },
  ];
}
