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

/**
 * Column tiles of all images are the items that threads share. The columns of an image are split into as few tiles as the widest allows,
 * equal but for one vector: a narrow last tile would cost nearly as much as a wide one. `tile` names the function of a width in vectors.
 * `sliced` tiles do one slice of the weights: all tiles do it before the next.
 */
export function driver(name: string, widest: number, sliced: boolean, tile: (vectors: number) => string): string {
  const cases = range(widest).map(
    (i) => `      case ${i + 1}: ${tile(i + 1)}(record, x, y, z${sliced ? ', slice' : ''}); break;`,
  );
  return `
function ${name}(record: usize, thread: i32, threads: i32): void {
  const vectors = (load<i32>(record, SPMM_COLS) + 3) >> 2;
  const tiles = (vectors + ${widest - 1}) / ${widest};
  if (tiles == 0) return;
  const width = vectors / tiles;
  const wider = vectors % tiles;
  const first = shareStart(tiles * load<i32>(record, SPMM_IMAGES), thread, threads);
  const last = shareEnd(tiles * load<i32>(record, SPMM_IMAGES), thread, threads);
  ${sliced ? 'for (let slice = 0; slice < load<i32>(record, SPMM_SLICES); slice++)\n  ' : ''}for (let item = first; item < last; item++) {
    const image = item / tiles;
    const tile = item % tiles;
    const start = tile * width + min(tile, wider);
    const x = load<usize>(record, SPMM_X) + <usize>image * load<u32>(record, SPMM_X_IMAGE) + <usize>start * 16;
    const y = load<usize>(record, SPMM_Y) + <usize>image * load<u32>(record, SPMM_Y_IMAGE) + <usize>start * 16;
    let z = load<usize>(record, SPMM_Z);
    if (z) z += <usize>image * load<u32>(record, SPMM_Z_IMAGE) + <usize>start * 16;
    switch (width + <i32>(tile < wider)) {
${cases.join('\n')}
    }
  }
}
`;
}

const FIELDS =
  'BIAS BLOCKS BLOCK_ROWS COLS COUNTS HI IMAGES LO OFFSETS SLICES WEIGHTS X X_IMAGE Y Y_IMAGE Y_ROW Z Z_IMAGE Z_ROW';

/** First lines of a generated file. */
export const IMPORTS = `import { ${FIELDS.split(' ')
  .map((name) => `SPMM_${name}`)
  .join(', ')} } from '../abi/spmm';
import { clamp4, madd, shareEnd, shareStart } from '../prelude';
`;
