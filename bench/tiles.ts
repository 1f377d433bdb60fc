/** `npm run bench:tiles`: convolutions that skip the all-zero tiles of their input, over the share of such tiles. */
import type { Args } from '../src/cli/args.ts';
import { uniform } from '../src/cli/random.ts';
import { runScript } from './lib/command.ts';
import { MEASURING_OPTIONS, pinnedExit, startMeasuring } from './lib/measuring.ts';
import { startProgress } from './lib/progress.ts';

import { measureSite, TILE_SITES } from './tiles/measure.ts';
import { type TileResults, ZERO_PATTERNS } from './tiles/results.ts';
import { rowLines } from './tiles/table.ts';

const SPARSITIES = [0, 90];

async function run(args: Args): Promise<number> {
  const filter = (args.string('filter') ?? '').toLowerCase();
  const ms = args.number('ms', 0, false) ?? 1000;
  const code = pinnedExit(args);
  if (code !== undefined) return code;
  const { facts, file, write } = startMeasuring('tiles', args);
  const results: TileResults = {
    ...facts,
    rows: [],
  };
  console.log(`Node ${facts.host.version}, ${results.variant} build; us\n`);
  const cases = TILE_SITES.flatMap((site) =>
    SPARSITIES.flatMap((sparsity) => ZERO_PATTERNS.map((pattern) => ({ site, sparsity, pattern }))),
  ).filter((one) => `${one.site.name} | ${one.sparsity} | ${one.pattern}`.toLowerCase().includes(filter));
  const progress = startProgress();
  for (const [i, { site, sparsity, pattern }] of cases.entries()) {
    progress.at(i / cases.length, `${site.name}, ${sparsity} % of the weights zero, ${pattern}`);
    const row = await measureSite(site, sparsity, pattern, ms, uniform(i + 1));
    progress.done();
    results.rows.push(row);
    console.log(`${rowLines(row).join('\n')}\n`);
    write(results);
  }
  console.log(`results: ${file}`);
  return 0;
}

process.exitCode = await runScript(
  {
    name: 'bench:tiles',
    summary: 'convolutions with and without skipping all-zero tiles of their input',
    options: {
      filter: { type: 'string', value: 'TEXT', help: "only what has this in 'layer | zeros of the weights | pattern'" },
      ms: { type: 'string', value: 'MS', help: 'time for both kernels at each share of zeros, in ms (default: 1000)' },
      ...MEASURING_OPTIONS,
    },
    examples: ['bench:tiles', "bench:tiles -- --filter '3x3' --node 24"],
    run,
  },
  process.argv.slice(2),
);
