import { ensure, ZeroskipError } from '../errors.ts';
import type { Manifest, PortInfo } from '../package/format.ts';
import { arrayOf, sameDims, showDims, type Tensor } from '../tensor.ts';

/** Tensors by input name; anything with `type`, `data` and `dims` will do. */
export type Feeds = Record<string, Pick<Tensor, 'type' | 'data' | 'dims'>>;

/**
 * Checks that `feeds` has a tensor for each of `inputs` and no other, each of the right type and as long as its dims say.
 * @throws ZeroskipError `MISSING_INPUT`, `INVALID_ARGUMENT`, `TYPE_MISMATCH`, `SHAPE_MISMATCH`
 */
export function checkFeeds(inputs: readonly Pick<PortInfo, 'name' | 'type'>[], feeds: Feeds): void {
  ensure(
    typeof feeds === 'object' && feeds !== null,
    'INVALID_ARGUMENT',
    'run: the feeds are an object of tensors by input name',
  );
  const names = inputs.map((port) => `'${port.name}'`).join(', ') || 'none';
  for (const name of Object.keys(feeds)) {
    ensure(
      inputs.some((port) => port.name === name),
      'INVALID_ARGUMENT',
      () => `run: the model has no input '${name}'; its inputs are ${names}`,
    );
  }
  for (const { name, type } of inputs) {
    const tensor = Object.hasOwn(feeds, name) ? feeds[name] : undefined;
    if (!tensor) throw new ZeroskipError('MISSING_INPUT', `run: input '${name}' is missing; the inputs are ${names}`);
    ensure(tensor.type === type, 'TYPE_MISMATCH', () => `run: input '${name}' has type ${type}, found ${tensor.type}`);
    const expected = arrayOf(type).name;
    const found = tensor.data?.constructor?.name;
    ensure(found === expected, 'TYPE_MISMATCH', () => `run: input '${name}' holds a ${expected}, found ${found}`);
    ensure(
      Array.isArray(tensor.dims),
      'SHAPE_MISMATCH',
      () => `run: input '${name}' needs a list of dims, found ${tensor.dims}`,
    );
    const size = tensor.dims.reduce((product, d) => product * d, 1);
    ensure(
      tensor.data.length === size,
      'SHAPE_MISMATCH',
      () => `run: input '${name}' of dims ${showDims(tensor.dims)} needs ${size} elements, found ${tensor.data.length}`,
    );
  }
}

/**
 * Finds the plan whose input dims equal those of `feeds`.
 * @throws ZeroskipError as {@link checkFeeds}, or `SHAPE_MISMATCH` that lists the plans.
 */
export function choosePlan(manifest: Manifest, feeds: Feeds): number {
  checkFeeds(manifest.inputs, feeds);
  const fits = (dims: number[][]) => manifest.inputs.every((port, i) => sameDims(feeds[port.name].dims, dims[i]));
  const plan = manifest.plans.findIndex(({ inputs }) => fits(inputs));
  if (plan < 0) {
    const show = (dims: readonly (readonly number[])[]) =>
      manifest.inputs.map((port, i) => `'${port.name}' ${showDims(dims[i])}`).join(', ');
    const plans = manifest.plans.map(({ inputs }) => show(inputs)).join('; ');
    const found = show(manifest.inputs.map((port) => feeds[port.name].dims));
    throw new ZeroskipError('SHAPE_MISMATCH', `run: no plan for ${found}; the package has plans for ${plans}`);
  }
  return plan;
}
