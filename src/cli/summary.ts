import type { Inspection, LayerInspection, PlanInspection } from '../inspect.ts';
import { type Dim, showDims } from '../tensor.ts';
import { count, percent } from './format.ts';

/** `input 1x1x28x28, mask 1x10` */
export const showPorts = (ports: Readonly<Record<string, readonly Dim[]>>): string =>
  Object.entries(ports)
    .map(([name, dims]) => `${name} ${showDims(dims)}`)
    .join(', ') || 'none';

/** Layers that do work: those that have weights, and all others that take records. */
export const realLayers = (plan: PlanInspection): LayerInspection[] =>
  plan.layers.filter(({ records }) => records.narrow + records.wide > 0);

/** Number of weight layers by format, most frequent first. */
function layersByFormat(plan: PlanInspection): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { format } of plan.layers) if (format) counts[format] = (counts[format] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort((a, b) => b[1] - a[1]));
}

/** Multiplications of all layers. */
export function totalMacs(plan: PlanInspection): { kept: number; dense: number } {
  const sum = { kept: 0, dense: 0 };
  for (const { macs } of plan.layers) {
    sum.kept += macs?.kept ?? 0;
    sum.dense += macs?.dense ?? 0;
  }
  return sum;
}

/** `10.6K of 266K (4.0 %)` */
export const showMacs = ({ kept, dense }: { kept: number; dense: number }): string =>
  `${count(kept)} of ${count(dense)}${dense > 0 ? ` (${percent(kept / dense)})` : ''}`;

/** `3: 2 bsr2x1, 1 dense` */
export function showFormats(plan: PlanInspection): string {
  const formats = Object.entries(layersByFormat(plan));
  const total = formats.reduce((sum, [, n]) => sum + n, 0);
  return total === 0 ? 'none' : `${total}: ${formats.map(([format, n]) => `${n} ${format}`).join(', ')}`;
}

/** Facts about a plan in short. */
export const summarizePlan = (plan: PlanInspection) => ({
  inputs: plan.inputs,
  outputs: plan.outputs,
  arena: plan.arena,
  formats: layersByFormat(plan),
  macs: totalMacs(plan),
});

/** `input float32 batchx1x28x28` for each */
export const showTypes = (ports: Inspection['inputs']): string =>
  ports.map(({ name, type, dims }) => `${name} ${type} ${showDims(dims)}`).join(', ') || 'none';
