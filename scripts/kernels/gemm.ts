/**
 * Writes `assembly/generated/gemm.ts`: the column tiles of `f32_gemm`, dense weights in panels of four rows (`src/sparse/panels.ts`).
 */

import { begin, braces, callTile, engineKernels, fields, finish, IMPORTS, indent, range, tileLoop } from './source.ts';

/** Rows of a panel. */
const PANEL = 4;

/** Rows that the tall tiles go through at a time: the least common multiple of their heights and the panel's. */
const GROUP = 12;

/** Vectors of the widest column tile. */
export const GEMM_VECTORS = 2;

/**
 * One tile: `rows` rows times `vectors` groups of four columns, `unroll` columns of the weights a turn. Pointers `w0`, `w1` … stand at
 * `lanes` rows of a panel each.
 */
interface Tile {
  rows: number;
  vectors: number;
  lanes: number;
  unroll: number;
}

const LOW: readonly Tile[] = [
  { rows: 4, vectors: 1, lanes: 4, unroll: 2 },
  { rows: 4, vectors: 2, lanes: 4, unroll: 1 },
];

/**
 * Twelve accumulators hide the latency of the fused multiply-add, and with two vectors of X and one weight are what the wide class holds in
 * the relaxed build. V8 spends an address register on every distinct offset of a splat load, so these loops are not unrolled.
 */
const TALL: readonly Tile[] = [
  { rows: 12, vectors: 1, lanes: 4, unroll: 1 },
  { rows: 6, vectors: 2, lanes: 2, unroll: 1 },
];

const pointers = (t: Tile): number[] => range(t.rows / t.lanes);

function step(t: Tile, k: number): string[] {
  return [
    `const p${k} = x + <usize>load<u32>(o, ${k * 4});`,
    ...range(t.vectors).map((v) => `const x${k}_${v} = v128.load(p${k}, ${v * 16});`),
    ...range(t.rows).flatMap((r) => [
      `const s${k}_${r} = v128.load32_splat(w${Math.floor(r / t.lanes)}, ${(k * PANEL + (r % t.lanes)) * 4});`,
      ...range(t.vectors).map((v) => `a${r}_${v} = madd(x${k}_${v}, s${k}_${r}, a${r}_${v});`),
    ]),
  ];
}

const loop = (t: Tile, columns: number, condition: string): string[] =>
  braces(`while (${condition})`, [
    ...range(columns).flatMap((k) => step(t, k)),
    `o += ${columns * 4};`,
    ...pointers(t).map((i) => `w${i} += ${columns * PANEL * 4};`),
  ]);

/** Sets the pointers of the next tile; `w` stands at the panel of its first row and `skew` is 8 where that is the third row of the panel. */
function advance(t: Tile): string[] {
  if (t.lanes === 2) {
    return [
      'let w0 = w + skew;',
      'let w1 = skew ? w + panel : w + 8;',
      'let w2 = w + panel + skew;',
      'w += panel << (skew >> 3);',
      'skew ^= 8;',
    ];
  }
  const last = t.rows / PANEL;
  return [...range(last).map((i) => `let w${i} = w${i ? ` + panel * ${i}` : ''};`), `w += panel * ${last};`];
}

const rowsLoop = (t: Tile, stop: string): string[] =>
  braces(`while (b < ${stop})`, [
    'let o = first;',
    ...advance(t),
    ...begin(t),
    ...(t.unroll > 1 ? loop(t, t.unroll, `o + ${(t.unroll - 1) * 4} < last`) : []),
    ...loop(t, 1, 'o < last'),
    ...finish(t),
  ]);

const tileName = (vectors: number, tall: boolean): string => `gemm_n${vectors * 4}${tall ? '_tall' : ''}`;

function tileFunction(vectors: number, tall: boolean): string {
  const lines = [
    ...fields(PANEL),
    'const blocks = load<u32>(record, SPMM_BLOCKS);',
    'const part = (blocks + <u32>final) / <u32>(final + 1);',
    'const start = min(<u32>slice * part, blocks);',
    'const first = load<usize>(record, SPMM_OFFSETS) + (<usize>start << 2);',
    'const last = first + (<usize>min(part, blocks - start) << 2);',
    `const panel = <usize>blocks * ${PANEL * 4};`,
    `let w = load<usize>(record, SPMM_WEIGHTS) + <usize>start * ${PANEL * 4};`,
    'let b = bias;',
    'let out = y;',
    ...(tall
      ? [
          `const groups = end - (end - bias) % ${GROUP * 4};`,
          'let skew: usize = 0;',
          ...rowsLoop(TALL[vectors - 1], 'groups'),
        ]
      : []),
    ...rowsLoop(LOW[vectors - 1], 'end'),
  ];
  return `
/** All rows of one tile of ${vectors * 4} columns, for one slice of the weights; x, y and, unless 0, z point at its first column. */
function ${tileName(vectors, tall)}(record: usize, x: usize, y: usize, z: usize, slice: i32): void {
${indent(lines).join('\n')}
}
`;
}

const driverName = (tall: boolean): string => (tall ? 'gemm_tall' : 'gemm_low');

/** Dense weights go through all tiles slice by slice: a slice of a chunk of rows stays in the second-level cache. */
const SLICES = 'for (let slice = 0; slice < load<i32>(record, SPMM_SLICES); slice++)';

const driver = (tall: boolean): string =>
  tileLoop({
    name: driverName(tall),
    prefix: 'SPMM',
    widest: GEMM_VECTORS,
    before: [SLICES],
    body: callTile(GEMM_VECTORS, (vectors) => tileName(vectors, tall), 'record, x, y, z, slice'),
  });

const liveName = (vectors: number): string => `live_n${vectors * 4}`;

/** A low tile that walks a list: pairs of the byte offset from x and the bytes from the weights of a panel to a column of them. */
function liveTile(vectors: number): string {
  const t = LOW[vectors - 1];
  const column = (k: number): string[] => [
    `const p${k} = x + <usize>load<u32>(o, ${k * 8});`,
    `const q${k} = w + <usize>load<u32>(o, ${k * 8 + 4});`,
    ...range(vectors).map((v) => `const x${k}_${v} = v128.load(p${k}, ${v * 16});`),
    ...range(PANEL).flatMap((r) => [
      `const s${k}_${r} = v128.load32_splat(q${k}, ${r * 4});`,
      ...range(vectors).map((v) => `a${r}_${v} = madd(x${k}_${v}, s${k}_${r}, a${r}_${v});`),
    ]),
  ];
  const walk = (columns: number, condition: string): string[] =>
    braces(`while (${condition})`, [...range(columns).flatMap(column), `o += ${columns * 8};`]);
  const lines = [
    ...fields(PANEL),
    `const panel = <usize>load<u32>(record, SPMM_BLOCKS) * ${PANEL * 4};`,
    'let w = load<usize>(record, SPMM_WEIGHTS);',
    'let b = bias;',
    'let out = y;',
    ...braces('while (b < end)', [
      'let o = first;',
      ...begin(t),
      ...(t.unroll > 1 ? walk(t.unroll, `o + ${(t.unroll - 1) * 8} < last`) : []),
      ...walk(1, 'o < last'),
      ...finish(t),
      'w += panel;',
    ]),
  ];
  return `
/** As \`${tileName(vectors, false)}\`, for the columns of the weights that a list holds. */
function ${liveName(vectors)}(record: usize, x: usize, y: usize, z: usize, slice: i32, first: usize, last: usize): void {
${indent(lines).join('\n')}
}
`;
}

/** A tile goes over a list of columns of the weights unless nearly all of them are live. */
const liveDriver = (): string =>
  tileLoop({
    name: 'live',
    prefix: 'SPMM',
    widest: GEMM_VECTORS,
    before: [
      'let live: u32 = 0;',
      'const blocks = load<u32>(record, SPMM_BLOCKS);',
      'const slices = load<u32>(record, SPMM_SLICES);',
      'const part = (blocks + slices - 1) / slices;',
      SLICES,
    ],
    body: [
      'const start = min(<u32>slice * part, blocks);',
      'const count = min(part, blocks - start);',
      'const listed = listLive(record, x, vectors, start, count, thread);',
      ...braces('if (listed * 16 > count * 15)', [
        'live += count * vectors;',
        ...callTile(GEMM_VECTORS, (vectors) => tileName(vectors, false), 'record, x, y, z, slice'),
        'continue;',
      ]),
      'const list = listOf(thread);',
      'live += listed * vectors;',
      ...callTile(GEMM_VECTORS, liveName, 'record, x, y, z, slice, list, list + (<usize>listed << 3)'),
    ],
    after: ['const total = load<usize>(record, SPMM_LIVE);', 'store<u32>(total, load<u32>(total) + live);'],
  }).replace('function live', 'export function live');

/** Panels of four rows for the narrow class and the simd build, groups of three panels for the wide class in the relaxed build. */
export function gemmSource(): string {
  const widths = range(GEMM_VECTORS).map((i) => i + 1);
  return [
    IMPORTS,
    "import { listLive, listOf } from '../kernels/live';\n",
    ...[false, true].flatMap((tall) => [...widths.map((v) => tileFunction(v, tall)), driver(tall)]),
    engineKernels('dense', { narrow: driverName(false), wide: driverName(false), relaxed: driverName(true) }),
    ...widths.map(liveTile),
    liveDriver(),
  ].join('');
}
