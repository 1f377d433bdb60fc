import { readFileSync } from 'node:fs';
import type { Progress } from '../lib/progress.ts';
import { summarize } from '../lib/stats.ts';
import { expectAgreement } from './agree.ts';
import type { Launch } from './measure_node.ts';
import type { ModelFiles } from './models.ts';
import type { WorkerRow } from './results.ts';
import { type StartWorker, WORKERS, writeWorker } from './worker_site.ts';
import { startWorker, type WorkerStart } from './workerd.ts';
import { AS_SHIPPED } from './workers/worker.ts';

/** What happened to a Worker. */
interface Found {
  worker: StartWorker;
  config: string;
  input: Uint8Array;
  starts: WorkerStart[];
  failed?: string;
  asShipped?: string;
}

/** Starts all Workers in turn, `times` times each, after asking those that are patched what they say without. */
export async function measureWorkers(
  files: ModelFiles,
  times: number,
  { program, core }: Launch,
  progress: Progress,
  workers: readonly StartWorker[] = WORKERS,
): Promise<WorkerRow[]> {
  const all: Found[] = [];
  for (const worker of workers) {
    progress.at(0, `building the Worker of ${worker.name}`);
    const found: Found = {
      worker,
      config: await writeWorker(worker, files),
      input: readFileSync(files[worker.input]),
      starts: [],
    };
    if (worker.patched)
      found.asShipped = await complaintOf(() => startWorker(program, core, found.config, found.input, AS_SHIPPED));
    all.push(found);
  }
  for (let round = 0; round < times; round++) {
    for (const [i, found] of all.entries()) {
      progress.at((round + i / all.length) / times, `start of ${found.worker.name}`);
      if (found.failed !== undefined) continue;
      found.failed = await complaintOf(async () => {
        found.starts.push(await startWorker(program, core, found.config, found.input));
      });
    }
  }
  const [expected] = all.find(({ worker }) => worker.name === 'zeroskip')!.starts;
  return all.map(({ worker: { name }, starts, failed, asShipped }): WorkerRow => {
    if (failed !== undefined) return { name, failed, asShipped };
    expectAgreement(name, starts, expected);
    const of = (key: 'ms' | 'requestMs' | 'peakBytes') => summarize(starts.map((start) => start[key]));
    return { name, ms: of('ms'), requestMs: of('requestMs'), peakBytes: of('peakBytes'), asShipped };
  });
}

/** The first line of what goes wrong in `attempt`; undefined where nothing does. */
async function complaintOf(attempt: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
}
