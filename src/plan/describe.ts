import { isPhased } from '../graph/layout.ts';
import { viewOf, type ZeroStats } from '../ops/lower.ts';
import type { StepInfo } from '../package/format.ts';
import { sizeOf, type Tensor } from '../tensor.ts';
import type { ArenaPlan } from './buffers.ts';
import type { Plan } from './plan.ts';
import type { Schedule, Slot, Step } from './types.ts';

/**
 * One entry a step, for the manifest, `inspect` and `profile`.
 * @param zeros what is known of the zeros of values, if calibration has counted them
 */
export function describeSteps(
  { graph, schedule, counters, arena }: Plan,
  zeros?: ReadonlyMap<string, ZeroStats>,
): StepInfo[] {
  const sources = sourcesOf(schedule);
  const steps = schedule.steps.map((step): StepInfo => {
    const [operand] = step.inputs;
    const name = step.node?.inputs[0] ?? '';
    // A kernel that has packed a constant into its record has no operand for it.
    const constant = operand ? operand.slot.constant : graph.values.get(name)?.constant;
    return {
      ...describe(step),
      view: viewIn(step.outputs[0]?.slot, arena),
      source: constant ? constantSource(constant) : operand && sources.get(operand.slot),
      zeros: measured(zeros?.get(name)),
    };
  });
  for (const { step, unit, operand, element, total, limit } of counters)
    steps[step].dynamic = { unit, total, limit, at: arena.slotOffsets.get(operand.slot)! + element * 4 };
  return steps;
}

function viewIn(slot: Slot | undefined, arena: ArenaPlan): StepInfo['view'] {
  if (slot?.type !== 'float32' || isPhased(slot.layout)) return undefined;
  const { offset, strides } = viewOf(slot.layout, slot.dims);
  return { at: arena.slotOffsets.get(slot.id)! + offset * 4, strides };
}

/** Where the elements of each slot come from; a conversion hands on those of its operand. */
function sourcesOf({ steps, inputs }: Schedule): Map<Slot, StepInfo['source']> {
  const sources = new Map<Slot, StepInfo['source']>();
  [...inputs.values()].forEach(({ slot }, input) => {
    sources.set(slot, { size: sizeOf(slot.dims), input });
  });
  steps.forEach(({ node, inputs: [operand], outputs }, step) => {
    const slot = outputs[0]?.slot;
    // Control steps make nothing; a block goes into a value that another step has made.
    if (!slot || sources.has(slot)) return;
    const constant = operand?.slot.constant;
    const own = { size: sizeOf(slot.dims), step };
    const copied = constant ? constantSource(constant) : operand && sources.get(operand.slot);
    sources.set(slot, node ? own : copied);
  });
  return sources;
}

function constantSource({ data, size }: Tensor): StepInfo['source'] {
  let zeros = 0;
  for (let i = 0; i < size; i++) if (Number(data[i]) === 0) zeros++;
  return { size, zeros };
}

const SHARE_DIGITS = 1e4;

/** Shares to four digits behind the point. */
function measured(stats: ZeroStats | undefined): StepInfo['zeros'] {
  if (!stats?.measured) return undefined;
  const round = (share: number): number => Math.round(share * SHARE_DIGITS) / SHARE_DIGITS;
  return { elements: round(stats.elements), tiles: round(stats.tiles) };
}

function describe(step: Step): StepInfo {
  const { candidate } = step;
  const info: StepInfo = {
    node: step.name,
    op: step.op,
    kernel: step.kernel,
    dims: [...(step.outputs[0]?.dims ?? [])],
  };
  if (step.repeated) return info;
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
