import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ZeroskipError } from '../../src/errors.ts';
import type { NetName, Pattern } from '../nets/net.ts';
import type { RuntimeName } from '../peers/runtime.ts';
import { RESULTS } from './folders.ts';
import type { Commit, Machine } from './machine.ts';
import type { Summary } from './stats.ts';

/** What one runtime did with one network in one process: times, or why there are none. */
export interface Outcome {
  /** Milliseconds of one inference. */
  times?: Summary;
  /** How many times ours the least time is. */
  ratio?: number;
  /** Relative error of its output against ours. */
  error?: number;
  /** Bytes of its model file. */
  bytes?: number;
  /** Milliseconds from its model to its first output. */
  openMs?: number;
  notes?: string[];
  /** It cannot run this network. */
  unsupported?: string;
  /** It should have run, and did not, or its output does not agree. */
  failed?: string;
}

export type Outcomes = Partial<Record<RuntimeName, Outcome>>;

/** One network at one sparsity, measured in as many processes as there are runs. */
export interface Row {
  id: string;
  network: NetName;
  sparsity: number;
  pattern: Pattern;
  runs: { date: string; outcomes: Outcomes }[];
}

/** Where the JavaScript ran. */
export interface Host {
  name: 'node' | 'chromium' | 'workerd';
  version: string;
}

/** What every file of `bench/results` begins with. */
export interface Facts {
  date: string;
  commit: Commit | null;
  machine: Machine;
  host: Host;
  /** The core that the measuring processes were pinned to, or null. */
  core: number | null;
  versions: Record<string, string>;
  /** Seconds that it all took. */
  seconds: number;
}

export interface NetworkResults extends Facts {
  kind: 'networks';
  /** The command line. */
  options: { seconds: number; repeat: number };
  rows: Row[];
}

/** `20261124T072249`, for file names. */
export const stamp = (date: string): string => date.replace(/[-:]|\.\d+Z$/g, '');

/** Path below `bench/results` for what was measured on `host` at `date`. */
export const resultsFile = (kind: string, host: Host, date: string): string =>
  join(RESULTS, `${kind}-${host.name}-${host.version.split('.')[0]}-${stamp(date)}.json`);

/** Writes `facts` to `file` in one piece. */
export function writeResults(file: string, facts: Facts): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.part`, `${JSON.stringify(facts, null, 1)}\n`);
  renameSync(`${file}.part`, file);
}

/**
 * All results of one kind in `folder`, the newest first.
 * @throws ZeroskipError `FILE_ERROR` naming a file that is no JSON
 */
export function readResults<T extends Facts & { kind: string }>(kind: T['kind'], folder: string = RESULTS): T[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${kind}-`) && name.endsWith('.json'))
    .map((name): T => parseJson(join(folder, name)))
    .filter((facts) => facts.kind === kind)
    .sort((a, b) => b.date.localeCompare(a.date));
}

function parseJson<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ZeroskipError('FILE_ERROR', `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
