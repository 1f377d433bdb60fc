/**
 * Writes `assembly/generated/spmm.ts`: the column tiles of the SpMM and GEMM families. AssemblyScript cannot keep an array of
 * v128 in registers, so every tile shape gets its accumulators as scalar locals here.
 */

/** One tile: `rows` rows of a weight block times `vectors` groups of four columns, `unroll` blocks a turn. */
interface Tile {
  format: 'csr' | 'bsr2x1' | 'bsr4x1' | 'dense';
  rows: number;
  vectors: number;
  unroll: number;
}

/**
 * Rows of a weight block, and the widest tile in vectors: of the narrow class, of the wide one, and of the wide one in the relaxed build,
 * whose fused multiply-add needs no register for the product.
 */
export const TILES = {
  csr: { rows: 1, narrow: 7, wide: 8, relaxed: 13 },
  bsr2x1: { rows: 2, narrow: 4, wide: 4, relaxed: 6 },
  bsr4x1: { rows: 4, narrow: 2, wide: 2, relaxed: 2 },
  dense: { rows: 4, narrow: 2, wide: 2, relaxed: 2 },
} as const;

/** Accumulators up to which a turn of the loop takes two blocks. Beyond, only the wide class has the registers for it, and not for its widest. */
const UNROLL_LIMIT = 4;

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const tileName = (t: { format: string; vectors: number }): string => `${t.format}_n${t.vectors * 4}`;

function step(t: Tile, block: number): string[] {
  const lines = [`const p${block} = x + <usize>load<u32>(o, ${block * 4});`];
  for (const r of range(t.rows))
    lines.push(`const w${block}_${r} = v128.load32_splat(w, ${(block * t.rows + r) * 4});`);
  for (const v of range(t.vectors)) {
    lines.push(`const x${block}_${v} = v128.load(p${block}, ${v * 16});`);
    for (const r of range(t.rows)) lines.push(`a${r}_${v} = madd(x${block}_${v}, w${block}_${r}, a${r}_${v});`);
  }
  return lines;
}

function loop(t: Tile, blocks: number, condition: string): string[] {
  const body = range(blocks).flatMap((b) => step(t, b));
  return [
    `while (${condition}) {`,
    ...body.map((l) => `  ${l}`),
    `  o += ${blocks * 4};`,
    `  w += ${blocks * t.rows * 4};`,
    '}',
  ];
}

function tileFunction(t: Tile): string {
  const dense = t.format === 'dense';
  const each = (line: (r: number, v: number) => string, step = 'yRow'): string[] =>
    range(t.rows).flatMap((r) => [
      ...range(t.vectors).map((v) => `  ${line(r, v)}`),
      ...(r < t.rows - 1 ? [`  row += ${step};`] : []),
    ]);
  const biases = range(t.rows).flatMap((r) => [
    `  a${r}_0 = v128.load32_splat(b, ${r * 4});`,
    ...range(t.vectors - 1).map((v) => `  a${r}_${v + 1} = a${r}_0;`),
  ]);
  const body = [
    ...(dense ? ['let o = first;', 'const stop = last;'] : ['const stop = o + (<usize>load<u32>(c) << 2);', 'c += 4;']),
    ...range(t.rows).flatMap((r) => range(t.vectors).map((v) => `let a${r}_${v}: v128;`)),
    'let row = out;',
    'if (slice == 0) {',
    ...biases,
    '  if (z) {',
    '    row = z;',
    ...each((r, v) => `  a${r}_${v} = f32x4.add(a${r}_${v}, v128.load(row, ${v * 16}));`, 'zRow'),
    `    z += zRow * ${t.rows};`,
    '  }',
    '} else {',
    ...each((r, v) => `a${r}_${v} = v128.load(row, ${v * 16});`),
    '}',
    `b += ${t.rows * 4};`,
    ...(t.unroll > 1 ? loop(t, t.unroll, `o + ${(t.unroll - 1) * 4} < stop`) : []),
    ...loop(t, 1, 'o < stop'),
    'row = out;',
    'if (slice == final) {',
    // Loaded here, not before the loop: two more live registers there would spill accumulators.
    '  const lo = v128.load32_splat(record, SPMM_LO);',
    '  const hi = v128.load32_splat(record, SPMM_HI);',
    ...each((r, v) => `v128.store(row, clamp4(a${r}_${v}, lo, hi), ${v * 16});`),
    '} else {',
    ...each((r, v) => `v128.store(row, a${r}_${v}, ${v * 16});`),
    '}',
    `out += yRow * ${t.rows};`,
    ...(dense ? ['w += rest;'] : []),
  ];
  const rowsLoop = ['while (b < end) {', ...body.map((l) => `  ${l}`), '}'];
  const lines = dense
    ? [
        'const blocks = load<u32>(record, SPMM_BLOCKS);',
        'const part = (blocks + <u32>final) / <u32>(final + 1);',
        'const start = min(<u32>slice * part, blocks);',
        'const count = min(part, blocks - start);',
        'const first = load<usize>(record, SPMM_OFFSETS) + (<usize>start << 2);',
        'const last = first + (<usize>count << 2);',
        `const rest = <usize>(blocks - count) * ${t.rows * 4};`,
        `let w = load<usize>(record, SPMM_WEIGHTS) + <usize>start * ${t.rows * 4};`,
        'let b = bias;',
        'let out = y;',
        ...rowsLoop,
      ]
    : [
        'let w = load<usize>(record, SPMM_WEIGHTS);',
        'let o = load<usize>(record, SPMM_OFFSETS);',
        'let c = load<usize>(record, SPMM_COUNTS);',
        'for (let slice = 0; slice <= final; slice++) {',
        ...['let b = bias;', 'let out = y;', ...rowsLoop].map((l) => `  ${l}`),
        '}',
      ];
  return `
/** All rows of one tile of ${t.vectors * 4} columns${dense ? ', for one slice of the weights' : ''}; x, y and, unless 0, z point at its first column. */
function ${tileName(t)}(record: usize, x: usize, y: usize, z: usize${dense ? ', slice: i32' : ''}): void {
  const zRow = <usize>load<u32>(record, SPMM_Z_ROW);
  const yRow = <usize>load<u32>(record, SPMM_Y_ROW);
  const bias = load<usize>(record, SPMM_BIAS);
  const end = bias + <usize>load<u32>(record, SPMM_BLOCK_ROWS) * ${t.rows * 4};
  const final = load<i32>(record, SPMM_SLICES) - 1;
${lines.map((l) => `  ${l}`).join('\n')}
}
`;
}

/**
 * Column tiles of all images are the items that threads share. The columns of an image are split into as few tiles as the widest allows,
 * equal but for one vector: a narrow last tile would cost nearly as much as a wide one. Dense weights go through all tiles slice by slice:
 * a slice of a chunk of rows stays in the second-level cache.
 */
function driver(name: string, format: string, widest: number): string {
  const dense = format === 'dense';
  const cases = range(widest)
    .map(
      (i) =>
        `      case ${i + 1}: ${tileName({ format, vectors: i + 1 })}(record, x, y, z${dense ? ', slice' : ''}); break;`,
    )
    .join('\n');
  return `
function ${name}(record: usize, thread: i32, threads: i32): void {
  const vectors = (load<i32>(record, SPMM_COLS) + 3) >> 2;
  const tiles = (vectors + ${widest - 1}) / ${widest};
  if (tiles == 0) return;
  const width = vectors / tiles;
  const wider = vectors % tiles;
  const first = shareStart(tiles * load<i32>(record, SPMM_IMAGES), thread, threads);
  const last = shareEnd(tiles * load<i32>(record, SPMM_IMAGES), thread, threads);
  ${dense ? 'for (let slice = 0; slice < load<i32>(record, SPMM_SLICES); slice++)\n  ' : ''}for (let item = first; item < last; item++) {
    const image = item / tiles;
    const tile = item % tiles;
    const start = tile * width + min(tile, wider);
    const x = load<usize>(record, SPMM_X) + <usize>image * load<u32>(record, SPMM_X_IMAGE) + <usize>start * 16;
    const y = load<usize>(record, SPMM_Y) + <usize>image * load<u32>(record, SPMM_Y_IMAGE) + <usize>start * 16;
    let z = load<usize>(record, SPMM_Z);
    if (z) z += <usize>image * load<u32>(record, SPMM_Z_IMAGE) + <usize>start * 16;
    switch (width + <i32>(tile < wider)) {
${cases}
    }
  }
}
`;
}

/** The kernels of a format; drivers of equal width are one function. */
function kernels(format: string, widths: { narrow: number; wide: number; relaxed: number }): string {
  const name = (widest: number): string => `${format}_upto${widest}`;
  const drivers = [...new Set([widths.narrow, widths.wide, widths.relaxed])].map((w) => driver(name(w), format, w));
  return `${drivers.join('')}
export function ${format}_narrow(record: usize, thread: i32, threads: i32): void {
  ${name(widths.narrow)}(record, thread, threads);
}

export function ${format}_wide(record: usize, thread: i32, threads: i32): void {
  // @ts-ignore: RELAXED is a build constant
  if (RELAXED) ${name(widths.relaxed)}(record, thread, threads);
  else ${name(widths.wide)}(record, thread, threads);
}
`;
}

export function spmmSource(): string {
  const parts = [
    `import { SPMM_BIAS, SPMM_BLOCKS, SPMM_BLOCK_ROWS, SPMM_COLS, SPMM_COUNTS, SPMM_HI, SPMM_IMAGES, SPMM_LO, SPMM_OFFSETS, SPMM_SLICES, SPMM_WEIGHTS, SPMM_X, SPMM_X_IMAGE, SPMM_Y, SPMM_Y_IMAGE, SPMM_Y_ROW, SPMM_Z, SPMM_Z_IMAGE, SPMM_Z_ROW } from '../abi/spmm';
import { clamp4, madd, shareEnd, shareStart } from '../prelude';
`,
  ];
  for (const [format, { rows, ...widths }] of Object.entries(TILES)) {
    const { narrow, wide } = widths;
    for (let vectors = 1; vectors <= Math.max(...Object.values(widths)); vectors++) {
      const unroll = vectors * rows <= UNROLL_LIMIT || (vectors > narrow && vectors <= wide) ? 2 : 1;
      parts.push(tileFunction({ format: format as Tile['format'], rows, vectors, unroll }));
    }
    parts.push(kernels(format, widths));
  }
  return parts.join('');
}
