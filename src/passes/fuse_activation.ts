import type { GraphIndex } from '../graph/edit.ts';
import type { Clamp, Graph, Node } from '../graph/ir.ts';
import { type Rule, rewrite } from '../graph/rewrite.ts';
import type { Pass } from './pass.ts';

const PRODUCERS: ReadonlySet<string> = new Set([
  ...['Conv', 'Gemm', 'MatMul', 'Add', 'Sub', 'Mul', 'Div', 'LayerNormalization'],
]);

/** The clamp that a Relu or a Clip with constant bounds is. */
function clampOf(node: Node, index: GraphIndex): Clamp | undefined {
  if (node.op === 'Relu') return { lo: 0, hi: Number.POSITIVE_INFINITY };
  if (node.op !== 'Clip') return undefined;
  const bound = (position: number, absent: number): number => {
    const name = node.inputs[position];
    return name ? Number(index.constant(name)?.data[0] ?? Number.NaN) : absent;
  };
  const lo = bound(1, Number.NEGATIVE_INFINITY);
  const hi = bound(2, Number.POSITIVE_INFINITY);
  return Number.isNaN(lo) || Number.isNaN(hi) ? undefined : { lo, hi };
}

/** The clamp that does `first`, then `second`. A clamp with lo > hi is the constant hi. */
export function composeClamps(first: Clamp | undefined, second: Clamp): Clamp {
  if (!first) return second;
  const apply = (x: number): number => Math.min(Math.max(x, second.lo), second.hi);
  return { lo: apply(Math.min(first.lo, first.hi)), hi: apply(first.hi) };
}

/** `clamp(f(x))` is one node where nobody else reads `f(x)`. */
const intoProducer: Rule = (_graph, node, index) => {
  const own = clampOf(node, index);
  const producer = own && index.producer(node.inputs[0]);
  if (!own || !producer || !PRODUCERS.has(producer.op)) return null;
  const [output] = producer.outputs;
  if (index.soleUser(output) !== node || !index.canReplace(node.outputs[0], output)) return null;
  if (index.type(output) !== 'float32') return null;
  const fused = composeClamps(producer.clamp, own);
  return {
    note: `${node.op} '${node.name}' fused into ${producer.op} '${producer.name}'`,
    apply(edit) {
      edit.setNode(producer, { clamp: node.clamp ? composeClamps(fused, node.clamp) : fused });
      edit.replaceUses(node.outputs[0], output);
      edit.removeNode(node);
    },
  };
};

/** Moves Relu and Clip into the node before as its clamp, applied at the store. NaN passes through both alike. */
export const fuseActivation: Pass = {
  name: 'fuse-activation',
  run: (graph: Graph) => rewrite(graph, [intoProducer]),
};
