import type { Row } from '../lib/results.ts';
import { summarize } from '../lib/stats.ts';
import type { RuntimeName } from '../peers/runtime.ts';

/** What several runs say about one runtime on one network. */
export interface Figure {
  runtime: RuntimeName;
  /** Runs that gave times. */
  runs: number;
  /** Milliseconds: the least of all runs, and medians over the runs of their quantiles. */
  min: number;
  p10: number;
  median: number;
  p90: number;
  /** How many times ours its least time is: median over the runs, and the least and largest of them. */
  ratio: number;
  ratios: [least: number, largest: number];
  /** Largest relative error against ours. */
  error: number;
  bytes: number;
  openMs: number;
  notes: string[];
}

/** Why a runtime has no figure. */
export interface Gap {
  runtime: RuntimeName;
  failed: boolean;
  reason: string;
}

const middle = (values: readonly number[]): number => summarize(values).median;

/** The runtimes of a row, in the order in which they were measured. A runtime that failed in one run has failed. */
export function summarise({ runs }: Row): (Figure | Gap)[] {
  const names = [...new Set(runs.flatMap(({ outcomes }) => Object.keys(outcomes) as RuntimeName[]))];
  return names.map((runtime): Figure | Gap => {
    const outcomes = runs.flatMap((run) => run.outcomes[runtime] ?? []);
    const failed = outcomes.find((outcome) => outcome.failed)?.failed;
    const reason = failed ?? outcomes.find((outcome) => outcome.unsupported)?.unsupported;
    const timed = outcomes.flatMap((outcome) => (outcome.times ? { ...outcome, times: outcome.times } : []));
    if (reason !== undefined || timed.length === 0) {
      return { runtime, failed: failed !== undefined, reason: reason ?? 'it was not measured' };
    }
    const ratios = timed.map(({ ratio = Number.NaN }) => ratio);
    return {
      runtime,
      runs: timed.length,
      min: Math.min(...timed.map(({ times }) => times.min)),
      p10: middle(timed.map(({ times }) => times.p10)),
      median: middle(timed.map(({ times }) => times.median)),
      p90: middle(timed.map(({ times }) => times.p90)),
      ratio: middle(ratios),
      ratios: [Math.min(...ratios), Math.max(...ratios)],
      error: Math.max(...timed.map(({ error = 0 }) => error)),
      bytes: timed[0].bytes ?? 0,
      openMs: Math.min(...timed.map(({ openMs = Number.NaN }) => openMs)),
      notes: differing(timed.flatMap(({ notes = [] }) => notes)),
    };
  });
}

/** The first of those notes that differ in their numbers only. */
function differing(notes: readonly string[]): string[] {
  const found = new Map<string, string>();
  for (const note of notes) {
    const words = note.replace(/\d+(\.\d+)?/g, '#');
    if (!found.has(words)) found.set(words, note);
  }
  return [...found.values()];
}

export const isFigure = (entry: Figure | Gap): entry is Figure => 'min' in entry;
