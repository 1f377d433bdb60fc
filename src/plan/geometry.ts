import { isDensePlanes, type PlanesLayout, roundUp } from '../graph/layout.ts';
import { flatSpan, type PlanesDemand } from '../ops/lower.ts';
import type { Schedule, Slot, Step } from './types.ts';

/**
 * Planes for `[N, C, H, W]` that satisfy all `demands` (either one with steps, or any number without).
 * @param minPitch elements between rows at least; the planes of flat kernels agree on one
 * @param converted whether only a layout conversion writes the planes: no room for whole tiles is needed then
 */
export function planesLayout(
  dims: readonly number[],
  demands: readonly PlanesDemand[],
  minPitch: number,
  converted: boolean,
): PlanesLayout {
  const [, c, h, w] = dims;
  const most = (key: 'top' | 'left' | 'bottom' | 'right') => demands.reduce((max, d) => Math.max(max, d[key]), 0);
  const [top, left, bottom, right] = [most('top'), most('left'), most('bottom'), most('right')];
  const { stepY, stepX, phasesY, phasesX } = demands[0] ?? { stepY: 1, stepX: 1, phasesY: 1, phasesX: 1 };
  const pitch = Math.max(minPitch, pitchOf(w, demands));
  const halo = top + left + bottom + right > 0;
  const base = { kind: 'planes', top, left, pitch, stepY, stepX, phasesY, phasesX, halo } as const;
  if (stepY > 1 || stepX > 1) {
    const phase = roundUp(Math.ceil((top + h + bottom) / stepY) * pitch, 4);
    const stride = phase * phasesY * phasesX;
    return { ...base, phase, stride, image: stride * roundUp(c, 4) };
  }
  if (converted && !halo && pitch === w) return { ...base, phase: h * w, stride: h * w, image: c * h * w };
  const read = (top + h + bottom - 1) * pitch + left + w + right;
  const written = top * pitch + left + roundUp(flatSpan({ ...base, phase: 0, stride: 0, image: 0 }, h, w), 4);
  const stride = roundUp(Math.max(read, written), 4);
  return { ...base, phase: stride, stride, image: stride * roundUp(c, 4) };
}

/** Least pitch: the gap behind a row is also the left halo of the next. */
export function pitchOf(w: number, demands: readonly PlanesDemand[]): number {
  return (
    demands.reduce((pitch, d) => {
      const needed =
        d.stepX > 1 || d.stepY > 1 ? Math.ceil((d.left + w + d.right) / d.stepX) : w + Math.max(d.left, d.right);
      return Math.max(pitch, needed);
    }, 0) || w
  );
}

/** Gives every planes slot its layout: slots that meet in a flat kernel share one pitch, each gets the halo its readers want. */
export function assignGeometry(schedule: Schedule): void {
  const classes = new PitchClasses();
  for (const step of schedule.steps) joinFlat(step, classes);
  const planes = schedule.slots.filter((s) => s.layout.kind === 'planes');
  const pitches = new Map<Slot, number>();
  for (const slot of planes) {
    const root = classes.find(slot);
    pitches.set(root, Math.max(pitches.get(root) ?? 0, pitchOf(slot.dims[3], slot.demands)));
  }
  for (const slot of planes) {
    slot.layout = planesLayout(slot.dims, slot.demands, pitches.get(classes.find(slot))!, slot.converted);
  }
}

function joinFlat(step: Step, classes: PitchClasses): void {
  const { candidate } = step;
  if (candidate?.output !== 'planes') return;
  step.inputs.forEach((ref, i) => {
    const demand = candidate.inputs[i];
    if (ref && demand?.kind === 'planes' && demand.flat) classes.join(ref.slot, step.outputs[0].slot);
  });
}

/** Union-find over slots. */
class PitchClasses {
  private readonly parents = new Map<Slot, Slot>();

  find(slot: Slot): Slot {
    let root = slot;
    for (let next = this.parents.get(root); next; next = this.parents.get(root)) root = next;
    return root;
  }

  join(a: Slot, b: Slot): void {
    const [from, to] = [this.find(a), this.find(b)];
    if (from !== to) this.parents.set(from, to);
  }
}

/** True if a conversion between two slots copies nothing, so that they can share memory. */
export function shareMemory(from: Slot, to: Slot): boolean {
  const dense = (slot: Slot) =>
    slot.layout.kind === 'dense' || (slot.layout.kind === 'planes' && isDensePlanes(slot.layout, slot.dims));
  return dense(from) && dense(to);
}
