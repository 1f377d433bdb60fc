/** `npm run bench:masks`: time of masked regions over their share of active blocks, against the same regions without a mask. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Args } from '../src/cli/args.ts';
import { duration } from '../src/cli/format.ts';
import { table } from '../src/cli/table.ts';
import { hasRelaxedSimd } from '../src/runtime/features.ts';
import { listOption, runScript } from './lib/command.ts';
import { ROOT } from './lib/folders.ts';
import { describeCommit, describeMachine, version } from './lib/machine.ts';
import { nodeRelease } from './lib/node_release.ts';
import { defaultCore } from './lib/pin.ts';
import { startProgress } from './lib/progress.ts';
import { isRespawned, respawn, respawnedOn } from './lib/respawn.ts';
import { type Host, resultsFile, writeResults } from './lib/results.ts';
import { MASK_CASES } from './masks/cases.ts';
import { maskChart } from './masks/chart.ts';
import { measureMasks } from './masks/measure.ts';
import type { MaskResults, MaskRow } from './masks/results.ts';

const BLOCKS = [16, 32];

async function run(args: Args): Promise<number> {
  const names = MASK_CASES.map(({ id }) => id);
  const chosen = listOption(args, 'cases', names);
  const budgetMs = args.number('ms', 1, false) ?? 1500;
  if (!isRespawned()) {
    const major = args.number('node', 20, true);
    return respawn(
      major === undefined ? process.execPath : nodeRelease(major),
      args.number('core', 0, true) ?? defaultCore(),
    );
  }
  const host: Host = { name: 'node', version: process.versions.node };
  const date = new Date().toISOString();
  const file = resolve(args.string('json') ?? resultsFile('masks', host, date));
  const results: MaskResults = {
    kind: 'masks',
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
  const tasks = MASK_CASES.filter(({ id }) => chosen.includes(id)).flatMap((own) =>
    BLOCKS.map((block) => ({ own, block })),
  );
  const progress = startProgress();
  for (const [i, { own, block }] of tasks.entries()) {
    const row = await measureMasks(own, block, budgetMs, (share) => {
      progress.at((i + share) / tasks.length, `${own.id} in blocks of ${block}`);
    });
    progress.done();
    results.rows.push(row);
    results.seconds = (Date.now() - Date.parse(date)) / 1000;
    writeResults(file, results);
    console.log(`${show(row).join('\n')}\n`);
  }
  const chart = resolve(args.string('svg') ?? join(ROOT, `docs/masks-node-${host.version.split('.')[0]}.svg`));
  mkdirSync(dirname(chart), { recursive: true });
  writeFileSync(chart, maskChart(results));
  console.log(`results: ${file}\nchart: ${chart}`);
  return 0;
}

function show({ title, block, blocks, limit, points }: MaskRow): string[] {
  const right = (title: string) => ({ title, right: true });
  return [
    `${title}, ${blocks} blocks of ${block} x ${block}, block by block up to ${limit}`,
    '',
    ...table(
      [right('active'), right('share'), right('no mask'), right('masked'), right('times faster')],
      points.map(({ active, dense, masked }) => [
        String(active),
        `${((100 * active) / blocks).toFixed(0)} %`,
        duration(dense.min),
        duration(masked.min),
        (dense.min / masked.min).toFixed(2),
      ]),
    ),
  ];
}

process.exitCode = await runScript(
  {
    name: 'bench:masks',
    summary: 'time of regions that a mask restricts to blocks, over the share of active blocks, and their chart',
    options: {
      cases: { type: 'string', value: 'LIST', help: `of ${MASK_CASES.map(({ id }) => id).join(', ')} (default: all)` },
      ms: { type: 'string', value: 'MS', help: 'time for each point, in ms (default: 1500)' },
      json: { type: 'string', value: 'FILE', help: 'where the results go (default: a new file in bench/results)' },
      svg: { type: 'string', value: 'FILE', help: 'where the chart goes (default: docs/masks-node-MAJOR.svg)' },
      node: { type: 'string', value: 'MAJOR', help: 'measure under this version of Node, taken from npm' },
      core: { type: 'string', value: 'N', help: 'core to pin the process to (default: the last one)' },
    },
    examples: ['bench:masks', 'bench:masks -- --cases unit-64 --node 24'],
    run,
  },
  process.argv.slice(2),
);
