import { type Dim, numbersOf, showDims } from '../tensor.ts';
import type { Attr, Graph, Node, Value } from './ir.ts';

const FEW = 8;

/**
 * A readable listing, one node a line:
 *
 * ```
 * graph lenet
 *   input   x float32 1x784
 *   h float32 1x300 = Gemm(x, w1 float32 300x784, b1 float32 300) clamp 0..inf   # fc1
 *   output  h
 * ```
 */
export function printGraph(graph: Graph): string {
  const lines = [`graph ${graph.name}`];
  for (const name of graph.inputs) lines.push(`  input   ${showValue(graph.values.get(name), name)}`);
  for (const node of graph.nodes) lines.push(`  ${showNode(graph, node)}`);
  for (const name of graph.outputs) lines.push(`  output  ${showOperand(graph, name)}`);
  return lines.join('\n');
}

function showNode(graph: Graph, node: Node): string {
  const outputs = node.outputs.map((name) => (name === '' ? '_' : showValue(graph.values.get(name), name))).join(', ');
  const inputs = node.inputs.map((name) => showOperand(graph, name)).join(', ');
  const attrs = Object.entries(node.attrs).map(([name, attr]) => ` ${name}=${showAttr(attr)}`);
  const clamp = node.clamp ? ` clamp ${showBound(node.clamp.lo)}..${showBound(node.clamp.hi)}` : '';
  const label = node.name === '' ? '' : `   # ${node.name}`;
  return `${outputs} = ${node.op}(${inputs})${attrs.join('')}${clamp}${label}`;
}

/** Constants with their type, since they have no line of their own; small ones with their elements. */
function showOperand(graph: Graph, name: string): string {
  if (name === '') return '_';
  const value = graph.values.get(name);
  if (!value?.constant) return name;
  const few = value.constant.size <= FEW && value.constant.dims.length <= 1;
  return showValue(value, name) + (few ? ` [${numbersOf(value.constant).join(', ')}]` : '');
}

function showValue(value: Value | undefined, name: string): string {
  return value ? `${name} ${value.type} ${showShape(value.dims)}` : `${name} (missing)`;
}

const showShape = (dims: readonly Dim[] | undefined): string => (dims ? showDims(dims) : '?');

const showBound = (x: number): string => String(x).replace('Infinity', 'inf');

function showAttr(attr: Attr): string {
  if (typeof attr === 'number' || typeof attr === 'string') return String(attr);
  if ('dims' in attr) return `${attr.type} ${showDims(attr.dims)}`;
  return `[${attr.join(',')}]`;
}
