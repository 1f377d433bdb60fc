/** `npm run bench:prune`: accuracy of dense networks that are pruned once, without training, by magnitude and by second-order methods. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Args } from '../src/cli/args.ts';
import { duration } from '../src/cli/format.ts';
import { table } from '../src/cli/table.ts';
import { listOption, runScript } from './lib/command.ts';
import { ROOT } from './lib/folders.ts';
import { MEASURING_OPTIONS, pinnedExit, startMeasuring } from './lib/measuring.ts';
import { startProgress } from './lib/progress.ts';
import { pruneChart } from './prune/chart.ts';
import { LATENCY_NETWORK, measureLatencies } from './prune/latency.ts';
import { measurePruning } from './prune/measure.ts';
import { ALLOCATIONS, type PrunedLatency, type PrunedNetwork, type PruneResults } from './prune/results.ts';
import { NETWORKS } from './prune/subject.ts';

const SPARSITIES = [50, 60, 70, 80, 85, 90, 95, 98];
const SAMPLES = 512;
const DIGITS = 10_000;

async function run(args: Args): Promise<number> {
  const exit = pinnedExit(args);
  if (exit !== undefined) return exit;
  const names = listOption(args, 'networks', [...NETWORKS, LATENCY_NETWORK]);
  const chosen = NETWORKS.filter((name) => names.includes(name));
  const samples = args.number('samples', 1, true) ?? SAMPLES;
  const { facts, file, write } = startMeasuring('prune', args);
  const results: PruneResults = { ...facts, samples, digits: DIGITS, networks: [], latency: [] };
  const progress = startProgress();
  for (const [i, name] of chosen.entries()) {
    const network = await measurePruning(name, { samples, sparsities: SPARSITIES }, (share, label) =>
      progress.at((i + share) / chosen.length, label),
    );
    progress.done();
    results.networks.push(network);
    write(results);
    console.log(`${show(network).join('\n')}\n`);
  }
  if (names.includes(LATENCY_NETWORK)) {
    const found = await measureLatencies(samples, (share, label) => progress.at(share, label));
    progress.done();
    results.latency.push(found);
    write(results);
    console.log(`${showLatencies(found).join('\n')}\n`);
  }
  console.log(`results: ${file}`);
  if (results.networks.length > 0) {
    const chart = resolve(args.string('svg') ?? join(ROOT, 'docs/prune-lenet.svg'));
    mkdirSync(dirname(chart), { recursive: true });
    writeFileSync(chart, pruneChart(results));
    console.log(`chart: ${chart}`);
  }
  return 0;
}

function show({ name, correct, curves }: PrunedNetwork): string[] {
  const right = (title: string) => ({ title, right: true });
  const percent = (count: number): string => ((100 * count) / DIGITS).toFixed(2);
  return ALLOCATIONS.flatMap((allocation) => [
    `${name}, ${allocation}: dense ${percent(correct)} %`,
    '',
    ...table(
      [{ title: 'zeros, %' }, ...SPARSITIES.map((sparsity) => right(String(sparsity))), right('within 1 point')],
      curves
        .filter((curve) => curve.allocation === allocation)
        .map(({ method, points, within }) => [method, ...points.map((point) => percent(point.correct)), `${within} %`]),
    ),
    '',
  ]);
}

function showLatencies({ name, ns, correct, rows }: PrunedLatency): string[] {
  const right = (title: string) => ({ title, right: true });
  const time = (value: number): string => duration(value / 1e6);
  return [
    `${name}: dense ${time(ns)}, ${((100 * correct) / DIGITS).toFixed(2)} %`,
    '',
    ...table(
      [right('of dense'), { title: 'way' }, right('asked'), right('reached'), right('once more'), right('accuracy')],
      rows.map(({ share, way, wanted, reached, again, correct: own }) => [
        `${share} %`,
        way,
        time(wanted),
        time(reached),
        time(again),
        ((100 * own) / DIGITS).toFixed(2),
      ]),
    ),
  ];
}

process.exitCode = await runScript(
  {
    name: 'bench:prune',
    summary:
      'accuracy over sparsity of dense networks pruned once, without training: magnitude, Wanda, SparseGPT, OBC; and at measured latencies',
    options: {
      networks: {
        type: 'string',
        value: 'LIST',
        help: `of ${[...NETWORKS, LATENCY_NETWORK].join(', ')} (default: all)`,
      },
      samples: { type: 'string', value: 'N', help: `training digits that calibrate (default: ${SAMPLES})` },
      svg: { type: 'string', value: 'FILE', help: 'where the chart goes (default: docs/prune-lenet.svg)' },
      ...MEASURING_OPTIONS,
    },
    examples: ['bench:prune', 'bench:prune -- --networks lenet300'],
    run,
  },
  process.argv.slice(2),
);
