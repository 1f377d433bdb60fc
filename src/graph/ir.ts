import type { Dim, DType, Tensor } from '../tensor.ts';

/** Attribute of a node. ONNX int64 attributes arrive as numbers. */
export type Attr = number | string | readonly number[] | readonly string[] | Tensor;

/** Clamp fused at a kernel's store: `y = min(max(x, lo), hi)`; Relu is `[0, +inf]`. NaN passes through. */
export interface Clamp {
  lo: number;
  hi: number;
}

/** One operation. Inputs and outputs are value names; an absent optional operand is `''`. */
export interface Node {
  name: string;
  op: string;
  inputs: string[];
  outputs: string[];
  attrs: Record<string, Attr>;
  /** Activation that the fusion pass moved into this node. */
  clamp?: Clamp;
}

/** A named tensor of a graph: a constant when `constant` is set, otherwise computed or fed. */
export interface Value {
  name: string;
  type: DType;
  /** Undefined until shape inference has run. */
  dims?: readonly Dim[];
  constant?: Tensor;
}

/**
 * A network as plain data. Nodes are in topological order; every name in `inputs`, `outputs` and in a node is a key of `values`.
 * Only `graph/edit` changes a graph.
 */
export interface Graph {
  name: string;
  nodes: Node[];
  values: Map<string, Value>;
  inputs: string[];
  outputs: string[];
  /** Free text that travels into the package (producer, doc string, metadata_props). */
  metadata: Record<string, string>;
}

/** Whether `x` has the parts of a graph. */
export const isGraph = (x: unknown): x is Graph => {
  const { nodes, values, inputs, outputs } = Object(x) as Partial<Graph>;
  return values instanceof Map && [nodes, inputs, outputs].every(Array.isArray);
};

export const emptyGraph = (name: string): Graph => ({
  name,
  nodes: [],
  values: new Map(),
  inputs: [],
  outputs: [],
  metadata: Object.create(null) as Record<string, string>,
});
