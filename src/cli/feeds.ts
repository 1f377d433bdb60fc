import type { PlanInfo } from '../package/format.ts';
import type { Package } from '../package/read.ts';
import { sameDims, type Tensor } from '../tensor.ts';
import type { Args, OptionSpecs } from './args.ts';
import { readNpy } from './arrays.ts';
import { namedValues } from './named.ts';
import { randomTensor, uniform } from './random.ts';

/** Options of commands that run a package once. */
export const FEED_OPTIONS: OptionSpecs = {
  input: {
    type: 'string',
    short: 'i',
    multiple: true,
    value: 'NAME=FILE.npy',
    help: 'an input; NAME= may be left out where there is one input only',
  },
  random: { type: 'string', value: 'SEED', help: 'random data for the inputs that are not given' },
};

/** What {@link FEED_OPTIONS} say. */
export async function feedsFrom(args: Args, pkg: Package): Promise<Record<string, Tensor>> {
  const seed = args.number('random', 0, true);
  const feeds: Record<string, Tensor> = Object.create(null);
  const names = pkg.manifest.inputs.map(({ name }) => name);
  for (const [name, file] of namedValues('input', args.strings('input'), names)) feeds[name] = await readNpy(file);
  if (seed !== undefined) fillRandom(feeds, pkg, seed);
  return feeds;
}

/** Random tensors for the missing inputs, of the dims of the first plan that fits the given ones. */
function fillRandom(feeds: Record<string, Tensor>, { manifest }: Package, seed: number): void {
  const fits = ({ inputs }: PlanInfo): boolean =>
    manifest.inputs.every(({ name }, i) => !feeds[name] || sameDims(feeds[name].dims, inputs[i]));
  const plan = manifest.plans.find(fits);
  // Without such a plan the run itself says which plans there are.
  const { inputs } = plan ?? manifest.plans[0];
  const next = uniform(seed);
  manifest.inputs.forEach(({ name, type }, i) => {
    feeds[name] ??= randomTensor(type, inputs[i], next);
  });
}
