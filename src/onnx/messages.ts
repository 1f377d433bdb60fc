import type { Attr, Node, Value } from '../graph/ir.ts';
import { Tensor, tensorBytes } from '../tensor.ts';
import { codeOf } from './elements.ts';
import {
  ATTRIBUTE_TYPE,
  type AttributeMessage,
  GRAPH,
  type NodeMessage,
  type TensorMessage,
  type ValueInfoMessage,
} from './schema.ts';
import { encode } from './wire.ts';

const T = ATTRIBUTE_TYPE;

/** Attributes that are floats even where their value is a whole number; in ONNX the name decides. */
const FLOATS: ReadonlySet<string> = new Set([
  'alpha',
  'beta',
  'bias',
  'cubic_coeff_a',
  'epsilon',
  'extrapolation_value',
  'gamma',
  'high',
  'lambd',
  'low',
  'max',
  'mean',
  'min',
  'momentum',
  'ratio',
  'scale',
  'scales',
  'spatial_scale',
  'threshold',
]);

export const tensorMessage = (tensor: Tensor, name?: string): TensorMessage => ({
  dims: tensor.dims,
  dataType: codeOf(tensor.type),
  name,
  rawData: tensorBytes(tensor),
});

function attributeMessage(name: string, value: Attr): AttributeMessage {
  if (value instanceof Tensor) return { name, type: T.TENSOR, t: tensorMessage(value) };
  if (typeof value === 'string') return { name, type: T.STRING, s: value };
  if (typeof value === 'number') {
    const isFloat = FLOATS.has(name) || !Number.isInteger(value);
    return isFloat ? { name, type: T.FLOAT, f: value } : { name, type: T.INT, i: value };
  }
  if (value.some((v) => typeof v === 'string')) return { name, type: T.STRINGS, strings: value as readonly string[] };
  const numbers = value as readonly number[];
  const areFloats = FLOATS.has(name) || numbers.some((v) => !Number.isInteger(v));
  return areFloats ? { name, type: T.FLOATS, floats: numbers } : { name, type: T.INTS, ints: numbers };
}

export const nodeMessage = (node: Node): NodeMessage => ({
  input: node.inputs,
  output: node.outputs,
  name: node.name,
  opType: node.op,
  attribute: Object.entries(node.attrs).map(([name, value]) => attributeMessage(name, value)),
});

/** A branch of an If: its outputs stand without types, which follow from its nodes. */
export const graphAttribute = (
  name: string,
  nodes: readonly NodeMessage[],
  outputs: readonly string[],
): AttributeMessage => ({
  name,
  type: T.GRAPH,
  g: encode(GRAPH, { name, node: nodes, output: outputs.map((output) => ({ name: output })) }),
});

/** A graph input or output; without a shape where the value has no dims. */
export function valueInfoMessage(value: Value): ValueInfoMessage {
  const shape = value.dims && {
    dim: value.dims.map((dim) => (typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim })),
  };
  return { name: value.name, type: { tensorType: { elemType: codeOf(value.type), shape } } };
}
