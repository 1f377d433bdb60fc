import { type DType, Tensor } from '../../tensor.ts';
import type { CaseInput, OnnxNode } from '../op.ts';

/** Turns the attribute `name` of an older opset, a number or a list, into constant input `index`; an absent one stays absent. */
export function attrToInput(n: OnnxNode, name: string, index: number, type: DType = 'int64'): void {
  const { attrs, inputs } = n.node;
  const value = attrs[name];
  delete attrs[name];
  if (value === undefined || value instanceof Tensor || typeof value === 'string') return;
  const tensor = typeof value === 'number' ? new Tensor(type, [value], []) : new Tensor(type, value.map(Number));
  while (inputs.length < index) inputs.push('');
  inputs[index] = n.add(tensor);
}

/** A constant list of int64 as the operand of a case. */
export const ints = (...values: number[]): CaseInput => ({
  dims: [values.length],
  type: 'int64',
  values,
  constant: true,
});
