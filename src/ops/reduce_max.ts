import { reduceOp } from './common/reduce_op.ts';
import type { Op } from './op.ts';

/** `y = largest x over the axes` of input 1; NaN if there is one among them, minus infinity of no elements. */
export const reduceMax: Op = reduceOp('ReduceMax', 'max', 18);
