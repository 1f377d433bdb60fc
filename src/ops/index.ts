import { abs } from './abs.ts';
import { add } from './add.ts';
import { averagePool } from './average_pool.ts';
import { batchNormalization } from './batch_normalization.ts';
import { cast } from './cast.ts';
import { clip } from './clip.ts';
import { concat } from './concat.ts';
import { constantOfShape } from './constant_of_shape.ts';
import { conv } from './conv.ts';
import { div } from './div.ts';
import { dropout } from './dropout.ts';
import { erf } from './erf.ts';
import { exp } from './exp.ts';
import { expand } from './expand.ts';
import { flatten } from './flatten.ts';
import { fusedConv } from './fused_conv.ts';
import { gather } from './gather.ts';
import { gemm } from './gemm.ts';
import { globalAveragePool } from './global_average_pool.ts';
import { hardSigmoid } from './hard_sigmoid.ts';
import { hardSwish } from './hard_swish.ts';
import { identity } from './identity.ts';
import { leakyRelu } from './leaky_relu.ts';
import { matMul } from './matmul.ts';
import { maxPool } from './max_pool.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import type { Op } from './op.ts';
import { pad } from './pad.ts';
import { pow } from './pow.ts';
import { reduceMean } from './reduce_mean.ts';
import { relu } from './relu.ts';
import { reshape } from './reshape.ts';
import { shape } from './shape.ts';
import { sigmoid } from './sigmoid.ts';
import { slice } from './slice.ts';
import { softmax } from './softmax.ts';
import { split } from './split.ts';
import { sqrt } from './sqrt.ts';
import { squeeze } from './squeeze.ts';
import { sub } from './sub.ts';
import { tanh } from './tanh.ts';
import { transpose } from './transpose.ts';
import { unsqueeze } from './unsqueeze.ts';

const list: readonly Op[] = [
  abs,
  add,
  averagePool,
  batchNormalization,
  cast,
  clip,
  concat,
  constantOfShape,
  conv,
  div,
  dropout,
  erf,
  exp,
  expand,
  flatten,
  fusedConv,
  gather,
  gemm,
  globalAveragePool,
  hardSigmoid,
  hardSwish,
  identity,
  leakyRelu,
  matMul,
  maxPool,
  mul,
  neg,
  pad,
  pow,
  reduceMean,
  relu,
  reshape,
  shape,
  sigmoid,
  slice,
  softmax,
  split,
  sqrt,
  squeeze,
  sub,
  tanh,
  transpose,
  unsqueeze,
];

/** Every op the compiler knows, by its ONNX name. */
export const OPS: ReadonlyMap<string, Op> = new Map(list.map((op) => [op.name, op]));
