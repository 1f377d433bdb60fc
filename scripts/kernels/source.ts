/** What the generators of column tiles share. */

/** 0, 1, … n - 1. */
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

export const indent = (lines: readonly string[]): string[] => lines.map((l) => `  ${l}`);

/** A block of statements behind `head`. */
export const braces = (head: string, body: readonly string[]): string[] => [`${head} {`, ...indent(body), '}'];

/** The accumulators of one tile. */
interface Shape {
  rows: number;
  vectors: number;
}

/** A line for each accumulator, `row` at its row of the operand; `row += step` from one row to the next. */
function each({ rows, vectors }: Shape, step: string, line: (r: number, v: number) => string): string[] {
  return range(rows).flatMap((r) => [
    ...range(vectors).map((v) => line(r, v)),
    ...(r < rows - 1 ? [`row += ${step};`] : []),
  ]);
}

/** Accumulators `a<row>_<vector>` from the bias at `b` and Z in the first slice of the weights, from Y at `out` in later ones. */
export function begin(t: Shape): string[] {
  return [
    ...range(t.rows).flatMap((r) => range(t.vectors).map((v) => `let a${r}_${v}: v128;`)),
    'let row = out;',
    'if (slice == 0) {',
    ...indent(
      range(t.rows).flatMap((r) => [
        `a${r}_0 = v128.load32_splat(b, ${r * 4});`,
        ...range(t.vectors - 1).map((v) => `a${r}_${v + 1} = a${r}_0;`),
      ]),
    ),
    ...indent(
      braces('if (z)', [
        'row = z;',
        ...each(t, 'zRow', (r, v) => `a${r}_${v} = f32x4.add(a${r}_${v}, v128.load(row, ${v * 16}));`),
        `z += zRow * ${t.rows};`,
      ]),
    ),
    '} else {',
    ...indent(each(t, 'yRow', (r, v) => `a${r}_${v} = v128.load(row, ${v * 16});`)),
    '}',
    `b += ${t.rows * 4};`,
  ];
}

/** Stores the accumulators to Y, clamped after the last slice, and goes on to the next rows. */
export function finish(t: Shape): string[] {
  return [
    'row = out;',
    'if (slice == final) {',
    // Loaded here, not before the loop: two more live registers there would spill accumulators.
    '  const lo = v128.load32_splat(record, SPMM_LO);',
    '  const hi = v128.load32_splat(record, SPMM_HI);',
    ...indent(each(t, 'yRow', (r, v) => `v128.store(row, clamp4(a${r}_${v}, lo, hi), ${v * 16});`)),
    '} else {',
    ...indent(each(t, 'yRow', (r, v) => `v128.store(row, a${r}_${v}, ${v * 16});`)),
    '}',
    `out += yRow * ${t.rows};`,
  ];
}

/** What every tile reads from its record, whose block rows are of `rows` rows. */
export const fields = (rows: number): string[] => [
  'const zRow = <usize>load<u32>(record, SPMM_Z_ROW);',
  'const yRow = <usize>load<u32>(record, SPMM_Y_ROW);',
  'const bias = load<usize>(record, SPMM_BIAS);',
  `const end = bias + <usize>load<u32>(record, SPMM_BLOCK_ROWS) * ${rows * 4};`,
  'const final = load<i32>(record, SPMM_SLICES) - 1;',
];

/** The loop over column tiles. */
interface TileLoop {
  name: string;
  /** Of the field names: `<prefix>_X`, `<prefix>_COLS`, … */
  prefix: string;
  /** Vectors of the widest tile. */
  widest: number;
  /** Statements for one tile of `vectors` vectors, with `x`, `y` and, unless 0, `z` at its first column. */
  body: readonly string[];
  /** Statements in front of the loop and behind it. */
  before?: readonly string[];
  after?: readonly string[];
}

/**
 * Column tiles of all images are the items that threads share. The columns of an image are split into as few tiles as the widest allows,
 * equal but for one vector: a narrow last tile would cost nearly as much as a wide one.
 */
export function tileLoop({ name, prefix, widest, body, before = [], after = [] }: TileLoop): string {
  const address = (operand: string): string =>
    `<usize>image * load<u32>(record, ${prefix}_${operand}_IMAGE) + <usize>column * 16`;
  const lines = [
    `const columns = (load<i32>(record, ${prefix}_COLS) + 3) >> 2;`,
    `const tiles = (columns + ${widest - 1}) / ${widest};`,
    'if (tiles == 0) return;',
    'const width = columns / tiles;',
    'const wider = columns % tiles;',
    `const first = shareStart(tiles * load<i32>(record, ${prefix}_IMAGES), thread, threads);`,
    `const last = shareEnd(tiles * load<i32>(record, ${prefix}_IMAGES), thread, threads);`,
    ...before,
    ...braces('for (let item = first; item < last; item++)', [
      'const image = item / tiles;',
      'const tile = item % tiles;',
      'const column = tile * width + min(tile, wider);',
      'const vectors = width + <i32>(tile < wider);',
      `const x = load<usize>(record, ${prefix}_X) + ${address('X')};`,
      `const y = load<usize>(record, ${prefix}_Y) + ${address('Y')};`,
      `let z = load<usize>(record, ${prefix}_Z);`,
      `if (z) z += ${address('Z')};`,
      ...body,
    ]),
    ...after,
  ];
  return ['', ...braces(`function ${name}(record: usize, thread: i32, threads: i32): void`, lines), ''].join('\n');
}

/** Calls the tile of `vectors` vectors; `tile` names the function of a width. */
export const callTile = (widest: number, tile: (vectors: number) => string, parameters: string): string[] =>
  braces(
    'switch (vectors)',
    range(widest).map((i) => `case ${i + 1}: ${tile(i + 1)}(${parameters}); break;`),
  );

/** Exports `<format>_narrow` and `<format>_wide`, which call drivers; the wide class has one of its own in the relaxed build. */
export function engineKernels(format: string, drivers: { narrow: string; wide: string; relaxed: string }): string {
  const call = (driver: string): string => `${driver}(record, thread, threads);`;
  const kernel = (engine: string, lines: readonly string[]): string[] => [
    '',
    ...braces(`export function ${format}_${engine}(record: usize, thread: i32, threads: i32): void`, lines),
  ];
  const wide =
    drivers.wide === drivers.relaxed
      ? [call(drivers.wide)]
      : [
          '// @ts-ignore: RELAXED is a build constant',
          `if (RELAXED) ${call(drivers.relaxed)}`,
          `else ${call(drivers.wide)}`,
        ];
  return [...kernel('narrow', [call(drivers.narrow)]), ...kernel('wide', wide), ''].join('\n');
}

const FIELDS =
  'BIAS BLOCKS BLOCK_ROWS COLS COUNTS HI IMAGES LIVE LO OFFSETS SLICES WEIGHTS X X_IMAGE Y Y_IMAGE Y_ROW Z Z_IMAGE Z_ROW';

/** First lines of a generated file. */
export const IMPORTS = `import { ${FIELDS.split(' ')
  .map((name) => `SPMM_${name}`)
  .join(', ')} } from '../abi/spmm';
import { clamp4, madd, shareEnd, shareStart } from '../prelude';
`;
