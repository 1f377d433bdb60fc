import { ensure, ZeroskipError } from '../errors.ts';
import type { Op } from '../ops/op.ts';
import { type Dim, sameDims, showDims } from '../tensor.ts';
import { callOf } from './call.ts';
import type { Graph, Node, Value } from './ir.ts';
import { joinClauses } from './unsupported.ts';

export type Ops = ReadonlyMap<string, Op>;

interface VerifyOptions {
  /** Where the graph comes from, for the message: the name of a pass. */
  pass?: string;
  /** Whether to run shape inference again and to compare (from the pass on that has inferred them). */
  types?: boolean;
  code?: 'INTERNAL' | 'INVALID_MODEL';
}

/**
 * Checks the invariants of a graph: each name refers to a value, a value has one source (a graph input, a constant or one node),
 * nodes stand in topological order, every graph output has a source, a constant has its value's type and dims, ops are known, and
 * `op.infer` agrees with what is recorded.
 *
 * @throws ZeroskipError `INTERNAL` (or `code`) naming the pass and the node.
 */
export function verify(graph: Graph, ops: Ops, options: VerifyOptions = {}): void {
  const { pass = 'graph', types = false, code = 'INTERNAL' } = options;
  const broken = (where: string, message: string): never => {
    throw new ZeroskipError(code, `after '${pass}': ${where}: ${message}`);
  };
  const ready = new Set<string>();

  for (const [name, value] of graph.values) {
    if (value.name !== name) broken(`value '${name}'`, `calls itself '${value.name}'`);
    if (value.constant) {
      const fault = constantFault(value);
      if (fault) broken(`constant '${name}'`, fault);
      ready.add(name);
    }
  }
  for (const name of graph.inputs) {
    if (!graph.values.has(name)) broken(`graph input '${name}'`, 'there is no such value');
    if (ready.has(name)) broken(`graph input '${name}'`, 'has a second source');
    ready.add(name);
  }
  for (const node of graph.nodes) {
    const where = `${node.op} '${node.name}'`;
    if (!ops.has(node.op)) broken(where, 'there is no such op');
    for (const name of node.inputs) {
      if (name === '') continue;
      if (!graph.values.has(name)) broken(where, `reads '${name}', which does not exist`);
      if (!ready.has(name)) broken(where, `reads '${name}' before it has a source`);
    }
    for (const name of node.outputs) {
      if (name === '') continue;
      if (!graph.values.has(name)) broken(where, `writes '${name}', which does not exist`);
      if (ready.has(name)) broken(where, `writes '${name}', which has another source`);
      ready.add(name);
    }
    if (types) {
      const fault = typeFault(graph, ops, node);
      if (fault) broken(where, fault);
    }
  }
  for (const name of graph.outputs) {
    if (!ready.has(name)) broken(`graph output '${name}'`, 'has no source');
  }
}

/**
 * @throws ZeroskipError `UNSUPPORTED_OP` listing every node whose op is not in `ops`.
 */
export function expectKnownOps(graph: Graph, ops: Ops): void {
  const unknown = graph.nodes.filter((node) => !ops.has(node.op)).map((node) => `${node.op} '${node.name}'`);
  ensure(
    unknown.length === 0,
    'UNSUPPORTED_OP',
    () => `these nodes have no implementation: ${joinClauses(unknown, ', ')}`,
  );
}

function constantFault(value: Value): string | undefined {
  const { type, dims } = value.constant!;
  if (type !== value.type) return `is declared ${value.type} and holds ${type}`;
  if (!value.dims || !sameDims(dims, value.dims)) return `is declared ${show(value.dims)} and holds ${showDims(dims)}`;
  return undefined;
}

function typeFault(graph: Graph, ops: Ops, node: Node): string | undefined {
  const call = callOf(graph, node);
  if (!call) return 'has an operand of unknown shape';
  let types: ReturnType<Op['infer']>;
  try {
    types = ops.get(node.op)!.infer(call);
  } catch (error) {
    return `cannot be inferred any more: ${error instanceof Error ? error.message : String(error)}`;
  }
  for (const [i, name] of node.outputs.entries()) {
    if (name === '') continue;
    const value = graph.values.get(name)!;
    const type = types[i];
    if (!type) return `has no output ${i}`;
    if (type.type !== value.type || !value.dims || !sameDims(type.dims, value.dims)) {
      return `gives ${type.type} ${showDims(type.dims)}, '${name}' is recorded as ${value.type} ${show(value.dims)}`;
    }
  }
  return undefined;
}

const show = (dims: readonly Dim[] | undefined): string => (dims ? showDims(dims) : 'of unknown shape');
