/** What a classifier says: probabilities, and the names of the largest ones. */
import { ensure, ZeroskipError } from './errors.ts';
import { type DType, sizeOf, Tensor } from './tensor.ts';

/** One class of a row: its number, its name where labels are given, and the number that it was ranked by. */
export interface Prediction {
  index: number;
  label: string | undefined;
  score: number;
}

/** Scores of one row without dims. */
export type Scores = Float32Array | Float64Array | readonly number[];

/** Of any realm. */
const isScores = (x: unknown): x is Scores =>
  Array.isArray(x)
    ? x.every((n) => typeof n === 'number')
    : ArrayBuffer.isView(x) && /^Float(32|64)Array$/.test(x.constructor.name);

const NUMBERS: readonly DType[] = ['float32', 'float64', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'];

/** Numbers by rows along an axis: element k of row (o, i) stands at `(o * count + k) * inner + i`. */
interface Rows {
  data: ArrayLike<number>;
  dims: readonly number[];
  axis: number;
  outer: number;
  count: number;
  inner: number;
}

function rowsOf(caller: string, x: Tensor | Scores, along: number): Rows {
  ensure(
    x instanceof Tensor || isScores(x),
    'INVALID_ARGUMENT',
    `${caller}: a Tensor, a Float32Array, a Float64Array or numbers are expected`,
  );
  const dims = x instanceof Tensor ? x.dims : [x.length];
  if (x instanceof Tensor && !NUMBERS.includes(x.type))
    throw new ZeroskipError(
      'TYPE_MISMATCH',
      `${caller}: a tensor of ${NUMBERS.join(', ')} is expected, found ${x.type}`,
    );
  const rank = dims.length;
  ensure(
    Number.isInteger(along) && along >= -rank && along < rank,
    'INVALID_ARGUMENT',
    () => `${caller}: the axis of ${rank} dimensions is a whole number from ${-rank} to ${rank - 1}, found ${along}`,
  );
  const axis = along < 0 ? along + rank : along;
  const data = (x instanceof Tensor ? x.data : x) as ArrayLike<number>;
  const inner = sizeOf(dims.slice(axis + 1));
  return { data, dims, axis, outer: sizeOf(dims.slice(0, axis)), count: dims[axis], inner };
}

/**
 * `y[k] = exp(x[k] - max x) / sum_j exp(x[j] - max x)` along an axis, summed in double precision. A row with a NaN or with Infinity, or of
 * nothing but -Infinity, becomes NaN.
 *
 * @returns float32, a Tensor of the same dims for a Tensor, otherwise a Float32Array
 * @throws ZeroskipError `INVALID_ARGUMENT`, `TYPE_MISMATCH`
 */
export function softmax(x: Tensor, axis?: number): Tensor;
export function softmax(x: Scores, axis?: number): Float32Array;
export function softmax(x: Tensor | Scores, axis = -1): Tensor | Float32Array {
  const { data, dims, outer, count, inner } = rowsOf('softmax', x, axis);
  const y = new Float32Array(data.length);
  const powers = new Float64Array(count);
  for (let row = 0; row < outer * inner; row++) {
    const start = Math.floor(row / inner) * count * inner + (row % inner);
    let most = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < count; k++) most = Math.max(most, data[start + k * inner]);
    let sum = 0;
    for (let k = 0; k < count; k++) sum += powers[k] = Math.exp(data[start + k * inner] - most);
    for (let k = 0; k < count; k++) y[start + k * inner] = powers[k] / sum;
  }
  return x instanceof Tensor ? new Tensor('float32', y, dims) : y;
}

/** Whether element `a` comes before `b`: the larger first, a NaN behind every number. The lower index comes first where neither does. */
const before = (a: number, b: number): boolean => a > b || (Number.isNaN(b) && !Number.isNaN(a));

/**
 * The `k` largest scores along the last axis, largest first; equal ones by their index, NaN behind all numbers.
 *
 * @param labels a name for each class
 * @returns a list for each row of a Tensor (`[N, classes]`: N lists), one list for an array
 * @throws ZeroskipError `INVALID_ARGUMENT` if k is not 1 to the number of classes, `SHAPE_MISMATCH` if there are more or fewer labels than
 *   classes, `TYPE_MISMATCH`
 */
export function topK(scores: Tensor, k: number, labels?: readonly string[]): Prediction[][];
export function topK(scores: Scores, k: number, labels?: readonly string[]): Prediction[];
export function topK(scores: Tensor | Scores, k: number, labels?: readonly string[]): Prediction[] | Prediction[][] {
  const { data, outer, count } = rowsOf('topK', scores, -1);
  ensure(
    Number.isInteger(k) && k >= 1 && k <= count,
    'INVALID_ARGUMENT',
    () => `topK: k is a whole number from 1 to the ${count} classes, found ${k}`,
  );
  ensure(
    labels === undefined || (Array.isArray(labels) && labels.length === count),
    'SHAPE_MISMATCH',
    () => `topK: a label for each of ${count} classes is expected, found ${labels?.length ?? String(labels)}`,
  );
  const rows = Array.from({ length: outer }, (_, row) => {
    const best: Prediction[] = [];
    for (let index = 0; index < count; index++) {
      const score = data[row * count + index];
      if (best.length === k && !before(score, best[k - 1].score)) continue;
      let at = best.length;
      while (at > 0 && before(score, best[at - 1].score)) at--;
      best.splice(at, 0, { index, label: labels?.[index], score });
      if (best.length > k) best.pop();
    }
    return best;
  });
  return scores instanceof Tensor ? rows : rows[0];
}

/**
 * The index of the largest element along an axis; of equal ones the first, and a NaN only where there is nothing else.
 *
 * @returns an int32 Tensor without that axis for a Tensor (a map of classes for `[N, C, H, W]` and axis 1), one number for an array
 * @throws ZeroskipError `INVALID_ARGUMENT`, for an axis of length 0 too, `TYPE_MISMATCH`
 */
export function argmax(x: Tensor, axis?: number): Tensor;
export function argmax(x: Scores, axis?: number): number;
export function argmax(x: Tensor | Scores, axis = -1): Tensor | number {
  const { data, dims, axis: at, outer, count, inner } = rowsOf('argmax', x, axis);
  ensure(count > 0, 'INVALID_ARGUMENT', 'argmax: there are no elements to choose from');
  const best = new Int32Array(outer * inner);
  for (let row = 0; row < best.length; row++) {
    const start = Math.floor(row / inner) * count * inner + (row % inner);
    for (let k = 1; k < count; k++) if (before(data[start + k * inner], data[start + best[row] * inner])) best[row] = k;
  }
  return x instanceof Tensor ? new Tensor('int32', best, [...dims.slice(0, at), ...dims.slice(at + 1)]) : best[0];
}
