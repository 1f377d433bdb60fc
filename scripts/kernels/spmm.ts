/**
 * Writes `assembly/generated/spmm.ts`: the column tiles of the SpMM family. AssemblyScript cannot keep an array of v128 in registers, so
 * every tile shape gets its accumulators as scalar locals here.
 */

import { begin, braces, callTile, engineKernels, fields, finish, IMPORTS, indent, range, tileLoop } from './source.ts';

/** One tile: `rows` rows of a weight block times `vectors` groups of four columns, `unroll` blocks a turn. */
interface Tile {
  format: string;
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
} as const;

/** Accumulators up to which a turn of the loop takes two blocks. Beyond, only the wide class has the registers for it, and not for its widest. */
const UNROLL_LIMIT = 4;

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

const loop = (t: Tile, blocks: number, condition: string): string[] =>
  braces(`while (${condition})`, [
    ...range(blocks).flatMap((b) => step(t, b)),
    `o += ${blocks * 4};`,
    `w += ${blocks * t.rows * 4};`,
  ]);

function tileFunction(t: Tile): string {
  const rowsLoop = braces('while (b < end)', [
    'const stop = o + (<usize>load<u32>(c) << 2);',
    'c += 4;',
    ...begin(t),
    ...(t.unroll > 1 ? loop(t, t.unroll, `o + ${(t.unroll - 1) * 4} < stop`) : []),
    ...loop(t, 1, 'o < stop'),
    ...finish(t),
  ]);
  const lines = [
    ...fields(t.rows),
    'let w = load<usize>(record, SPMM_WEIGHTS);',
    'let o = load<usize>(record, SPMM_OFFSETS);',
    'let c = load<usize>(record, SPMM_COUNTS);',
    ...braces('for (let slice = 0; slice <= final; slice++)', ['let b = bias;', 'let out = y;', ...rowsLoop]),
  ];
  return `
/** All rows of one tile of ${t.vectors * 4} columns; x, y and, unless 0, z point at its first column. */
function ${tileName(t)}(record: usize, x: usize, y: usize, z: usize): void {
${indent(lines).join('\n')}
}
`;
}

/** The kernels of a format; drivers of equal width are one function. */
function kernels(format: string, widths: { narrow: number; wide: number; relaxed: number }): string {
  const name = (widest: number): string => `${format}_upto${widest}`;
  const drivers = [...new Set([widths.narrow, widths.wide, widths.relaxed])].map((widest) =>
    tileLoop({
      name: name(widest),
      prefix: 'SPMM',
      widest,
      body: callTile(widest, (vectors) => tileName({ format, vectors }), 'record, x, y, z'),
    }),
  );
  const { narrow, wide, relaxed } = widths;
  const names = { narrow: name(narrow), wide: name(wide), relaxed: name(relaxed) };
  return drivers.join('') + engineKernels(format, names);
}

export function spmmSource(): string {
  const parts = [IMPORTS];
  for (const [format, { rows, ...widths }] of Object.entries(TILES)) {
    const { narrow, wide } = widths;
    for (let vectors = 1; vectors <= Math.max(...Object.values(widths)); vectors++) {
      const unroll = vectors * rows <= UNROLL_LIMIT || (vectors > narrow && vectors <= wide) ? 2 : 1;
      parts.push(tileFunction({ format, rows, vectors, unroll }));
    }
    parts.push(kernels(format, widths));
  }
  return parts.join('');
}
