import type { Graph } from '../graph/ir.ts';
import type { Criterion, Masks, Pattern } from './types.ts';

/** How far one unit is pruned: a layer, or a group of channels. */
export interface LayerChoice {
  pattern: Pattern;
  sparsity: number;
  /** Exactly so many units of the pattern stay, whatever the sparsity. */
  kept?: number;
}

/** Choices by the name of a layer or group; what has none stays dense. */
export type Choices = ReadonlyMap<string, LayerChoice>;

/** A network that is pruned, with masks of its layers as they were before. */
export interface Applied {
  graph: Graph;
  masks: Masks;
}

/** Changes weights that stay, in a graph of unchanged shapes in which the masks are zeros. */
export type Repair = (masked: Graph, masks: Masks) => Promise<Graph>;

/** What a budget is spread over: the layers of a network, or its groups of channels. */
export interface Subject {
  readonly graph: Graph;
  readonly criterion: Criterion;
  readonly units: readonly { readonly name: string }[];
  apply(choices: Choices): Applied;
  /** {@link apply} with a repair before anything is removed. */
  repaired(choices: Choices, repair: Repair): Promise<Applied>;
  /** Number of units of a pattern in one of `units` and weights of each, where every unit of it is a set of weights of one layer. */
  sizesOf?(name: string, pattern: Pattern): { count: number; weights: number };
}
