import { aliasOp } from './common/alias.ts';
import type { Op } from './op.ts';

/** `y = x`. */
export const identity: Op = aliasOp({
  name: 'Identity',
  dims: (call) => call.input(0).dims,
  cases: [
    { name: 'dense', inputs: [{ dims: [3, 5] }] },
    { name: 'planes', inputs: [{ dims: [2, 3, 4, 5] }] },
    { name: 'int64', inputs: [{ dims: [7], type: 'int64' }] },
  ],
});
