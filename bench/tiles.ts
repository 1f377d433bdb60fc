/** `npm run bench:tiles`: convolutions that skip the all-zero tiles of their input, over the share of such tiles. */
import { resolve } from 'node:path';
import type { Args } from '../src/cli/args.ts';
import { uniform } from '../src/cli/random.ts';
import { hasRelaxedSimd } from '../src/runtime/features.ts';
import { runScript } from './lib/command.ts';
import { describeCommit, describeMachine, version } from './lib/machine.ts';
import { nodeRelease } from './lib/node_release.ts';
import { defaultCore } from './lib/pin.ts';
import { startProgress } from './lib/progress.ts';
import { isRespawned, respawn, respawnedOn } from './lib/respawn.ts';
import { type Host, resultsFile, writeResults } from './lib/results.ts';

import { measureSite, TILE_SITES } from './tiles/measure.ts';
import { type TileResults, ZERO_PATTERNS } from './tiles/results.ts';
import { rowLines } from './tiles/table.ts';

const SPARSITIES = [0, 90];

async function run(args: Args): Promise<number> {
  const filter = (args.string('filter') ?? '').toLowerCase();
  const ms = args.number('ms', 0, false) ?? 1000;
  if (!isRespawned()) {
    const major = args.number('node', 20, true);
    const node = major === undefined ? process.execPath : nodeRelease(major);
    return respawn(node, args.number('core', 0, true) ?? defaultCore());
  }
  const host: Host = { name: 'node', version: process.versions.node };
  const date = new Date().toISOString();
  const file = resolve(args.string('json') ?? resultsFile('tiles', host, date));
  const results: TileResults = {
    kind: 'tiles',
    date,
    commit: describeCommit(),
    machine: describeMachine(),
    host,
    core: respawnedOn(),
    versions: { zeroskip: version },
    seconds: 0,
    variant: hasRelaxedSimd() ? 'relaxed' : 'simd',
    rows: [],
  };
  console.log(`Node ${host.version}, ${results.variant} build; us\n`);
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
    results.seconds = (Date.now() - Date.parse(date)) / 1000;
    writeResults(file, results);
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
      json: { type: 'string', value: 'FILE', help: 'where the results go (default: a new file in bench/results)' },
      node: { type: 'string', value: 'MAJOR', help: 'measure under this version of Node, taken from npm' },
      core: { type: 'string', value: 'N', help: 'core to pin the process to (default: the last one)' },
    },
    examples: ['bench:tiles', "bench:tiles -- --filter '3x3' --node 24"],
    run,
  },
  process.argv.slice(2),
);
