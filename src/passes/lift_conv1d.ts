import { type Rule, rewrite } from '../graph/rewrite.ts';
import { type DType, Tensor } from '../tensor.ts';
import type { Pass } from './pass.ts';

const int64 = (values: readonly number[]): Tensor =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), [values.length]);

/** A list attribute of one axis, with `first` for the new row axis in front; pads hold begins before ends. */
function lifted(values: unknown, first: number): number[] | undefined {
  if (!Array.isArray(values)) return undefined;
  return values.length === 2 ? [first, values[0], first, values[1]] : [first, values[0]];
}

/** A Conv over `[N, C, L]` becomes one over `[N, C, 1, L]`, so that the kernels know one shape. The reshapes need no kernel. */
const lift: Rule = (_graph, node, index) => {
  const x = index.dims(node.inputs[0]);
  const y = index.dims(node.outputs[0]);
  const weights = index.constant(node.inputs[1]);
  if (node.op !== 'Conv' || x?.length !== 3 || !y || !weights) return null;
  return {
    apply(edit) {
      const row = ([n, c, l]: readonly number[]) => [n, c, 1, l];
      const { attrs, outputs } = node;
      const type: DType = index.type(outputs[0])!;
      const input = edit.addValue(`${node.inputs[0]}/row`, type, row(x));
      const output = edit.addValue(`${outputs[0]}/row`, type, row(y));
      const axis = edit.addConstant(`${node.name}/axis`, int64([2]));
      const filters = edit.addConstant(node.inputs[1], weights.reshape(row(weights.dims)));
      edit.insertNode(node, {
        name: `${node.name}/in`,
        op: 'Unsqueeze',
        inputs: [node.inputs[0], axis],
        outputs: [input],
        attrs: {},
      });
      edit.insertNode(node, {
        ...node,
        inputs: [input, filters, ...node.inputs.slice(2)],
        outputs: [output],
        attrs: {
          ...attrs,
          ...pick('kernel_shape', lifted(attrs.kernel_shape, 1)),
          ...pick('strides', lifted(attrs.strides, 1)),
          ...pick('dilations', lifted(attrs.dilations, 1)),
          ...pick('pads', lifted(attrs.pads, 0)),
        },
      });
      edit.setNode(node, {
        name: `${node.name}/out`,
        op: 'Squeeze',
        inputs: [output, axis],
        attrs: {},
        clamp: undefined,
      });
    },
  };
};

const pick = (name: string, value: number[] | undefined): Record<string, number[]> => (value ? { [name]: value } : {});

/** Convolutions with one spatial dim become two-dimensional. */
export const liftConv1d: Pass = { name: 'lift-conv1d', run: (graph) => rewrite(graph, [lift]) };
