import type { Node } from '../graph/ir.ts';

/** Lowest opset that is written: all normalised forms not named below have stood since. */
const BASE = 13;

const has = (node: Node, ...names: string[]): boolean => names.some((name) => node.attrs[name] !== undefined);

/** First opset with the form of a node, for ops that grew an operand or an attribute (or came) after opset 13. */
const SINCE: ReadonlyMap<string, (node: Node) => number> = new Map<string, (node: Node) => number>([
  ['AveragePool', (n) => (has(n, 'dilations') ? 19 : BASE)],
  ['BatchNormalization', (n) => (has(n, 'training_mode') ? 14 : BASE)],
  ['HardSwish', () => 14],
  ['LayerNormalization', () => 17],
  ['Pad', (n) => (n.attrs.mode === 'wrap' ? 19 : n.inputs.length > 3 ? 18 : BASE)],
  ['ReduceMean', (n) => (n.inputs.length > 1 || has(n, 'noop_with_empty_axes') ? 18 : BASE)],
  ['Reshape', (n) => (has(n, 'allowzero') ? 14 : BASE)],
  ['Shape', (n) => (has(n, 'start', 'end') ? 15 : BASE)],
]);

/** The lowest opset, 13 or newer, that has the forms of all `nodes`. */
export const opsetFor = (nodes: readonly Node[]): number =>
  nodes.reduce((opset, node) => Math.max(opset, SINCE.get(node.op)?.(node) ?? BASE), BASE);

/** The IR version that came with an opset. */
export function irVersionFor(opset: number): number {
  if (opset >= 21) return 10;
  if (opset >= 19) return 9;
  return opset >= 15 ? 8 : 7;
}
