/** Text that generated kernel families share: how threads share column tiles, and which width an engine class takes. */

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

interface TileLoop {
  name: string;
  /** Of the field names: `<prefix>_X`, `<prefix>_COLS`, … */
  prefix: string;
  /** Vectors of the widest tile. */
  widest: number;
  /** Statements for one tile of `vectors` vectors, with `x`, `y` and, unless 0, `z` at its first column. */
  body: string;
  /** Statements around the loop over tiles. */
  before?: string;
  after?: string;
}

/**
 * Column tiles of all images are the items that threads share. The columns of an image are split into as few tiles as the widest allows,
 * equal but for one vector: a narrow last tile would cost nearly as much as a wide one.
 */
export function sharedTiles({ name, prefix, widest, body, before = '', after = '' }: TileLoop): string {
  const address = (operand: string): string =>
    `<usize>image * load<u32>(record, ${prefix}_${operand}_IMAGE) + <usize>column * 16`;
  return `
function ${name}(record: usize, thread: i32, threads: i32): void {
  const columns = (load<i32>(record, ${prefix}_COLS) + 3) >> 2;
  const tiles = (columns + ${widest - 1}) / ${widest};
  if (tiles == 0) return;
  const width = columns / tiles;
  const wider = columns % tiles;
  const first = shareStart(tiles * load<i32>(record, ${prefix}_IMAGES), thread, threads);
  const last = shareEnd(tiles * load<i32>(record, ${prefix}_IMAGES), thread, threads);
${before}  for (let item = first; item < last; item++) {
    const image = item / tiles;
    const tile = item % tiles;
    const column = tile * width + min(tile, wider);
    const vectors = width + <i32>(tile < wider);
    const x = load<usize>(record, ${prefix}_X) + ${address('X')};
    const y = load<usize>(record, ${prefix}_Y) + ${address('Y')};
    let z = load<usize>(record, ${prefix}_Z);
    if (z) z += ${address('Z')};
${body}
  }
${after}}
`;
}

/** Exports `<format>_narrow` and `<format>_wide`, whose drivers are `<format>_upto<widest>`. */
export function engineKernels(format: string, widths: { narrow: number; wide: number; relaxed: number }): string {
  const call = (widest: number): string => `${format}_upto${widest}(record, thread, threads);`;
  const wide =
    widths.wide === widths.relaxed
      ? `  ${call(widths.wide)}`
      : `  // @ts-ignore: RELAXED is a build constant
  if (RELAXED) ${call(widths.relaxed)}
  else ${call(widths.wide)}`;
  return `
export function ${format}_narrow(record: usize, thread: i32, threads: i32): void {
  ${call(widths.narrow)}
}

export function ${format}_wide(record: usize, thread: i32, threads: i32): void {
${wide}
}
`;
}
