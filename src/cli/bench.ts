import { type CompileOptions, compileTuned } from '../compile.ts';
import { ensure } from '../errors.ts';
import type { Manifest, PlanInfo } from '../package/format.ts';
import { readPackage } from '../package/read.ts';
import type { Feeds } from '../runtime/feeds.ts';
import { load } from '../runtime/load.ts';
import type { Model } from '../runtime/model.ts';
import type { ProfileEntry } from '../runtime/profile.ts';
import type { Args } from './args.ts';
import { printBench } from './bench_text.ts';
import type { Command } from './command.ts';
import { MODEL_OPTIONS, modelOptions, refuseModelOptions, SHAPE_DETAILS } from './model_options.ts';
import { progressBar } from './progress.ts';
import { randomTensor, uniform } from './random.ts';
import { inFile, openSource, type Source } from './source.ts';
import { type Limits, type Timing, timeInTurn } from './timing.ts';

/** Times of one plan. */
export interface PlanTimes {
  inputs: Record<string, number[]>;
  /** Of the package as it is, and for comparison of the same model compiled with `sparse: off`. */
  times: Timing;
  dense?: Timing;
  /** Least time of `dense` over that of `times`. */
  ratio?: number;
  profile?: ProfileEntry[];
}

/** What `zeroskip bench` found. */
export interface BenchFacts {
  file: string;
  target: 'simd' | 'relaxed';
  engine: 'narrow' | 'wide';
  packageBytes: number;
  compileMs?: number;
  loadMs: number;
  plans: PlanTimes[];
}

/** `zeroskip bench` */
export const bench: Command = {
  name: 'bench',
  summary: 'time a package, or a model against the same model with its zeros multiplied',
  usage: 'MODEL|PACKAGE [options]',
  options: {
    runs: { type: 'string', value: 'N', help: 'timed runs of each plan (default: as many as the time allows)' },
    seconds: { type: 'string', value: 'S', help: 'time for each plan (default: 1)' },
    compare: {
      type: 'boolean',
      help: "also time the model compiled with --sparse off, in turn, and print the ratio of minima (default for a MODEL; --no-compare: don't)",
    },
    profile: { type: 'boolean', help: 'print the time of each layer' },
    random: { type: 'string', value: 'SEED', help: 'seed of the random inputs (default: 1)' },
    target: {
      type: 'string',
      value: 'simd|relaxed',
      help: 'Wasm build to use (default: relaxed where host and package allow it)',
    },
    ...MODEL_OPTIONS,
  },
  details: [
    'Times are those of runSync: inputs copied in, one call, outputs copied out. The first run is not among the others.',
    SHAPE_DETAILS,
  ],
  examples: [
    'zeroskip bench model.onnx',
    'zeroskip bench model.zsk --runs 1000 --profile',
    'zeroskip bench model.onnx --plan input=1x3x224x224 --plan input=8x3x224x224 --seconds 5',
  ],
  async run(args) {
    const path = args.only('MODEL or PACKAGE');
    const limits = { runs: args.number('runs', 1, true), seconds: args.number('seconds', 0, false) ?? 1 };
    const seed = args.number('random', 0, true) ?? 1;
    const target = args.choice('target', ['simd', 'relaxed']);
    const { packages, compileMs } = await prepare(args, await openSource(path));
    const { manifest } = await inFile(path, () => readPackage(packages[0]));
    const started = performance.now();
    const model = await inFile(path, () => load(packages[0], { target }));
    const loadMs = performance.now() - started;
    const dense = packages[1] && (await load(packages[1], { target }));
    const plans = manifest.plans.map((plan) => {
      const times = timePlan(manifest, plan, model, dense, limits, seed);
      return args.flag('profile') ? { ...times, profile: model.profile(randomFeeds(manifest, plan, seed)) } : times;
    });
    const { variant, engine } = model;
    const facts: BenchFacts = {
      file: path,
      target: variant,
      engine,
      packageBytes: packages[0].byteLength,
      compileMs,
      loadMs,
      plans,
    };
    return { facts, text: printBench(facts) };
  },
};

/** The package to time, and the one to compare it with. */
async function prepare(args: Args, source: Source): Promise<{ packages: Uint8Array[]; compileMs?: number }> {
  if (source.kind === 'package') {
    refuseModelOptions(args, MODEL_OPTIONS, source.path);
    ensure(
      !args.flag('compare'),
      'INVALID_ARGUMENT',
      `--compare compiles a model in two ways, ${source.path} is a package and compiled already`,
    );
    return { packages: [source.bytes] };
  }
  const options = await modelOptions(args, source.graph.inputs);
  const build = async (sparse: CompileOptions['sparse']) =>
    (await compileTuned(source.graph, { ...options, sparse })).bytes;
  const started = performance.now();
  const packages = [await build(options.sparse)];
  const compileMs = performance.now() - started;
  if ((args.flag('compare') ?? true) && options.sparse !== 'off') packages.push(await build('off'));
  return { packages, compileMs };
}

function randomFeeds({ inputs }: Manifest, plan: PlanInfo, seed: number): Feeds {
  const next = uniform(seed);
  const feeds: Feeds = Object.create(null);
  inputs.forEach(({ name, type }, i) => {
    feeds[name] = randomTensor(type, plan.inputs[i], next);
  });
  return feeds;
}

function timePlan(
  manifest: Manifest,
  plan: PlanInfo,
  model: Model,
  other: Model | undefined,
  limits: Limits,
  seed: number,
): PlanTimes {
  const feeds = randomFeeds(manifest, plan, seed);
  const models = other ? [model, other] : [model];
  const progress = progressBar('timing');
  const [times, dense] = timeInTurn(
    models.map((m) => () => m.runSync(feeds)),
    limits,
    progress,
  );
  progress(1);
  const inputs: PlanTimes['inputs'] = Object.create(null);
  manifest.inputs.forEach(({ name }, i) => {
    inputs[name] = plan.inputs[i];
  });
  return dense ? { inputs, times, dense, ratio: dense.min / times.min } : { inputs, times };
}
