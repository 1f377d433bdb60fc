import { ensure, ZeroskipError } from '../errors.ts';
import { type Call, callOf, type ValueType } from '../graph/call.ts';
import { Editor } from '../graph/edit.ts';
import { evaluateNode } from '../graph/evaluate.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { orderNodes } from '../graph/regions.ts';
import { UnsupportedNodes } from '../graph/unsupported.ts';
import type { Op } from '../ops/op.ts';
import { bytesOf, sameDims, showDims, sizeOf, type Tensor } from '../tensor.ts';
import type { Pass } from './pass.ts';
import { TakenBranches } from './taken_branches.ts';

/** Bytes by which the result of one folded node may exceed its inputs, and all live results together the model's constants. */
const NODE_GROWTH = 64 * 2 ** 20;
const TOTAL_GROWTH = 2 ** 30;
/** Kernels count the bytes of a value in 31 bits. */
const VALUE_BYTES = 2 ** 31;
/** Multiplications that folding may spend. */
const WORK = 2e9;

/**
 * Shape inference and constant folding in one topological walk: every value gets its type and dims, and nodes whose outputs are known
 * (all inputs constant, or `op.fold` knows) become constants by their reference. Of an If whose condition is known only the taken branch
 * stays; what the other one holds is not looked at.
 *
 * @throws ZeroskipError `INVALID_MODEL` from `op.infer` or for a declared output that contradicts inference; `UNSUPPORTED_OP` listing all
 *   nodes with a form that cannot run; `OUT_OF_MEMORY` for a value of 2 GiB or more, and for a node that has to fold but is too large to.
 */
export const fold: Pass = {
  name: 'fold',
  run(graph, { ops }) {
    orderNodes(graph);
    const edit = new Editor(graph);
    const branches = new TakenBranches(edit);
    const declared = new Map(graph.outputs.map((name) => [name, { ...graph.values.get(name)! }]));
    const budget = { bytes: TOTAL_GROWTH, work: WORK };
    const unsupported = new UnsupportedNodes();
    let folded = 0;
    for (const { name, type, constant } of graph.values.values()) {
      const dims = constant || edit.isInput(name) ? edit.dims(name) : undefined;
      if (dims) expectFits(constant ? 'constant' : 'input', name, { type, dims });
    }
    for (const node of graph.nodes) {
      if (branches.resolve(node)) continue;
      const call = branches.isDead(node) ? undefined : callOf(graph, node);
      const inferred =
        call !== undefined &&
        unsupported.attempt(() => {
          const op = ops.get(node.op)!;
          const types = op.infer(call);
          record(edit, node, types, call);
          const results = known(op, call, types, budget);
          if (!results) return;
          replace(edit, node, results, budget);
          folded++;
        });
      if (inferred) continue;
      for (const name of node.outputs) if (name !== '') edit.setValue(name, { dims: undefined });
    }
    unsupported.raise();
    branches.removeDead();
    edit.commit();
    for (const [name, value] of declared) checkDeclared(graph, name, value.dims);
    return [...(folded ? [`${folded} nodes folded into constants`] : []), ...branches.notes];
  },
};

interface Budget {
  bytes: number;
  work: number;
}

/** Writes inferred types down; outputs that the op does not give have to be unused. */
function record(edit: Editor, node: Node, types: readonly ValueType[], call: Call): void {
  types.forEach(({ type, dims }, i) => {
    const name = node.outputs[i];
    if (!name) return;
    expectFits(`${node.op} '${node.name}': output`, name, { type, dims });
    edit.setValue(name, { type, dims });
  });
  if (node.outputs.length <= types.length) return;
  for (const name of node.outputs.slice(types.length)) {
    const used = name !== '' && (edit.users(name).length > 0 || edit.isOutput(name));
    if (used) call.unsupported(`output '${name}' is not computed`);
  }
  edit.setNode(node, { outputs: node.outputs.slice(0, types.length) });
}

const bytes = ({ type, dims }: ValueType): number => sizeOf(dims) * bytesOf(type);

function expectFits(what: string, name: string, type: ValueType): void {
  ensure(
    bytes(type) < VALUE_BYTES,
    'OUT_OF_MEMORY',
    () =>
      `${what} '${name}' (${type.type} ${showDims(type.dims)}) takes ${bytes(type)} bytes, a value has less than ${VALUE_BYTES}`,
  );
}

/** The outputs of a node if they are known now and small enough. */
function known(op: Op, call: Call, types: readonly ValueType[], budget: Budget): readonly Tensor[] | undefined {
  const hooked = op.fold?.(call);
  if (hooked) return hooked;
  if (!call.inputs.every((input) => !input || input.constant)) return undefined;
  const inputBytes = call.inputs.reduce((sum, input) => sum + (input ? bytes(input) : 0), 0);
  const outputBytes = types.reduce((sum, type) => sum + bytes(type), 0);
  const work = workOf(call, types);
  if (outputBytes > inputBytes + NODE_GROWTH || outputBytes > budget.bytes || work > budget.work) {
    if (op.lower || op.alias) return undefined;
    throw new ZeroskipError(
      'OUT_OF_MEMORY',
      `${call.node.op} '${call.node.name}': its constant result of ${outputBytes} bytes is too large to compute here`,
    );
  }
  budget.work -= work;
  const results = evaluateNode(
    op,
    call.node,
    call.inputs.map((input) => input?.constant),
  );
  results.forEach((tensor, i) => {
    const agrees = tensor.type === types[i]?.type && sameDims(tensor.dims, types[i].dims);
    ensure(agrees, 'INTERNAL', () => `${call.node.op} '${call.node.name}': its reference and its inference disagree`);
  });
  return results;
}

/** Multiplications of the ops that do more than a few an element. */
function workOf({ node, inputs }: Call, types: readonly ValueType[]): number {
  const out = sizeOf(types[0].dims);
  const { dims = [1] } = inputs[1] ?? {};
  switch (node.op) {
    case 'MatMul':
      return out * (inputs[0]?.dims.at(-1) ?? 1);
    case 'Gemm':
    case 'Conv':
      return (out * sizeOf(dims)) / Math.max(1, Math.min(...dims.slice(0, 2)));
    default:
      return out;
  }
}

function replace(edit: Editor, node: Node, results: readonly Tensor[], budget: Budget): void {
  let change = 0;
  node.outputs.forEach((name, i) => {
    if (name === '') return;
    edit.setValue(name, { constant: results[i], type: results[i].type, dims: results[i].dims });
    change += bytes(results[i]);
  });
  const inputs = [...new Set(node.inputs)].map((name) => [name, edit.constant(name)] as const);
  edit.removeNode(node);
  for (const [name, tensor] of inputs) if (tensor && !edit.graph.values.has(name)) change -= bytes(tensor);
  budget.bytes -= change;
}

/** Declared dims of a graph output are promises of the model; numbers among them have to hold. */
function checkDeclared(graph: Graph, name: string, declared: readonly (number | string)[] | undefined): void {
  const dims = graph.values.get(name)?.dims;
  if (!declared || !dims) return;
  const fits = declared.length === dims.length && declared.every((d, i) => typeof d === 'string' || d === dims[i]);
  ensure(
    fits,
    'INVALID_MODEL',
    () => `graph output '${name}' is declared ${showDims(declared)}, inferred ${showDims(dims)}`,
  );
}
