import { alongAxis } from '../graph/broadcast.ts';
import type { Editor } from '../graph/edit.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { isNormalGemm, vector } from '../graph/linear.ts';
import { type Rule, rewrite } from '../graph/rewrite.ts';
import { Tensor } from '../tensor.ts';
import type { Pass } from './pass.ts';

/** `scale * t`, transposed or not, of a float32 matrix. */
function matrix(t: Tensor, transpose: boolean, scale: number): Tensor {
  const [rows, columns] = t.dims;
  const from = t.data as Float32Array;
  if (!transpose) return new Tensor('float32', scale === 1 ? from : from.map((x) => x * scale), t.dims);
  const data = new Float32Array(from.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) data[c * rows + r] = from[r * columns + c] * scale;
  return new Tensor('float32', data, [columns, rows]);
}

/** Normal weights made so far. */
type Copies = Map<string, string>;

/**
 * `Y = alpha * A' * B' + beta * C` in normal form. With constant B: alpha = beta = 1, transA = 0, transB = 1, so that B is `[out, in]`,
 * and C is absent or a constant `[out]`. With a computed B: MatMul. What does not fit (a transposed A, another C) becomes nodes of its own.
 */
const normalForm =
  (copies: Copies): Rule =>
  (_graph, node, index) => {
    if (node.op !== 'Gemm') return null;
    const [a, b, c = ''] = node.inputs;
    const out = index.dims(node.outputs[0]);
    const { alpha = 1, beta = 1, transA = 0, transB = 0 } = node.attrs as Record<string, number>;
    const constantB = index.constant(b);
    const constantC = index.constant(c);
    const bias = constantC && out ? alongAxis(constantC, out, 1) : null;
    const normalBias = c === '' || (bias !== null && constantC?.dims.length === 1 && constantC.size === bias.length);
    const isFloat = index.type(node.outputs[0]) === 'float32';
    if (!out || !isFloat || (constantB && normalBias && isNormalGemm(node))) return null;
    return {
      note: `Gemm '${node.name}' brought to normal form`,
      apply(edit) {
        const left = transA ? transposed(edit, node, a) : a;
        const right = constantB
          ? weights(edit, copies, b, !transB, alpha)
          : scaled(edit, node, transB ? transposed(edit, node, b) : b, alpha);
        const fused = constantB && bias ? edit.addConstant(c, vector(bias.map((x) => x * beta))) : '';
        const product = fused ? [left, right, fused] : [left, right];
        const op = constantB ? 'Gemm' : 'MatMul';
        const attrs: Node['attrs'] = constantB ? { alpha: 1, beta: 1, transA: 0, transB: 1 } : {};
        if (fused || c === '' || beta === 0) {
          edit.setNode(node, { op, inputs: product, attrs });
          return;
        }
        const sum = edit.addValue(`${node.outputs[0]}/product`, 'float32', out);
        edit.insertNode(node, { name: `${node.name}/product`, op, inputs: product, outputs: [sum], attrs });
        edit.setNode(node, { op: 'Add', inputs: [sum, scaled(edit, node, c, beta)], attrs: {} });
      },
    };
  };

/** `alpha * B`, transposed or not; nodes that share B share the copy. */
function weights(edit: Editor, copies: Copies, b: string, transpose: boolean, alpha: number): string {
  if (!transpose && alpha === 1) return b;
  const key = JSON.stringify([b, transpose, alpha]);
  const copy = copies.get(key) ?? edit.addConstant(b, matrix(edit.constant(b)!, transpose, alpha));
  copies.set(key, copy);
  return copy;
}

/** A matrix operand transposed: a new constant, or a node in front of `node`. */
function transposed(edit: Editor, node: Node, value: string): string {
  const constant = edit.constant(value);
  if (constant) return edit.addConstant(value, matrix(constant, true, 1));
  const [rows, columns] = edit.dims(value)!;
  const output = edit.addValue(`${value}/transposed`, 'float32', [columns, rows]);
  const attrs = { perm: [1, 0] };
  edit.insertNode(node, { name: `${node.name}/transpose`, op: 'Transpose', inputs: [value], outputs: [output], attrs });
  return output;
}

/** An operand times a number: a new constant, or a node in front of `node`. */
function scaled(edit: Editor, node: Node, value: string, factor: number): string {
  if (factor === 1) return value;
  const constant = edit.constant(value);
  if (constant) {
    return edit.addConstant(
      value,
      new Tensor(
        'float32',
        (constant.data as Float32Array).map((x) => x * factor),
        constant.dims,
      ),
    );
  }
  const output = edit.addValue(`${value}/scaled`, 'float32', edit.dims(value)!);
  const by = edit.addConstant(`${node.name}/factor`, new Tensor('float32', [factor], []));
  edit.insertNode(node, { name: `${node.name}/scale`, op: 'Mul', inputs: [value, by], outputs: [output], attrs: {} });
  return output;
}

/** Brings every Gemm to normal form, which all later passes and the planner rely on. */
export const normalizeGemm: Pass = {
  name: 'normalize-gemm',
  run: (graph: Graph) => rewrite(graph, [normalForm(new Map())]),
};
