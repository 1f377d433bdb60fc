import type { GraphIndex } from '../graph/edit.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { readsPadding } from '../graph/linear.ts';
import { type Rule, rewrite } from '../graph/rewrite.ts';
import { numbersOf } from '../tensor.ts';
import type { Pass } from './pass.ts';

/** Pads of the spatial axes `[begin…, end…]`, if the node pads nothing else, and with zeros, and removes nothing. */
function spatialZeroPads(node: Node, index: GraphIndex): number[] | undefined {
  const rank = index.dims(node.inputs[0])?.length ?? 0;
  const [, pads, value, axes] = node.inputs.map((name) => index.constant(name));
  const mode = node.attrs.mode ?? 'constant';
  if (rank < 3 || mode !== 'constant' || node.clamp || !pads) return undefined;
  if ((node.inputs[2] && !value) || (node.inputs[3] && !axes) || (value && numbersOf(value).some((x) => x !== 0)))
    return undefined;
  const given = numbersOf(pads);
  const begin = new Array<number>(rank).fill(0);
  const end = new Array<number>(rank).fill(0);
  const list = axes ? numbersOf(axes) : begin.map((_, i) => i);
  list.forEach((axis, i) => {
    begin[axis < 0 ? axis + rank : axis] = given[i];
    end[axis < 0 ? axis + rank : axis] = given[i + list.length];
  });
  const all = [...begin, ...end];
  if (all.some((pad) => pad < 0) || begin[0] + begin[1] + end[0] + end[1] > 0) return undefined;
  return [...begin.slice(2), ...end.slice(2)];
}

const hasOwnPads = (node: Node): boolean => !['NOTSET', 'VALID', ''].includes(String(node.attrs.auto_pad ?? 'NOTSET'));

/** Whether zeros in the input act as the pads of the node would. */
function canPad(node: Node): boolean {
  if (hasOwnPads(node)) return false;
  if (node.op === 'Conv') return true;
  const countsPads = node.attrs.count_include_pad === 1 || !readsPadding(node);
  return node.op === 'AveragePool' && countsPads && (node.attrs.ceil_mode ?? 0) === 0;
}

/** Zero padding of the spatial axes becomes the pads of the Conv or AveragePool behind; a MaxPool pads with -inf, so there it stays. */
const intoConsumer: Rule = (_graph, node, index) => {
  if (!canPad(node)) return null;
  const pad = index.producer(node.inputs[0]);
  const pads = pad?.op === 'Pad' ? spatialZeroPads(pad, index) : undefined;
  if (!pad || !pads) return null;
  const own = node.attrs.auto_pad === 'VALID' ? undefined : (node.attrs.pads as readonly number[] | undefined);
  const attrs: Node['attrs'] = { ...node.attrs, auto_pad: 'NOTSET', pads: pads.map((p, i) => p + (own?.[i] ?? 0)) };
  if (node.op === 'AveragePool') attrs.count_include_pad = 1;
  return {
    note: `Pad '${pad.name}' became the pads of ${node.op} '${node.name}'`,
    apply(edit) {
      edit.setNode(node, { attrs, inputs: [pad.inputs[0], ...node.inputs.slice(1)] });
      edit.removeUnused(pad);
    },
  };
};

/** Moves Pad nodes into the nodes that can pad themselves. */
export const fusePad: Pass = {
  name: 'fuse-pad',
  run: (graph: Graph) => rewrite(graph, [intoConsumer]),
};
