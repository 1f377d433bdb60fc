import { parseNpy } from '../arrays/npy.ts';
import { type Npz, parseNpz } from '../arrays/npz.ts';
import { ensure } from '../errors.ts';
import { readBytes } from '../host/node.ts';
import type { Tensor } from '../tensor.ts';

/** Reads a .npy file. */
export const readNpy = async (path: string): Promise<Tensor> => parseNpy(await readBytes(path), path);

/** Reads the arrays of a .npz file whose names `wanted` accepts. */
export const readNpz = async (path: string, wanted?: (name: string) => boolean): Promise<Npz> =>
  parseNpz(await readBytes(path), path, wanted);

/** An array that a data set may hold beside those of the inputs; it is left unread. */
const LABELS = 'labels';

export const DATA_DETAILS =
  'A data set is a .npz file (numpy.savez) with an array for each input, by its name; where there is one input, its array may have any ' +
  "name. Arrays longer than the input along the first dimension hold several samples. An array 'labels' is left unread.";

/**
 * The arrays of a data set by input name.
 * @throws ZeroskipError `MISSING_INPUT`, `INVALID_ARGUMENT` for an array that belongs to no input, and what reading throws
 */
export async function readArrays(path: string, inputs: readonly string[]): Promise<Record<string, Tensor>> {
  const isData = (name: string): boolean => inputs.includes(name) || name !== LABELS;
  const { arrays } = await readNpz(path, isData);
  const found = [...arrays.keys()].map((name) => `'${name}'`).join(', ') || 'none';
  const only = inputs.length === 1 && arrays.size === 1 ? [...arrays.values()][0] : undefined;
  const byName: Record<string, Tensor> = Object.create(null);
  for (const name of inputs) {
    const array = arrays.get(name) ?? only;
    ensure(array, 'MISSING_INPUT', () => `${path}: there is no array for input '${name}'; its arrays are ${found}`);
    byName[name] = array;
  }
  const other = only ? undefined : [...arrays.keys()].find((name) => !inputs.includes(name));
  ensure(
    other === undefined,
    'INVALID_ARGUMENT',
    () =>
      `${path}: array '${other}' belongs to no input; the inputs are ${inputs.map((name) => `'${name}'`).join(', ')}`,
  );
  return byName;
}

/** {@link readArrays} and the labels, if there are some. */
export async function readLabelled(
  path: string,
  inputs: readonly string[],
): Promise<{ data: Record<string, Tensor>; labels?: Tensor }> {
  const data = await readArrays(path, inputs);
  const { arrays } = await readNpz(path, (name) => name === LABELS && !inputs.includes(name));
  const labels = arrays.get(LABELS);
  return labels ? { data, labels } : { data };
}
