import { clipName } from '../../format.ts';

/** Characters that fit above a panel, and beside a row. */
const TITLE = 38;
const LABEL = 15;

/** The number of a layer in the table tells names apart that are cut. */
export const layerTitle = (name: string, i: number): string => `${i + 1} ${clipName(name, TITLE)}`;
export const rowLabel = (name: string, i: number): string => `${i + 1} ${clipName(name, LABEL)}`;

/** Height of a row of a chart that has a row for each layer. */
export const ROW = 18;
