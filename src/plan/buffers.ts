import { layoutSize, sameLayout } from '../graph/layout.ts';
import { bytesOf } from '../tensor.ts';
import { shareMemory } from './geometry.ts';
import { type Lifetime, type MemoryPlan, planMemory } from './memory.ts';
import type { Schedule, Slot, Step } from './types.ts';

/** Slots that live in one piece of the arena, one after another or as views of the same elements. */
interface Buffer {
  bytes: number;
  first: number;
  last: number;
}

/** Bytes of a slot, padding included. */
export const slotBytes = (slot: Slot): number => layoutSize(slot.layout, slot.dims) * bytesOf(slot.type);

/** Scratch memory that kernels asked for while a step was emitted. */
export interface Scratch {
  slot: Slot;
  step: number;
}

export interface ArenaPlan extends MemoryPlan {
  /** Byte offset of every slot, by its id. */
  slotOffsets: Map<number, number>;
  /** Scratch memory, the steps it belongs to. */
  scratch: readonly Scratch[];
}

/**
 * Places all slots in the arena. A value lives from the step that makes it to the last that reads it; graph inputs from the start,
 * graph outputs to the end. Conversions that copy nothing share memory, and so do in-place outputs.
 */
export function planArena(schedule: Schedule, scratch: readonly Scratch[]): ArenaPlan {
  const { steps } = schedule;
  const buffers = new Map<Slot, Buffer>();
  const uses = lastUses(schedule);
  for (const ref of schedule.inputs.values()) buffers.set(ref.slot, newBuffer(ref.slot, -1));
  steps.forEach((step, index) => {
    step.outputs.forEach((ref, i) => {
      // Changed where it stands.
      if (buffers.has(ref.slot)) return;
      const shared = i === 0 ? sharedBuffer(step, index, buffers, uses) : undefined;
      buffers.set(ref.slot, shared ?? newBuffer(ref.slot, index));
    });
    for (const ref of [...step.inputs, ...step.outputs]) extend(ref?.slot, index);
  });
  for (const ref of schedule.outputs.values()) extend(ref.slot, steps.length);
  for (const { confidence } of schedule.exits) extend(confidence.slot, steps.length);
  steps.forEach(({ control }, index) => {
    if (!control?.loop) return;
    // The next round reads again what this one has read.
    const end = index + control.steps;
    for (const buffer of buffers.values()) {
      if (buffer.first <= index && buffer.last > index) buffer.last = Math.max(buffer.last, end);
    }
  });

  function extend(slot: Slot | undefined, index: number): void {
    const buffer = slot && buffers.get(slot);
    if (!buffer) return;
    buffer.last = Math.max(buffer.last, index);
    buffer.bytes = Math.max(buffer.bytes, slotBytes(slot));
  }

  const unique = [...new Set(buffers.values())];
  const lifetimes: Lifetime[] = [
    ...unique,
    ...scratch.map(({ slot, step }) => ({ bytes: slotBytes(slot), first: step, last: step })),
  ];
  const plan = planMemory(lifetimes);
  const slotOffsets = new Map<number, number>();
  for (const [slot, buffer] of buffers) slotOffsets.set(slot.id, plan.offsets[unique.indexOf(buffer)]);
  scratch.forEach(({ slot }, i) => {
    slotOffsets.set(slot.id, plan.offsets[unique.length + i]);
  });
  return { ...plan, slotOffsets, scratch };
}

const newBuffer = (slot: Slot, first: number): Buffer => ({ bytes: slotBytes(slot), first, last: first });

/** Last step that reads each slot; graph outputs are read behind the last step. */
function lastUses({ steps, outputs }: Schedule): Map<Slot, number> {
  const uses = new Map<Slot, number>();
  steps.forEach((step, index) => {
    for (const ref of step.inputs) if (ref) uses.set(ref.slot, index);
  });
  for (const ref of outputs.values()) uses.set(ref.slot, steps.length);
  return uses;
}

/** The buffer that the first output of a step takes over, if it can. An operand that the step reads a second time may not be overwritten. */
function sharedBuffer(
  step: Step,
  index: number,
  buffers: Map<Slot, Buffer>,
  uses: Map<Slot, number>,
): Buffer | undefined {
  const out = step.outputs[0].slot;
  if (isElided(step)) return buffers.get(step.inputs[0]!.slot);
  for (const i of step.candidate?.inplace ?? []) {
    const input = step.inputs[i]?.slot;
    const buffer = input && buffers.get(input);
    if (!buffer || !sameLayout(input.layout, out.layout) || input.type !== out.type) continue;
    if (step.inputs.some((ref, j) => j !== i && ref && buffers.get(ref.slot) === buffer)) continue;
    const dies = [...buffers].every(([slot, b]) => b !== buffer || (uses.get(slot) ?? -1) <= index);
    if (dies) return buffer;
  }
  return undefined;
}

/** True if a step is a conversion that copies nothing. */
export function isElided(step: Step): boolean {
  const input = step.inputs[0]?.slot;
  return (
    step.candidate === undefined && input !== undefined && !input.constant && shareMemory(input, step.outputs[0].slot)
  );
}
