/** `npm run bench:start`: from nothing to the first result, in a process of Node, in a page or in a Worker; memory, and bytes to download. */
import { loadavg } from 'node:os';
import { resolve } from 'node:path';
import type { Args } from '../src/cli/args.ts';
import { runScript } from './lib/command.ts';
import { describeCommit } from './lib/machine.ts';
import { nodeRelease } from './lib/node_release.ts';
import { defaultCore } from './lib/pin.ts';
import { type Progress, startProgress } from './lib/progress.ts';
import { resultsFile, writeResults } from './lib/results.ts';
import { benchNet } from './nets/index.ts';
import { RUNTIMES } from './peers/index.ts';
import { chromiumHost, chromiumPath } from './run/chromium.ts';
import { machineOf } from './run/host.ts';
import { type Launch, measureNode, measureSizes } from './start/measure_node.ts';
import { measurePages } from './start/measure_pages.ts';
import { measureWorkers } from './start/measure_workers.ts';
import { type ModelFiles, writeModels } from './start/models.ts';
import { chooseFrom, OPTIONS } from './start/options.ts';
import type { AnyStartResults, PageResults, StartResults, WorkerResults } from './start/results.ts';
import { DELIVERY } from './start/static_server.ts';
import { nodeLines, pageLines, workerLines } from './start/table.ts';
import { workerdPath, workerdVersion } from './start/workerd.ts';

/** Measures on one host. */
type Measure<R extends AnyStartResults> = (
  files: ModelFiles,
  times: number,
  launch: Launch,
  progress: Progress,
) => Promise<Omit<R, Facts>>;

/** What is the same on all hosts. */
type Facts = 'kind' | 'date' | 'commit' | 'machine' | 'core' | 'versions' | 'seconds' | 'network' | 'load';

const inNode: Measure<StartResults> = async (files, times, launch, progress) => ({
  host: { name: 'node', version: machineOf(launch.program, launch.core).node },
  definition: 'from spawning a process to the line that it prints with its first result; the most memory it has held',
  rows: await measureNode(files, times, launch, progress),
  ...(await measureSizes(files, progress)),
});

const inPages: Measure<PageResults> = async (files, times, { program }, progress) => ({
  host: { ...chromiumHost(program), name: 'chromium' },
  definition:
    "from the start of the navigation to the first result in JavaScript, on the page's clock (performance.now()); each visit is by a browser " +
    'process of its own, the first with a fresh profile; after all but the last the page runs on for a second and stays open for three',
  delivery: DELIVERY,
  rows: await measurePages(files, times, program, progress),
});

const inWorkers: Measure<WorkerResults> = async (files, times, launch, progress) => ({
  host: { name: 'workerd', version: workerdVersion(launch.program) },
  definition:
    'from spawning workerd with a Worker to the answer to its first request, which brings the input (the model comes from a service of files); ' +
    'of that, from the request, which is sent once workerd listens; the most memory the process has held',
  rows: await measureWorkers(files, times, launch, progress),
});

async function run(args: Args): Promise<number> {
  const { host, times, json, node, core: named } = chooseFrom(args);
  const core = host === 'chromium' ? undefined : (named ?? defaultCore());
  const program = {
    node: () => (node === undefined ? process.execPath : nodeRelease(node)),
    chromium: chromiumPath,
    workerd: workerdPath,
  }[host]();
  const machine = machineOf(host === 'node' ? program : process.execPath, core);
  const load = loadavg();
  const date = new Date().toISOString();
  const net = benchNet('mobilenetv1', 90);
  const progress = startProgress();
  progress.at(0, 'models');
  const files = await writeModels(net);
  const facts = <R extends AnyStartResults>(measured: Omit<R, Facts>) => ({
    kind: 'start' as const,
    date,
    commit: describeCommit(),
    machine,
    core: core ?? null,
    versions: Object.fromEntries(RUNTIMES.map((runtime) => [runtime.name, runtime.version()])),
    seconds: (Date.now() - Date.parse(date)) / 1000,
    network: net.id,
    load,
    ...measured,
  });
  const measure = async <R extends AnyStartResults>(on: Measure<R>, lines: (results: R) => string[]) => {
    const results = facts<R>(await on(files, times, { program, core }, progress)) as unknown as R;
    progress.done();
    const file = resolve(json ?? resultsFile('start', results.host, date));
    writeResults(file, results);
    console.log(`${lines(results).join('\n')}\n\nresults: ${file}`);
  };
  if (host === 'chromium') await measure(inPages, pageLines);
  else if (host === 'workerd') await measure(inWorkers, workerLines);
  else await measure(inNode, nodeLines);
  return 0;
}

process.exitCode = await runScript(
  {
    name: 'bench:start',
    summary:
      'time to the first result of MobileNetV1 at 90 % zeros, memory, and bytes to download, of zeroskip and its peers',
    options: OPTIONS,
    examples: ['bench:start -- --repeat 15', 'bench:start -- --browser', 'bench:start -- --workerd'],
    run,
  },
  process.argv.slice(2),
);
