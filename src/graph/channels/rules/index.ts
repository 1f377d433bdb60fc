import type { Relate } from '../coupling.ts';
import { batchNormalization, branch, elementwise, layerNormalization, softmax, unary } from './elementwise.ts';
import { conv, gemm, matMul } from './linear.ts';
import { concat, gather, pad, slice, split, transpose } from './move.ts';
import { argMax, pool, reduce, resize } from './reduce.ts';
import { expand, flatten, reshape } from './reshape.ts';
import { shape } from './shape.ts';

/** Elementwise ops of one operand; further operands are scalars. */
export const UNARY: ReadonlySet<string> = new Set([
  ...['Relu', 'LeakyRelu', 'Clip', 'Sigmoid', 'Tanh', 'HardSigmoid', 'HardSwish', 'Elu', 'Erf', 'Gelu'],
  ...['Abs', 'Neg', 'Exp', 'Log', 'Sqrt', 'Identity', 'Dropout', 'Cast', 'Not'],
]);
/** Elementwise ops of several operands, with broadcasting. */
export const BINARY: ReadonlySet<string> = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'And', 'Or', 'PRelu'],
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Where'],
]);

/** How each op ties the axes of its operands and outputs. */
export const RULES: ReadonlyMap<string, Relate> = new Map<string, Relate>([
  ...[...UNARY].map((op): [string, Relate] => [op, unary]),
  ...[...BINARY].map((op): [string, Relate] => [op, elementwise]),
  ['ArgMax', argMax],
  ['AveragePool', pool],
  ['BatchNormalization', batchNormalization],
  ['Concat', concat],
  ['Conv', conv],
  ['Expand', expand],
  ['Flatten', flatten],
  ['Gather', gather],
  ['Gemm', gemm],
  ['GlobalAveragePool', pool],
  ['If', branch],
  ['LayerNormalization', layerNormalization],
  ['MatMul', matMul],
  ['MaxPool', pool],
  ['Pad', pad],
  ['ReduceMax', reduce],
  ['ReduceMean', reduce],
  ['ReduceSum', reduce],
  ['Reshape', reshape],
  ['Resize', resize],
  ['Shape', shape],
  ['Slice', slice],
  ['Softmax', softmax],
  ['Split', split],
  ['Squeeze', flatten],
  ['Transpose', transpose],
  ['Unsqueeze', flatten],
]);

/** Any other op: its axes stay. */
export const fallback: Relate = (call) => call.blockAll('does not keep channels apart');
