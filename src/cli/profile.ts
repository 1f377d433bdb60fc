import { readBytes } from '../host/node.ts';
import { readPackage } from '../package/read.ts';
import { load } from '../runtime/load.ts';
import type { ProfileEntry } from '../runtime/profile.ts';
import { sizeOf } from '../tensor.ts';
import type { Command } from './command.ts';
import { FEED_OPTIONS, feedsFrom } from './feeds.ts';
import { printProfile } from './profile_text.ts';
import { inFile } from './source.ts';

/** One kernel call with one input. */
export interface ProfiledLayer {
  op: string;
  node: string;
  dims: readonly number[];
  kernel: string;
  format?: string;
  /** Share of zero weights. */
  sparsity?: number;
  /** Exact zeros in what the layer reads first, and in what it makes; absent where that is no float32. */
  zerosIn?: { count: number; of: number };
  zerosOut?: { count: number; of: number };
  /** What was skipped for them, of layers that can. */
  skipped?: { unit: string; count: number; of: number };
  /** Multiplications that the weights leave, and those done. */
  multiplications?: { planned: number; done: number };
  ms: number | null;
}

/** What `zeroskip profile` found. */
export interface ProfileFacts {
  package: string;
  target: 'simd' | 'relaxed';
  engine: 'narrow' | 'wide';
  inputs: { name: string; dims: readonly number[] }[];
  layers: ProfiledLayer[];
  totals: { multiplications: { planned: number; done: number }; ms: number | null };
}

/** `zeroskip profile` */
export const profile: Command = {
  name: 'profile',
  summary: 'show the zeros, the work and the time of each layer for one input',
  usage: 'PACKAGE --input NAME=FILE.npy … [options]',
  options: {
    ...FEED_OPTIONS,
    target: {
      type: 'string',
      value: 'simd|relaxed',
      help: 'Wasm build to use (default: relaxed where host and package allow it)',
    },
  },
  details: [
    'Columns: weights is the share of zero weights; zeros in and out are the shares of exact zeros in the first operand of a layer and in ' +
      'its result (--json: their numbers); skipped is what was left out for them; planned and done are multiplications, those that the ' +
      'weights leave and those that this input needed; time is the least of five runs.',
  ],
  examples: [
    'zeroskip profile model.zsk --input digit.npy',
    'zeroskip profile model.zsk --input tokens=tokens.npy --input mask=mask.npy --json',
    'zeroskip profile model.zsk --random 1',
  ],
  async run(args) {
    const path = args.only('PACKAGE');
    const target = args.choice('target', ['simd', 'relaxed']);
    const file = await readBytes(path);
    const pkg = await inFile(path, () => readPackage(file));
    const feeds = await feedsFrom(args, pkg);
    const model = await inFile(path, () => load(file, { target }));
    const layers = model.profile(feeds).map(describe);
    const facts: ProfileFacts = {
      package: path,
      target: model.variant,
      engine: model.engine,
      inputs: model.inputs.map(({ name }) => ({ name, dims: feeds[name].dims })),
      layers,
      totals: totalsOf(layers),
    };
    return { facts, text: printProfile(facts) };
  },
};

function describe(entry: ProfileEntry): ProfiledLayer {
  const { op, node, dims, kernel, format, sparsity, source, zerosIn, zerosOut, dynamic, live, macs, done, ms } = entry;
  return {
    op,
    node,
    dims,
    kernel,
    format,
    sparsity,
    zerosIn: zerosIn === undefined ? undefined : { count: zerosIn, of: source!.size },
    zerosOut: zerosOut === undefined ? undefined : { count: zerosOut, of: sizeOf(dims) },
    skipped: dynamic && live !== undefined ? skippedOf(dynamic, live) : undefined,
    multiplications: macs && { planned: macs.kept, done: done! },
    ms,
  };
}

const skippedOf = ({ unit, total, limit }: NonNullable<ProfileEntry['dynamic']>, live: number) => ({
  unit,
  count: live <= limit ? total - live : 0,
  of: total,
});

function totalsOf(layers: readonly ProfiledLayer[]): ProfileFacts['totals'] {
  const sum = (of: (layer: ProfiledLayer) => number): number => layers.reduce((total, layer) => total + of(layer), 0);
  return {
    multiplications: {
      planned: sum((layer) => layer.multiplications?.planned ?? 0),
      done: sum((layer) => layer.multiplications?.done ?? 0),
    },
    ms: layers.some(({ ms }) => ms === null) ? null : sum(({ ms }) => ms!),
  };
}
