import { ensure } from '../errors.ts';
import type { PortInfo } from '../package/format.ts';
import { arrayOf, showDims, sizeOf, Tensor } from '../tensor.ts';

/** Arrays by input name, or a list of that. An array that is longer than its input along the first dimension holds several samples. */
export type SampleData = Readonly<Record<string, Tensor>> | readonly Readonly<Record<string, Tensor>>[];

/** The inputs of a package, and their dims in each of its plans. */
export interface Inputs {
  inputs: readonly Pick<PortInfo, 'name' | 'type'>[];
  plans: readonly { inputs: readonly (readonly number[])[] }[];
}

/** Samples of one plan, cut out of arrays when they are asked for. */
export interface Samples {
  plan: number;
  count: number;
  at(index: number): Record<string, Tensor>;
}

/**
 * Cuts arrays into what one run takes: along the first dimension, as many rows as the first plan has into which all arrays can be cut. Rows
 * that fill no run are left out; an array as long as its input serves all samples of its group.
 *
 * @param what heads the errors: the name of an option
 * @throws ZeroskipError `INVALID_ARGUMENT`, `MISSING_INPUT`, `TYPE_MISMATCH`, `SHAPE_MISMATCH`
 */
export function cutSamples(data: SampleData, { inputs, plans }: Inputs, what: string): Samples {
  const groups = (Array.isArray(data) ? data : [data]).map((arrays) => tensorsOf(arrays, inputs, what));
  ensure(groups.length > 0, 'INVALID_ARGUMENT', `${what}: the list of samples is empty`);
  const plan = plans.findIndex((p) => groups.every((group) => group.every(({ dims }, i) => fits(dims, p.inputs[i]))));
  ensure(plan >= 0, 'SHAPE_MISMATCH', () => {
    const show = (dims: readonly (readonly number[])[]): string =>
      inputs.map(({ name }, i) => `'${name}' ${showDims(dims[i])}`).join(', ');
    const found = [...new Set(groups.map((group) => show(group.map(({ dims }) => dims))))].slice(0, 3).join('; ');
    const wanted = plans.map((p) => show(p.inputs)).join('; ');
    return `${what}: expected ${wanted}, or more along the first dimension, found ${found}`;
  });
  const wanted = plans[plan].inputs;
  const runs = groups.map((group) => group.map(({ dims }, i) => runsIn(dims, wanted[i])));
  const counts = runs.map((own) => {
    const most = Math.max(1, ...own);
    const short = own.findIndex((n) => n !== 1 && n !== most);
    ensure(
      short < 0,
      'SHAPE_MISMATCH',
      () => `${what}: input '${inputs[short].name}' holds ${own[short]} samples, another input ${most}`,
    );
    return most;
  });
  return {
    plan,
    count: counts.reduce((sum, n) => sum + n, 0),
    at(index) {
      let group = 0;
      let rest = index;
      while (rest >= counts[group]) rest -= counts[group++];
      const feeds: Record<string, Tensor> = Object.create(null);
      inputs.forEach(({ name }, i) => {
        feeds[name] = rows(groups[group][i], wanted[i], runs[group][i] === 1 ? 0 : rest);
      });
      return feeds;
    },
  };
}

/** The arrays in the order of the inputs. */
function tensorsOf(arrays: Readonly<Record<string, Tensor>>, inputs: Inputs['inputs'], what: string): Tensor[] {
  ensure(
    typeof arrays === 'object' && arrays !== null,
    'INVALID_ARGUMENT',
    () => `${what}: the data are tensors by input name, or a list of that, found ${arrays}`,
  );
  const names = inputs.map(({ name }) => `'${name}'`).join(', ') || 'none';
  const unknown = Object.keys(arrays).find((name) => !inputs.some((input) => input.name === name));
  ensure(
    unknown === undefined,
    'INVALID_ARGUMENT',
    () => `${what}: there is no input '${unknown}'; the inputs are ${names}`,
  );
  return inputs.map(({ name, type }) => {
    const tensor = Object.hasOwn(arrays, name) ? arrays[name] : undefined;
    ensure(
      tensor instanceof Tensor,
      'MISSING_INPUT',
      () => `${what}: a Tensor for input '${name}' is missing; the inputs are ${names}`,
    );
    ensure(
      tensor.type === type,
      'TYPE_MISMATCH',
      () => `${what}: input '${name}' has type ${type}, found ${tensor.type}`,
    );
    return tensor;
  });
}

/** Whether an array of `dims` holds at least one input of dims `wanted`. */
const fits = (dims: readonly number[], wanted: readonly number[]): boolean =>
  dims.length === wanted.length && dims.every((d, i) => (i === 0 ? d >= wanted[i] : d === wanted[i]));

const runsIn = (dims: readonly number[], wanted: readonly number[]): number =>
  wanted[0] > 0 ? Math.floor(dims[0] / wanted[0]) : 1;

function rows({ type, data }: Tensor, dims: readonly number[], index: number): Tensor {
  const size = sizeOf(dims);
  const from = data.byteOffset + index * size * data.BYTES_PER_ELEMENT;
  return new Tensor(type, new (arrayOf(type))(data.buffer, from, size), dims);
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * At most `most` of the numbers below `count`, evenly spread, in an order in which every beginning is spread too: so that neither a bound
 * on samples nor one on time takes those of one class from data that are sorted.
 */
export function spreadOver(count: number, most: number): number[] {
  const n = Math.min(count, most);
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  let step = Math.max(1, Math.round(n * GOLDEN));
  while (gcd(step, n) !== 1) step++;
  return Array.from({ length: n }, (_, k) => Math.floor((((k * step) % n) * count) / n));
}
