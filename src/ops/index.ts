import { abs } from './abs.ts';
import { add } from './add.ts';
import { and } from './and.ts';
import { argMax } from './arg_max.ts';
import { averagePool } from './average_pool.ts';
import { batchNormalization } from './batch_normalization.ts';
import { blockEdge } from './block_edge.ts';
import { blockGather } from './block_gather.ts';
import { blockMask } from './block_mask.ts';
import { blockScatter } from './block_scatter.ts';
import { blockSelect } from './block_select.ts';
import { cast } from './cast.ts';
import { clip } from './clip.ts';
import { concat } from './concat.ts';
import { constantOfShape } from './constant_of_shape.ts';
import { conv } from './conv.ts';
import { div } from './div.ts';
import { dropout } from './dropout.ts';
import { equal } from './equal.ts';
import { erf } from './erf.ts';
import { exp } from './exp.ts';
import { expand } from './expand.ts';
import { flatten } from './flatten.ts';
import { fusedConv } from './fused_conv.ts';
import { gather } from './gather.ts';
import { gemm } from './gemm.ts';
import { globalAveragePool } from './global_average_pool.ts';
import { greater } from './greater.ts';
import { greaterOrEqual } from './greater_or_equal.ts';
import { hardSigmoid } from './hard_sigmoid.ts';
import { hardSwish } from './hard_swish.ts';
import { identity } from './identity.ts';
import { if_ } from './if.ts';
import { layerNormalization } from './layer_normalization.ts';
import { leakyRelu } from './leaky_relu.ts';
import { less } from './less.ts';
import { lessOrEqual } from './less_or_equal.ts';
import { log } from './log.ts';
import { matMul } from './matmul.ts';
import { max } from './max.ts';
import { maxPool } from './max_pool.ts';
import { min } from './min.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { not } from './not.ts';
import type { Op } from './op.ts';
import { or } from './or.ts';
import { pad } from './pad.ts';
import { pow } from './pow.ts';
import { prelu } from './prelu.ts';
import { reduceMax } from './reduce_max.ts';
import { reduceMean } from './reduce_mean.ts';
import { reduceSum } from './reduce_sum.ts';
import { relu } from './relu.ts';
import { reshape } from './reshape.ts';
import { resize } from './resize.ts';
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
import { where } from './where.ts';

const list: readonly Op[] = [
  abs,
  add,
  and,
  argMax,
  averagePool,
  batchNormalization,
  blockEdge,
  blockGather,
  blockMask,
  blockScatter,
  blockSelect,
  cast,
  clip,
  concat,
  constantOfShape,
  conv,
  div,
  dropout,
  equal,
  erf,
  exp,
  expand,
  flatten,
  fusedConv,
  gather,
  gemm,
  globalAveragePool,
  greater,
  greaterOrEqual,
  hardSigmoid,
  hardSwish,
  identity,
  if_,
  layerNormalization,
  leakyRelu,
  less,
  lessOrEqual,
  log,
  matMul,
  max,
  maxPool,
  min,
  mul,
  neg,
  not,
  or,
  pad,
  pow,
  prelu,
  reduceMax,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  resize,
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
  where,
];

/** Every op the compiler knows, by its ONNX name. */
export const OPS: ReadonlyMap<string, Op> = new Map(list.map((op) => [op.name, op]));
