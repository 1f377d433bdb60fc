import { numbersOf } from '../../tensor.ts';
import type { Node } from '../ir.ts';
import type { Coupling } from './coupling.ts';

/** A number in a constant that operand `position` of `reader` is. */
export interface Literal {
  kind: 'literal';
  reader: Node;
  position: number;
  index: number;
  number: number;
  /** The element is the number times the length of this axis. */
  times?: { value: string; axis: number };
}

/** What an element of a shape operand is: a number of the model, the length of an axis of a value, or something else. */
export type ShapeElement = Literal | { kind: 'dim'; value: string; axis: number } | { kind: 'unknown' };

const UNKNOWN: ShapeElement = { kind: 'unknown' };

/** Ops that hand on their elements in order. */
const SAME: ReadonlySet<string> = new Set(['Identity', 'Cast', 'Unsqueeze', 'Squeeze', 'Reshape', 'Flatten']);

type Index = Pick<Coupling, 'graph' | 'producer'>;

/** Element `index` (from the end if negative) of the value that `reader` reads at `position`, followed to where it comes from. */
export function shapeElement(of: Index, value: string, index: number, reader: Node, position: number): ShapeElement {
  const constant = of.graph.values.get(value)?.constant;
  if (constant) {
    const at = index < 0 ? index + constant.size : index;
    if (at < 0 || at >= constant.size) return UNKNOWN;
    return { kind: 'literal', reader, position, index: at, number: numbersOf(constant)[at] };
  }
  const node = of.producer(value);
  if (!node) return UNKNOWN;
  if (SAME.has(node.op)) return shapeElement(of, node.inputs[0], index, node, 0);
  if (node.op === 'Shape' && !node.attrs.start && node.attrs.end === undefined)
    return { kind: 'dim', value: node.inputs[0], axis: index };
  if (node.op === 'Gather') return gathered(of, node, index);
  if (node.op === 'Concat') return joined(of, node, index);
  return node.op === 'Mul' ? multiplied(of, node, index) : UNKNOWN;
}

/** A number of the model times the length of an axis: heads times batch. */
function multiplied(of: Index, node: Node, index: number): ShapeElement {
  const parts = node.inputs.map((name, i) => shapeElement(of, name, index, node, i));
  const literal = parts.find((part): part is Literal => part.kind === 'literal');
  const dim = parts.find((part) => part.kind === 'dim');
  return literal && dim?.kind === 'dim' ? { ...literal, times: { value: dim.value, axis: dim.axis } } : UNKNOWN;
}

function gathered(of: Index, node: Node, index: number): ShapeElement {
  const picked = of.graph.values.get(node.inputs[1])?.constant;
  if (!picked || (node.attrs.axis ?? 0) !== 0) return UNKNOWN;
  const at = numbersOf(picked).at(picked.size === 1 ? 0 : index);
  return at === undefined ? UNKNOWN : shapeElement(of, node.inputs[0], at, node, 0);
}

/** Length of a vector that is part of a shape. */
function lengthOf(of: Index, value: string): number | undefined {
  const constant = of.graph.values.get(value)?.constant;
  if (constant) return constant.size;
  const node = of.producer(value);
  if (node?.op === 'Unsqueeze') return 1;
  if (node?.op === 'Gather') return of.graph.values.get(node.inputs[1])?.constant?.size;
  return node && SAME.has(node.op) ? lengthOf(of, node.inputs[0]) : undefined;
}

function joined(of: Index, node: Node, index: number): ShapeElement {
  const lengths = node.inputs.map((name) => lengthOf(of, name));
  if (lengths.includes(undefined)) return UNKNOWN;
  const total = lengths.reduce<number>((sum, l) => sum + l!, 0);
  let at = index < 0 ? index + total : index;
  for (const [i, name] of node.inputs.entries()) {
    if (at < lengths[i]!) return shapeElement(of, name, at, node, i);
    at -= lengths[i]!;
  }
  return UNKNOWN;
}
