import type { WeightFormat } from '../ops/lower.ts';
import type { Schedule } from './types.ts';

/**
 * One weight format for each node that several plans share, so that they share the stored values: the format with the least sum over
 * the plans of its modelled time relative to the plan's best.
 */
export function agreeOnFormats(schedules: readonly Schedule[]): Map<string, WeightFormat> {
  const nodes = new Map<string, Map<WeightFormat, number>[]>();
  for (const { steps } of schedules) {
    for (const step of steps) {
      const format = step.candidate?.format;
      if (!format) continue;
      const costs = new Map<WeightFormat, number>([[format, step.cost]]);
      for (const other of step.alternatives) {
        if (other.format && !other.reject) {
          costs.set(other.format, Math.min(other.cost, costs.get(other.format) ?? Number.POSITIVE_INFINITY));
        }
      }
      nodes.set(step.name, [...(nodes.get(step.name) ?? []), costs]);
    }
  }
  return new Map([...nodes].map(([name, plans]) => [name, best(plans)]));
}

function best(plans: Map<WeightFormat, number>[]): WeightFormat {
  const shared = [...plans[0].keys()].filter((format) => plans.every((costs) => costs.has(format)));
  const loss = (format: WeightFormat) =>
    plans.reduce((sum, costs) => sum + costs.get(format)! / Math.min(...costs.values()), 0);
  return shared.reduce((a, b) => (loss(b) < loss(a) ? b : a));
}
