/** `npm run bench:start`: from nothing to the first result, in a process of Node, in a page or in a Worker; memory, and bytes to download. */
import { loadavg } from 'node:os';
import { resolve } from 'node:path';
import type { Args } from '../src/cli/args.ts';
import { UsageError } from '../src/cli/usage.ts';
import { runScript } from './lib/command.ts';
import { describeCommit } from './lib/machine.ts';
import { nodeRelease } from './lib/node_release.ts';
import { defaultCore } from './lib/pin.ts';
import { startProgress } from './lib/progress.ts';
import { resultsFile, writeResults } from './lib/results.ts';
import { benchNet } from './nets/index.ts';
import { RUNTIMES } from './peers/index.ts';
import { chromiumHost, chromiumPath } from './run/chromium.ts';
import { machineOf } from './run/host.ts';
import { measureNode, measureSizes } from './start/measure_node.ts';
import { measurePages } from './start/measure_pages.ts';
import { measureWorkers } from './start/measure_workers.ts';
import { writeModels } from './start/models.ts';
import type { AnyStartResults } from './start/results.ts';
import { DELIVERY } from './start/static_server.ts';
import { nodeLines, pageLines, workerLines } from './start/table.ts';
import { workerdPath, workerdVersion } from './start/workerd.ts';

async function run(args: Args): Promise<number> {
  const browser = args.flag('browser');
  const major = args.number('node', 20, true);
  const named = args.number('core', 0, true);
  const workerd = args.flag('workerd');
  if (browser && workerd) throw new UsageError('--browser and --workerd are two measurements: give one');
  if (browser && named !== undefined) throw new UsageError('--browser starts Chromium on all cores, not on --core');
  if ((browser || workerd) && major !== undefined) throw new UsageError('--node belongs to the measurement in Node');
  const times = args.number('repeat', 1, true) ?? 7;
  const json = args.string('json');
  const chromium = browser ? chromiumPath() : undefined;
  const worker = workerd ? workerdPath() : undefined;
  const core = browser ? undefined : (named ?? defaultCore());
  const program = major === undefined ? process.execPath : nodeRelease(major);
  const machine = machineOf(program, core);
  const load = loadavg();
  const date = new Date().toISOString();
  const net = benchNet('mobilenetv1', 90);
  const progress = startProgress();
  progress.at(0, 'models');
  const files = await writeModels(net);
  const facts = () => ({
    kind: 'start' as const,
    date,
    commit: describeCommit(),
    machine,
    core: core ?? null,
    versions: Object.fromEntries(RUNTIMES.map((runtime) => [runtime.name, runtime.version()])),
    seconds: (Date.now() - Date.parse(date)) / 1000,
    network: net.id,
    load,
  });
  const finish = (results: AnyStartResults, lines: string[]): number => {
    progress.done();
    const file = resolve(json ?? resultsFile('start', results.host, date));
    writeResults(file, results);
    console.log(lines.join('\n'));
    console.log(`\nresults: ${file}`);
    return 0;
  };
  if (worker !== undefined) {
    const rows = await measureWorkers(files, times, { program: worker, core }, progress);
    const host = { name: 'workerd' as const, version: workerdVersion(worker) };
    const results = { ...facts(), host, definition: WORKER, rows };
    return finish(results, workerLines(results));
  }
  if (chromium !== undefined) {
    const rows = await measurePages(files, times, chromium, progress);
    const host = { ...chromiumHost(chromium), name: 'chromium' as const };
    const results = { ...facts(), host, definition: NAVIGATION, delivery: DELIVERY, rows };
    return finish(results, pageLines(results));
  }
  const rows = await measureNode(files, times, { program, core }, progress);
  const sizes = await measureSizes(files, progress);
  const host = { name: 'node' as const, version: machine.node };
  const results = { ...facts(), host, definition: PROCESS, rows, ...sizes };
  return finish(results, nodeLines(results));
}

const PROCESS = 'from spawning a process to the line that it prints with its first result; the most memory it has held';

const NAVIGATION =
  "from the start of the navigation to the first result in JavaScript, on the page's clock (performance.now()); each visit is by a browser " +
  'process of its own, the first with a fresh profile; after all but the last the page runs on for a second and stays open for three';

const WORKER =
  'from spawning workerd with a Worker to the answer to its first request, which brings the input (the model comes from a service of files); ' +
  'of that, from the request, which is sent once workerd listens; the most memory the process has held';

process.exitCode = await runScript(
  {
    name: 'bench:start',
    summary:
      'time to the first result of MobileNetV1 at 90 % zeros, memory, and bytes to download, of zeroskip and its peers',
    options: {
      browser: { type: 'boolean', help: 'measure pages in Chromium: first visits and later ones' },
      workerd: { type: 'boolean', help: 'measure Workers in workerd: from its start, and from the first request' },
      repeat: { type: 'string', value: 'N', help: 'starts of each script, or profiles for each page (default: 7)' },
      json: { type: 'string', value: 'FILE', help: 'where the results go (default: a new file in bench/results)' },
      node: { type: 'string', value: 'MAJOR', help: 'measure under this version of Node, taken from npm' },
      core: { type: 'string', value: 'N', help: 'core to pin the processes to (default: the last one)' },
    },
    examples: ['bench:start -- --repeat 15', 'bench:start -- --browser', 'bench:start -- --workerd'],
    run,
  },
  process.argv.slice(2),
);
