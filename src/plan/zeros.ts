import { callOf } from '../graph/call.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { RELU_ZEROS } from '../ops/common/unary.ts';
import type { ZeroStats } from '../ops/lower.ts';
import type { Op } from '../ops/op.ts';

/**
 * Zeros to expect in every value of a graph: those that were measured, else what the ops say of the zeros they make and keep.
 * @param measured zeros by value name
 */
export function expectedZeros(
  graph: Graph,
  ops: ReadonlyMap<string, Op>,
  measured: ReadonlyMap<string, ZeroStats> = new Map(),
): Map<string, ZeroStats> {
  const zeros = new Map(measured);
  for (const node of graph.nodes) {
    const op = ops.get(node.op);
    const [output] = node.outputs;
    if (measured.has(output)) continue;
    const inputs = node.inputs.map((name) => zeros.get(name));
    // A copy holds the tiles of what it copies.
    if (op?.alias && inputs[0]) {
      zeros.set(output, inputs[0]);
      continue;
    }
    const shares = inputs.map((stats) => stats?.elements ?? 0);
    const elements = zerosBehind(graph, node, op, shares);
    if (elements > 0) zeros.set(output, { elements, tiles: 0, measured: false });
  }
  return zeros;
}

/** Share of zeros to expect in output 0 of a node whose inputs have `shares` of them. */
function zerosBehind(graph: Graph, node: Node, op: Op | undefined, shares: readonly number[]): number {
  const call = callOf(graph, node);
  const made = (call && op?.zeros?.(call, shares)) ?? 0;
  const clamped = node.clamp && (node.clamp.lo === 0 || node.clamp.hi === 0) ? RELU_ZEROS : 0;
  return Math.max(made, clamped);
}

/** The nodes that make zeros of operands without any: the activations, and what they are fused into. */
export const zeroMakers = (graph: Graph, ops: ReadonlyMap<string, Op>): Node[] =>
  graph.nodes.filter((node) => {
    const none = node.inputs.map(() => 0);
    return zerosBehind(graph, node, ops.get(node.op), none) > 0;
  });
