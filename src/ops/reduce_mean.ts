import { reduceOp } from './common/reduce_op.ts';
import type { Op } from './op.ts';

/** `y = mean of x over the axes` of input 1; a mean of no elements is NaN. */
export const reduceMean: Op = reduceOp('ReduceMean', 'mean', 18);
