import { clipName } from '../../format.ts';

/** Characters that fit above a panel, and beside a row. */
export const TITLE = 34;
const LABEL = 18;

/** What exporters put behind the name of a module; the table has it in a column of its own. */
const OP = /\/(Conv|Gemm|MatMul)$/;

/** The number of a layer in the table tells names apart that are cut. */
export const layerTitle = (name: string, i: number): string => `${i + 1} ${clipName(name, TITLE)}`;
export const rowLabel = (name: string, i: number): string => `${i + 1} ${clipName(name.replace(OP, ''), LABEL)}`;

/** Height of a row of a chart that has a row for each layer. */
export const ROW = 18;

const CHARACTER = 6.4;

/** Room for the labels beside rows, in pixels. */
export const labelRoom = (names: readonly string[]): number =>
  Math.min(150, 16 + CHARACTER * Math.max(...names.map((name, i) => [...rowLabel(name, i)].length)));
