import * as COSTS from '../../src/ops/common/costs.ts';
import { groupBy } from '../lib/group.ts';
import type { MeasuredPoint } from './measure.ts';
import { errorsOf, predict, solve } from './solve.ts';

type Constants = Readonly<Record<string, number>>;

/** The constants of one group, those in the source beside those that fit the measurements best. */
export interface GroupFit {
  group: string;
  points: number;
  /** Measurements that the fit leaves out as disturbed; they count in the errors. */
  disturbed: number;
  source: Constants;
  fitted: Constants;
  /** Relative errors with either. */
  errors: { source: ErrorPair; fitted: ErrorPair };
  /** The point that fits worst. */
  worst: { id: string; ratio: number };
}

interface ErrorPair {
  mean: number;
  worst: number;
}

/** Constants of the source: those of `SPMM.csr` stand in `SPMM` under `csr`. */
export function constantsOf(group: string): Constants {
  const [family, format] = group.split('.');
  return (COSTS as unknown as Record<string, Record<string, Constants>>)[family][format];
}

/** Fits every group that has been measured. */
export function fitGroups(points: readonly MeasuredPoint[]): GroupFit[] {
  return [...groupBy(points, ({ group }) => group)].map(([group, members]) => {
    const source = constantsOf(group);
    const { constants: fitted, disturbed } = robust(members, source);
    const ratios = members.map((point) => ({ id: point.id, ratio: predict(fitted, point) / point.ns }));
    const off = ({ ratio }: { ratio: number }): number => Math.abs(ratio - 1);
    return {
      group,
      points: members.length,
      disturbed,
      source,
      fitted,
      errors: { source: errorsOf(source, members), fitted: errorsOf(fitted, members) },
      worst: ratios.reduce((a, b) => (off(b) > off(a) ? b : a)),
    };
  });
}

/** A kernel that takes this many times as long as the fit expects was disturbed; nothing makes it faster than it is. */
const DISTURBED = 1.3;
const ROUNDS = 4;

/** Fits, leaves out what was disturbed, and fits again. */
function robust(points: readonly MeasuredPoint[], source: Constants): { constants: Constants; disturbed: number } {
  let kept = points;
  let constants = source;
  for (let round = 0; round < ROUNDS; round++) {
    constants = rounded(solve(kept, source));
    kept = points.filter((point) => point.ns <= DISTURBED * predict(constants, point));
  }
  return { constants, disturbed: points.length - kept.length };
}

/** Three digits: measurements know no more. */
const rounded = (constants: Constants): Constants =>
  Object.fromEntries(Object.entries(constants).map(([name, value]) => [name, Number(value.toPrecision(3))]));
