import type { Graph, Node } from '../graph/ir.ts';
import type { Layout } from '../graph/layout.ts';
import type { Candidate, PlanesDemand, WeightFormat, ZeroStats } from '../ops/lower.ts';
import type { DType, Tensor } from '../tensor.ts';
import type { ScheduledExit } from './exits.ts';

/** A piece of memory that holds one value in one layout. */
export interface Slot {
  id: number;
  name: string;
  type: DType;
  dims: readonly number[];
  /** Decided by the geometry pass for planes; until then provisional. */
  layout: Layout;
  /** Halo wishes of the kernels that read a planes slot. */
  demands: PlanesDemand[];
  /** The elements stand in the package's constants, not in the arena. */
  constant?: Tensor;
  /** Written only by a layout conversion, whose stores need no room for whole tiles. */
  converted: boolean;
}

/** A value as a node sees it: a slot under the dims of the value (reshapes share slots). */
export interface Ref {
  slot: Slot;
  dims: readonly number[];
}

/** A candidate that was not taken, for `inspect`. */
export interface Alternative {
  kernel: string;
  format?: WeightFormat;
  /** Modelled or measured time in ns, conversions of the operands included. */
  cost: number;
  /** What the readers of the output would take behind it, conversions included; only differences between candidates count. */
  readers: number;
  reject?: string;
}

/** One kernel call of the schedule: a node with its chosen candidate, or a layout conversion. */
export interface Step {
  node: Node | undefined;
  /** Node, or the value that a conversion copies. */
  name: string;
  op: string;
  kernel: string;
  inputs: (Ref | undefined)[];
  outputs: Ref[];
  candidate: Candidate | undefined;
  alternatives: Alternative[];
  cost: number;
  readers: number;
  /** Runs in a loop over blocks; the weights are those of the step that does the whole. */
  repeated?: boolean;
  /** Zeros expected in the operands of the node, by value. */
  zeros?: ReadonlyMap<string, ZeroStats>;
  /** The last record of the step is a control record that governs the `steps` steps behind it; `field` takes the number of their records. */
  control?: { field: number; steps: number; loop: boolean };
}

/** The chosen steps of one plan, before geometry and memory. */
export interface Schedule {
  /** What was planned: the graph, and for masked regions the nodes that compute one block. */
  graph: Graph;
  slots: Slot[];
  steps: Step[];
  inputs: Map<string, Ref>;
  outputs: Map<string, Ref>;
  /** In the order in which a run comes by. */
  exits: ScheduledExit[];
}
