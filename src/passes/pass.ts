import type { Graph } from '../graph/ir.ts';
import type { Ops } from '../graph/verify.ts';
import type { Tensor } from '../tensor.ts';
import type { MaskOptions } from './mask_options.ts';

/** What a pass may use besides the graph. */
export interface PassContext {
  ops: Ops;
  /** Dims of graph inputs, by name. */
  shapes: Readonly<Record<string, readonly number[]>>;
  /** Graph inputs that become constants, by name. */
  values: Readonly<Record<string, Tensor>>;
  /** Regions that masks restrict to blocks. */
  masks?: readonly MaskOptions[];
}

/** One step of the compiler's front half: changes the graph through `graph/edit` and returns notes for the report. */
export interface Pass {
  name: string;
  run(graph: Graph, context: PassContext): string[];
}
