import type { Node } from '../graph/ir.ts';
import { columnsLayout, DENSE, isDensePlanes, type Layout } from '../graph/layout.ts';
import { convertCost } from '../ops/common/convert.ts';
import type { Candidate, Demand, PlanesDemand } from '../ops/lower.ts';
import { phased } from './flat.ts';
import { planesLayout } from './geometry.ts';
import type { Ref } from './types.ts';

/** Modelled time of a conversion. Planes without a halo are a view of dense elements, as long as nothing asks for a wider pitch. */
export function layoutCost(dims: readonly number[], from: Layout, to: Layout): number {
  if (from === to || (from.kind === 'dense' && to.kind === 'planes' && isDensePlanes(to, dims))) return 0;
  return from.kind === 'dense' && to.kind === 'dense' ? 0 : convertCost(dims, from, to);
}

/** Layout in which `reader` wants `name`; the one it is made in if that will do. */
export function wanted(
  candidate: Candidate,
  reader: Node,
  name: string,
  dims: readonly number[],
  made: Layout,
): Layout {
  const demand = candidate.inputs[reader.inputs.indexOf(name)];
  if (!demand || demand.kind === 'none' || demand.kind === 'any' || demand.kind === made.kind) {
    if (demand?.kind !== 'planes' || !phased(demand)) return made;
  }
  return target(demand, dims);
}

/** Two demands that one phased copy can serve. */
const sameWindow = (a: PlanesDemand, b: PlanesDemand): boolean =>
  (['top', 'left', 'bottom', 'right', 'stepY', 'stepX', 'phasesY', 'phasesX'] as const).every(
    (key) => a[key] === b[key],
  );

/** Whether a value as it stands will do for `demand`. */
export function satisfies(ref: Ref, demand: Demand): boolean {
  const { layout, demands } = ref.slot;
  const isPhased = demands.length > 0 && phased(demands[0]);
  switch (demand.kind) {
    case 'none':
      return true;
    case 'any':
      return layout.kind !== 'planes' || !isPhased;
    case 'planes':
      if (layout.kind !== 'planes') return false;
      return phased(demand) ? isPhased && sameWindow(demands[0], demand) : !isPhased;
    default:
      return layout.kind === demand.kind;
  }
}

/** Layout that a conversion makes for `demand`; planes get their final geometry later. */
export function target(demand: Demand, dims: readonly number[]): Layout {
  switch (demand.kind) {
    case 'planes':
      return planesLayout(dims, [demand], 0, true);
    case 'columns':
      return columnsLayout(dims);
    default:
      return DENSE;
  }
}
