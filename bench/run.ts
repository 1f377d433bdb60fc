/** `npm run bench`: networks x sparsities x runtimes, every network in processes of its own, into a table and a file of results. */
import { resolve } from 'node:path';
import type { Args } from '../src/cli/args.ts';
import { runScript } from './lib/command.ts';
import { ROOT } from './lib/folders.ts';
import { describeCommit } from './lib/machine.ts';
import { nodeRelease } from './lib/node_release.ts';
import { defaultCore } from './lib/pin.ts';
import { startProgress } from './lib/progress.ts';
import { type Host, type NetworkResults, type Outcomes, type Row, resultsFile, writeResults } from './lib/results.ts';
import { benchNet } from './nets/index.ts';
import { RUNTIMES } from './peers/index.ts';
import { chromiumHost, chromiumPath } from './run/chromium.ts';
import { machineOf } from './run/host.ts';
import { type Choice, chooseFrom, OPTIONS } from './run/options.ts';
import { measureApart } from './run/spawn.ts';
import { block, heading, LEGEND, remarks } from './run/table.ts';
import { timeLeft } from './run/time_left.ts';

async function run(args: Args): Promise<number> {
  const choice = chooseFrom(args);
  const core = choice.core ?? defaultCore();
  const node = choice.node === undefined ? process.execPath : nodeRelease(choice.node);
  const browser = choice.browser ? chromiumPath() : undefined;
  const machine = machineOf(node, core);
  const host: Host = browser ? chromiumHost(browser) : { name: 'node', version: machine.node };
  const date = new Date().toISOString();
  const file = choice.json ? resolve(choice.json) : resultsFile('networks', host, date);
  const results: NetworkResults = {
    kind: 'networks',
    date,
    commit: describeCommit(),
    machine,
    host,
    core: core ?? null,
    versions: Object.fromEntries(
      RUNTIMES.filter(({ name }) => choice.runtimes.includes(name)).map((runtime) => [runtime.name, runtime.version()]),
    ),
    options: { seconds: choice.seconds, repeat: choice.repeat },
    seconds: 0,
    rows: [],
  };
  console.log(`${host.name} ${host.version}${core === undefined ? ', not pinned' : `, pinned to core ${core}`}\n`);
  console.log(heading().join('\n'));
  await measureAll(choice, { node, core }, browser, (row) => {
    results.rows.push(row);
    results.seconds = (Date.now() - Date.parse(date)) / 1000;
    writeResults(file, results);
    console.log([...block(row), ...remarks(row)].join('\n'));
  });
  console.log(`\n${LEGEND.join('\n')}\n\nresults: ${file.startsWith(ROOT) ? file.slice(ROOT.length) : file}`);
  return results.rows.some(hasFailed) ? 1 : 0;
}

async function measureAll(
  { tasks, runtimes, seconds, repeat }: Choice,
  launch: { node: string; core: number | undefined },
  browser: string | undefined,
  onRow: (row: Row) => void,
): Promise<void> {
  const progress = startProgress();
  const left = timeLeft();
  for (const [i, task] of tasks.entries()) {
    const { id } = benchNet(task.network, task.sparsity, task.pattern);
    const row: Row = { id, ...task, runs: [] };
    for (let n = 0; n < repeat; n++) {
      const onStage = (share: number, label: string) => {
        const done = (i + (n + share) / repeat) / tasks.length;
        progress.at(done, `${id}, ${n + 1} of ${repeat}: ${label}`, left(done));
      };
      onStage(0, 'starting');
      const began = new Date().toISOString();
      const outcomes: Outcomes = await measureApart(
        { ...task, runtimes, options: { seconds }, browser },
        launch,
        onStage,
      );
      row.runs.push({ date: began, outcomes });
    }
    progress.done();
    onRow(row);
  }
}

const hasFailed = ({ runs }: Row): boolean =>
  runs.some(({ outcomes }) => Object.values(outcomes).some(({ failed }) => failed !== undefined));

process.exitCode = await runScript(
  {
    name: 'bench',
    summary: 'the networks of the benchmark in zeroskip and its peers, one thread',
    options: OPTIONS,
    examples: [
      'bench -- --nets mobilenetv1,mlp --sparsities 90 --peers litert-sparse,ort-web',
      'bench -- --node 24',
      'bench -- --browser --nets mobilenetv1',
    ],
    run,
  },
  process.argv.slice(2),
);
