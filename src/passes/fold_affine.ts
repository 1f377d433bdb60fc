import type { Editor, GraphIndex } from '../graph/edit.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { type Linear, linearOf, mapWeights, vector, weightedSums } from '../graph/linear.ts';
import { type Rule, rewrite } from '../graph/rewrite.ts';
import { Tensor } from '../tensor.ts';
import { affineOf } from './affine.ts';
import type { Pass } from './pass.ts';

/** Affine nodes that one linear node takes in: each costs a copy of its weights. */
const FOLDS_PER_NODE = 16;

type Counts = Map<Node, number>;

const count = (counts: Counts, node: Node): void => void counts.set(node, (counts.get(node) ?? 0) + 1);
const isFull = (counts: Counts, node: Node): boolean => (counts.get(node) ?? 0) >= FOLDS_PER_NODE;

const isAll = (data: Float64Array, x: number): boolean => data.every((e) => e === x);

/** Gives a linear node other weights (undefined: the same) and a bias of one number per output; all-zero biases stay absent. */
function setOperands(edit: Editor, linear: Linear, weight: Tensor | undefined, bias: Float64Array): void {
  const { node } = linear;
  if (weight) edit.setOperand(node, 1, weight, '');
  if (linear.bias || !isAll(bias, 0)) edit.setOperand(node, 2, vector(bias), `${node.name}/bias`);
}

/** `scale * (W x + b) + shift = (scale * W) x + (scale * b + shift)`: into the linear node before. */
const intoProducer =
  (counts: Counts): Rule =>
  (_graph, node, index) => {
    const linear = linearBefore(node, index);
    if (!linear || linear.node.clamp || isFull(counts, linear.node)) return null;
    const [output] = linear.node.outputs;
    const affine = affineOf(node, index, linear.axis);
    if (affine?.input !== output || index.soleUser(output) !== node || !index.canReplace(node.outputs[0], output))
      return null;
    const { scale, shift } = affine;
    return {
      note: `${node.op} '${node.name}' folded into ${linear.node.op} '${linear.node.name}'`,
      apply(edit) {
        count(counts, linear.node);
        const weight = isAll(scale, 1) ? undefined : mapWeights(linear, (w, o) => w * scale[o]);
        const bias = shift.map((s, o) => s + (linear.bias?.[o] ?? 0) * scale[o]);
        setOperands(edit, linear, weight, bias);
        if (node.clamp) edit.setNode(linear.node, { clamp: node.clamp });
        edit.replaceUses(node.outputs[0], output);
        edit.removeNode(node);
      },
    };
  };

function linearBefore(node: Node, index: GraphIndex): Linear | undefined {
  for (const name of node.inputs) {
    const producer = index.producer(name);
    if (producer) return linearOf(producer, index);
  }
  return undefined;
}

/**
 * `W (scale * x + shift) + b = (W * scale) x + (W shift + b)`: into the linear node behind. A padded border reads 0, not `shift`, so there
 * only a zero shift folds.
 */
const intoConsumer =
  (counts: Counts): Rule =>
  (_graph, node, index) => {
    const before = node.inputs[0] ? index.producer(node.inputs[0]) : undefined;
    const linear = before && !before.clamp ? linearOf(node, index) : undefined;
    if (!before || !linear || index.soleUser(node.inputs[0]) !== node || isFull(counts, node)) return null;
    const affine = affineOf(before, index, linear.axis);
    if (!affine || (linear.padded && !isAll(affine.shift, 0))) return null;
    const { scale, shift } = affine;
    return {
      note: `${before.op} '${before.name}' folded into ${node.op} '${node.name}'`,
      apply(edit) {
        count(counts, node);
        const weight = isAll(scale, 1) ? undefined : mapWeights(linear, (w, _o, i) => w * scale[i]);
        const bias = weightedSums(linear, shift).map((sum, o) => sum + (linear.bias?.[o] ?? 0));
        setOperands(edit, linear, weight, bias);
        edit.setNode(node, { inputs: [affine.input, ...node.inputs.slice(1)] });
        edit.removeNode(before);
      },
    };
  };

/** A BatchNormalization that stands alone: `Mul` and `Add` with constants `[C, 1, …]`. */
const standAlone: Rule = (_graph, node, index) => {
  const affine = node.op === 'BatchNormalization' ? affineOf(node, index, 1) : undefined;
  if (!affine) return null;
  const dims = index.dims(node.inputs[0])!;
  const perChannel = [dims[1], ...dims.slice(2).map(() => 1)];
  return {
    note: `BatchNormalization '${node.name}' became Mul and Add: no linear node can take it in`,
    apply(edit) {
      const constant = (name: string, data: Float64Array): string =>
        edit.addConstant(`${node.name}/${name}`, new Tensor('float32', Float32Array.from(data), perChannel));
      const product = edit.addValue(`${node.outputs[0]}/scaled`, 'float32', dims);
      const inputs = [affine.input, constant('scale', affine.scale)];
      edit.insertNode(node, { name: `${node.name}/mul`, op: 'Mul', inputs, outputs: [product], attrs: {} });
      edit.setNode(node, { op: 'Add', inputs: [product, constant('shift', affine.shift)], attrs: {} });
    },
  };
};

/** Folds BatchNormalization and per-channel Add, Sub, Mul, Div into the weights and bias of Conv, Gemm and MatMul. */
export const foldAffine: Pass = {
  name: 'fold-affine',
  run(graph: Graph) {
    const counts: Counts = new Map();
    const notes = rewrite(graph, [intoProducer(counts), intoConsumer(counts)]);
    return [...notes, ...rewrite(graph, [standAlone])];
  },
};
