/**
 * Writes `assembly/generated/csc.ts`: the column tiles of `f32_spmm__csc`, whose elements of X stay in registers while the sums wait in Y.
 */
import { callTile, engineKernels, range, tileLoop } from './source.ts';

/** Widest tile in vectors: of the narrow class, of the wide one, and of the wide one in the relaxed build. */
export const CSC_TILES = { narrow: 7, wide: 7, relaxed: 7 };

function tile(vectors: number): string {
  const all = range(vectors);
  const most = all
    .slice(1)
    .reduce((sum, v) => `i32x4.max_s(${sum}, magnitude4(v128.load(p, ${v * 16})))`, 'magnitude4(v128.load(p))');
  return `
/** A tile of ${vectors * 4} columns: adds every column of W that is not skipped. */
function csc_n${vectors * 4}(record: usize, x: usize, y: usize, list: usize): void {
  const zero = v128.load32_splat(record, CSC_ZERO);
  const weights = load<usize>(record, CSC_WEIGHTS);
  const places = load<usize>(record, CSC_PLACES);
  let i = load<usize>(record, CSC_OFFSETS);
  let s = load<usize>(record, CSC_STARTS);
  const last = i + (<usize>load<u32>(record, CSC_INPUTS) << 2);
  while (i < last) {
    const part = min(last, i + LIVE_COLUMNS * 4);
    let end = list;
    for (; i < part; i += 4) {
      const p = x + <usize>load<u32>(i);
      store<usize>(end, p);
      store<usize>(end, s, 4);
      s += 4;
      end += <usize>anyAbove(${most}, zero) << 3;
    }
    for (let entry = list; entry < end; entry += 8) {
      const p = load<usize>(entry);
      const start = load<usize>(entry, 4);
      let o = places + (<usize>load<u32>(start) << 2);
      let w = weights + (<usize>load<u32>(start) << 2);
      const stop = places + (<usize>load<u32>(start, 4) << 2);
${all.map((v) => `      const x${v} = v128.load(p, ${v * 16});`).join('\n')}
      while (o < stop) {
        const q = y + <usize>load<u32>(o);
        const f = v128.load32_splat(w);
${all.map((v) => `        v128.store(q, madd(x${v}, f, v128.load(q, ${v * 16})), ${v * 16});`).join('\n')}
        o += 4;
        w += 4;
      }
    }
  }
}
`;
}

const driverName = (widest: number): string => `csc_upto${widest}`;

const driver = (widest: number): string =>
  tileLoop({
    name: driverName(widest),
    prefix: 'CSC',
    widest,
    // Threads without a list have no share.
    before: ['const list = listOf(thread);', 'if (list == 0) return;'],
    body: [
      'openTile(record, y, z, vectors);',
      ...callTile(widest, (vectors) => `csc_n${vectors * 4}`, 'record, x, y, list'),
      'closeTile(record, y, vectors);',
    ],
  });

export function cscSource(): string {
  const widths = [...new Set(Object.values(CSC_TILES))];
  return [
    `import { CSC_COLS, CSC_IMAGES, CSC_INPUTS, CSC_OFFSETS, CSC_PLACES, CSC_STARTS, CSC_WEIGHTS, CSC_X, CSC_X_IMAGE, CSC_Y, CSC_Y_IMAGE, CSC_Z, CSC_Z_IMAGE, CSC_ZERO } from '../abi/csc';
import { LIVE_COLUMNS } from '../abi/spmm';
import { listOf } from '../kernels/live';
import { closeTile, openTile } from '../kernels/csc';
import { anyAbove, madd, magnitude4, shareEnd, shareStart } from '../prelude';
`,
    ...range(Math.max(...widths)).map((i) => tile(i + 1)),
    ...widths.map(driver),
    engineKernels('csc', {
      narrow: driverName(CSC_TILES.narrow),
      wide: driverName(CSC_TILES.wide),
      relaxed: driverName(CSC_TILES.relaxed),
    }),
  ].join('');
}
