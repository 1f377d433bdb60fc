import { resolve } from 'node:path';
import type { Args, OptionSpecs } from '../../src/cli/args.ts';
import { hasRelaxedSimd } from '../../src/runtime/features.ts';
import { describeCommit, describeMachine, version } from './machine.ts';
import { nodeRelease } from './node_release.ts';
import { defaultCore } from './pin.ts';
import { isRespawned, respawn, respawnedOn } from './respawn.ts';
import { type Facts, type Host, resultsFile, writeResults } from './results.ts';

/** Options of the scripts that measure kernels in one pinned process. */
export const MEASURING_OPTIONS: OptionSpecs = {
  json: { type: 'string', value: 'FILE', help: 'where the results go (default: a new file in bench/results)' },
  node: { type: 'string', value: 'MAJOR', help: 'measure under this version of Node, taken from npm' },
  core: { type: 'string', value: 'N', help: 'core to pin the process to (default: the last one)' },
};

/** Starts the script again, pinned and under the Node that was asked for. @returns its exit code; undefined in that process */
export function pinnedExit(args: Args): number | undefined {
  if (isRespawned()) return undefined;
  const major = args.number('node', 20, true);
  const node = major === undefined ? process.execPath : nodeRelease(major);
  return respawn(node, args.number('core', 0, true) ?? defaultCore());
}

/** What all results of such a script hold. */
export interface MeasuredFacts<K extends string> extends Facts {
  kind: K;
  variant: 'simd' | 'relaxed';
}

/** Results that are being measured in this process. */
export interface Measuring<K extends string> {
  facts: MeasuredFacts<K>;
  /** Path of the file. */
  file: string;
  /** Writes results that begin with the facts, as far as they are. */
  write<T extends Facts>(results: T): void;
}

export function startMeasuring<K extends string>(kind: K, args: Args): Measuring<K> {
  const host: Host = { name: 'node', version: process.versions.node };
  const date = new Date().toISOString();
  const file = resolve(args.string('json') ?? resultsFile(kind, host, date));
  return {
    file,
    facts: {
      kind,
      date,
      commit: describeCommit(),
      machine: describeMachine(),
      host,
      core: respawnedOn(),
      versions: { zeroskip: version },
      seconds: 0,
      variant: hasRelaxedSimd() ? 'relaxed' : 'simd',
    },
    write(results) {
      results.seconds = (Date.now() - Date.parse(date)) / 1000;
      writeResults(file, results);
    },
  };
}
