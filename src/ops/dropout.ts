import { aliasOp } from './common/alias.ts';
import type { Call, Op } from './op.ts';

function keptDims(call: Call): readonly number[] {
  const training = call.optionalConstant(2);
  if (training && Number(training.data[0]) !== 0) call.unsupported('runs in inference only, training_mode is set');
  return call.input(0).dims;
}

/** `y = x`: the inference form. The mask output is not computed. */
export const dropout: Op = aliasOp({
  name: 'Dropout',
  dims: keptDims,
  cases: [
    { name: 'no ratio', inputs: [{ dims: [3, 5] }] },
    { name: 'ratio', inputs: [{ dims: [2, 3, 4, 5] }, { dims: [], values: [0.5], constant: true }] },
    {
      name: 'training_mode off',
      inputs: [{ dims: [9] }, null, { dims: [], type: 'bool', values: [0], constant: true }],
    },
  ],
});
