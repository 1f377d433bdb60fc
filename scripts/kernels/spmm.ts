/**
 * Writes `assembly/generated/spmm.ts`: the column tiles of the SpMM and GEMM families. AssemblyScript cannot keep an array of
 * v128 in registers, so every tile shape gets its accumulators as scalar locals here.
 */

import { engineKernels, range, sharedTiles } from './driver.ts';

/**
 * One tile: `rows` rows of a weight block times `vectors` groups of four columns, `unroll` blocks a turn. `live` is `dense` over a list of
 * the columns of W that are not skipped.
 */
interface Tile {
  format: 'csr' | 'bsr2x1' | 'bsr4x1' | 'dense' | 'live';
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

const tileName = (t: { format: string; vectors: number }): string => `${t.format}_n${t.vectors * 4}`;

function step(t: Tile, block: number): string[] {
  const live = t.format === 'live';
  const entry = live ? 8 : 4;
  const lines = [`const p${block} = x + <usize>load<u32>(o, ${block * entry});`];
  if (live) lines.push(`const q${block} = w + <usize>load<u32>(o, ${block * entry + 4});`);
  for (const r of range(t.rows)) {
    const from = live ? `q${block}, ${r * 4}` : `w, ${(block * t.rows + r) * 4}`;
    lines.push(`const w${block}_${r} = v128.load32_splat(${from});`);
  }
  for (const v of range(t.vectors)) {
    lines.push(`const x${block}_${v} = v128.load(p${block}, ${v * 16});`);
    for (const r of range(t.rows)) lines.push(`a${r}_${v} = madd(x${block}_${v}, w${block}_${r}, a${r}_${v});`);
  }
  return lines;
}

function loop(t: Tile, blocks: number, condition: string): string[] {
  const body = range(blocks).flatMap((b) => step(t, b));
  const next = t.format === 'live' ? [`o += ${blocks * 8};`] : [`o += ${blocks * 4};`, `w += ${blocks * t.rows * 4};`];
  return [`while (${condition}) {`, ...[...body, ...next].map((l) => `  ${l}`), '}'];
}

function tileFunction(t: Tile): string {
  const live = t.format === 'live';
  const dense = t.format === 'dense' || live;
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
    ...(t.unroll > 1 ? loop(t, t.unroll, `o + ${(t.unroll - 1) * (live ? 8 : 4)} < stop`) : []),
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
    ...(dense ? [live ? 'w += panel;' : 'w += rest;'] : []),
  ];
  const rowsLoop = ['while (b < end) {', ...body.map((l) => `  ${l}`), '}'];
  const walk = (first: string): string[] => [`let w = ${first};`, 'let b = bias;', 'let out = y;', ...rowsLoop];
  const lines = {
    live: [
      `const panel = <usize>load<u32>(record, SPMM_BLOCKS) * ${t.rows * 4};`,
      ...walk('load<usize>(record, SPMM_WEIGHTS)'),
    ],
    dense: [
      'const first = load<usize>(record, SPMM_OFFSETS) + (<usize>start << 2);',
      'const last = first + (<usize>count << 2);',
      `const rest = <usize>(load<u32>(record, SPMM_BLOCKS) - count) * ${t.rows * 4};`,
      ...walk(`load<usize>(record, SPMM_WEIGHTS) + <usize>start * ${t.rows * 4}`),
    ],
    sparse: [
      'let w = load<usize>(record, SPMM_WEIGHTS);',
      'let o = load<usize>(record, SPMM_OFFSETS);',
      'let c = load<usize>(record, SPMM_COUNTS);',
      'for (let slice = 0; slice <= final; slice++) {',
      ...['let b = bias;', 'let out = y;', ...rowsLoop].map((l) => `  ${l}`),
      '}',
    ],
  }[live ? 'live' : dense ? 'dense' : 'sparse'];
  const parameters = live
    ? ', slice: i32, first: usize, last: usize'
    : dense
      ? ', slice: i32, start: u32, count: u32'
      : '';
  return `
/** All rows of one tile of ${t.vectors * 4} columns${dense ? ', for one slice of the weights' : ''}; x, y and, unless 0, z point at its first column. */
function ${tileName(t)}(record: usize, x: usize, y: usize, z: usize${parameters}): void {
  const zRow = <usize>load<u32>(record, SPMM_Z_ROW);
  const yRow = <usize>load<u32>(record, SPMM_Y_ROW);
  const bias = load<usize>(record, SPMM_BIAS);
  const end = bias + <usize>load<u32>(record, SPMM_BLOCK_ROWS) * ${t.rows * 4};
  const final = load<i32>(record, SPMM_SLICES) - 1;
${lines.map((l) => `  ${l}`).join('\n')}
}
`;
}

const calls = (format: string, widest: number, parameters: string): string => `switch (vectors) {
${range(widest)
  .map((i) => `      case ${i + 1}: ${tileName({ format, vectors: i + 1 })}(record, x, y, z${parameters}); break;`)
  .join('\n')}
    }`;

/** Dense weights go through all tiles slice by slice: a slice of a chunk of rows stays in the second-level cache. */
const SLICES = {
  before: `  const blocks = load<u32>(record, SPMM_BLOCKS);
  const slices = load<u32>(record, SPMM_SLICES);
  const part = (blocks + slices - 1) / slices;
  for (let slice = 0; slice < <i32>slices; slice++) {
  const start = min(<u32>slice * part, blocks);
  const count = min(part, blocks - start);
`,
  after: '  }\n',
};

const DENSE_SLICE = ', slice, start, count';

function driver(name: string, format: string, widest: number): string {
  const dense = format === 'dense';
  const body = `    ${calls(format, widest, dense ? DENSE_SLICE : '')}`;
  return sharedTiles({ name, prefix: 'SPMM', widest, body, ...(dense ? SLICES : {}) });
}

/** A tile goes over a list of columns of W unless nearly all of them are live. */
function liveDriver(widest: number): string {
  const body = `    const listed = listLive(record, x, vectors, start, count, thread);
    if (listed * 16 > count * 15) {
      live += count * vectors;
      ${calls('dense', widest, DENSE_SLICE)}
    } else {
      const list = listOf(thread);
      live += listed * vectors;
      ${calls('live', widest, ', slice, list, list + (<usize>listed << 3)')}
    }`;
  const before = `  let live: u32 = 0;\n${SLICES.before}`;
  const after = `${SLICES.after}  const total = load<usize>(record, SPMM_LIVE);\n  store<u32>(total, load<u32>(total) + live);\n`;
  return `\nexport ${sharedTiles({ name: 'live', prefix: 'SPMM', widest, body, before, after }).trimStart()}`;
}

/** The kernels of a format; drivers of equal width are one function. */
function kernels(format: string, widths: { narrow: number; wide: number; relaxed: number }): string {
  const unique = [...new Set([widths.narrow, widths.wide, widths.relaxed])];
  const drivers = unique.map((widest) => driver(`${format}_upto${widest}`, format, widest));
  return drivers.join('') + engineKernels(format, widths);
}

export function spmmSource(): string {
  const parts = [
    `import { SPMM_BIAS, SPMM_BLOCKS, SPMM_BLOCK_ROWS, SPMM_COLS, SPMM_COUNTS, SPMM_HI, SPMM_IMAGES, SPMM_LIVE, SPMM_LO, SPMM_OFFSETS, SPMM_SLICES, SPMM_WEIGHTS, SPMM_X, SPMM_X_IMAGE, SPMM_Y, SPMM_Y_IMAGE, SPMM_Y_ROW, SPMM_Z, SPMM_Z_IMAGE, SPMM_Z_ROW } from '../abi/spmm';
import { listLive, listOf } from '../kernels/live';
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
  const { rows, narrow } = TILES.dense;
  for (const i of range(narrow))
    parts.push(tileFunction({ format: 'live', rows, vectors: i + 1, unroll: i > 0 ? 1 : 2 }));
  parts.push(liveDriver(narrow));
  return parts.join('');
}
