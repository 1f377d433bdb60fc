import { reduceOp } from './common/reduce_op.ts';
import type { Op } from './op.ts';

/** `y = sum of x over the axes` of input 1. */
export const reduceSum: Op = reduceOp('ReduceSum', 'sum', 13);
