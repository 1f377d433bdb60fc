import type { StepInfo } from '../package/format.ts';
import type { Plan } from './plan.ts';
import type { Step } from './types.ts';

/** One entry a step, for the manifest, `inspect` and `profile`. */
export function describeSteps({ schedule, counters, arena }: Plan): StepInfo[] {
  const steps = schedule.steps.map(describe);
  for (const { step, unit, operand, element, total, limit } of counters)
    steps[step].dynamic = { unit, total, limit, at: arena.slotOffsets.get(operand.slot)! + element * 4 };
  return steps;
}

function describe(step: Step): StepInfo {
  const { candidate } = step;
  const info: StepInfo = {
    node: step.name,
    op: step.op,
    kernel: step.kernel,
    dims: [...(step.outputs[0]?.dims ?? [])],
  };
  if (candidate?.macs) info.macs = candidate.macs;
  if (!candidate?.format || !candidate.weights) return info;
  const { structure, sparsity, bytes } = candidate.weights;
  return { ...info, format: candidate.format, structure, sparsity, bytes, note: candidate.note ?? whyDense(step) };
}

/** The reason why a layer stayed dense: what kept each sparse format out, or how much slower it is modelled. */
function whyDense(step: Step): string | undefined {
  if (step.candidate?.format !== 'dense') return undefined;
  const sparse = step.alternatives.filter((a) => a.format && a.format !== 'dense');
  const allowed = sparse.filter((a) => !a.reject);
  if (allowed.length === 0) return [...new Set(sparse.map((a) => a.reject))].join('; ') || 'a dense kernel only';
  const best = allowed.reduce((a, b) => (b.cost < a.cost ? b : a));
  return `${best.format} is modelled to take ${(best.cost / step.cost).toFixed(2)}x the time`;
}
