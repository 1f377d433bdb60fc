/** `npm run bench:masks`: time of masked regions over their share of active blocks, against the same regions without a mask. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Args } from '../src/cli/args.ts';
import { duration } from '../src/cli/format.ts';
import { table } from '../src/cli/table.ts';
import { listOption, runScript } from './lib/command.ts';
import { ROOT } from './lib/folders.ts';
import { MEASURING_OPTIONS, pinnedExit, startMeasuring } from './lib/measuring.ts';
import { startProgress } from './lib/progress.ts';
import { MASK_CASES } from './masks/cases.ts';
import { maskChart } from './masks/chart.ts';
import { measureMasks } from './masks/measure.ts';
import type { MaskResults, MaskRow } from './masks/results.ts';

const BLOCKS = [16, 32];

async function run(args: Args): Promise<number> {
  const names = MASK_CASES.map(({ id }) => id);
  const chosen = listOption(args, 'cases', names);
  const budgetMs = args.number('ms', 1, false) ?? 1500;
  const code = pinnedExit(args);
  if (code !== undefined) return code;
  const { facts, file, write } = startMeasuring('masks', args);
  const results: MaskResults = {
    ...facts,
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
    write(results);
    console.log(`${show(row).join('\n')}\n`);
  }
  const chart = resolve(args.string('svg') ?? join(ROOT, `docs/masks-node-${facts.host.version.split('.')[0]}.svg`));
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
      svg: { type: 'string', value: 'FILE', help: 'where the chart goes (default: docs/masks-node-MAJOR.svg)' },
      ...MEASURING_OPTIONS,
    },
    examples: ['bench:masks', 'bench:masks -- --cases unit-64 --node 24'],
    run,
  },
  process.argv.slice(2),
);
