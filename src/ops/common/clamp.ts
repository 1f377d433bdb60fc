import type { Clamp, Node } from '../../graph/ir.ts';

const apply = (x: number, { lo, hi }: Clamp): number => Math.min(Math.max(x, lo), hi);

/** The clamp `[lo, hi]` of an op followed by the one that fusion left on `node`, as one clamp. */
export function storeClamp(node: Node, lo = Number.NEGATIVE_INFINITY, hi = Number.POSITIVE_INFINITY): Clamp {
  return node.clamp ? { lo: apply(lo, node.clamp), hi: apply(hi, node.clamp) } : { lo, hi };
}
