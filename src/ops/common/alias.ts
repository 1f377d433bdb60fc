import type { Call, Op, OpCase } from '../op.ts';
import { resultDims } from './dims.ts';

/** What one op that only renames dims adds. */
interface AliasSpec {
  name: string;
  normalize?: Op['onnx']['normalize'];
  /** Dims of the result, of as many elements as input 0 has. */
  dims(call: Call): readonly number[];
  cases: readonly OpCase[];
}

/** An op whose output 0 holds the elements of input 0, of any type, under other dims. */
export const aliasOp = (spec: AliasSpec): Op => ({
  name: spec.name,
  onnx: { normalize: spec.normalize },
  infer(call) {
    const { type } = call.input(0);
    return [{ type, dims: resultDims(call, spec.dims(call)) }];
  },
  reference: (call, [x]) => [x!.reshape(spec.dims(call))],
  alias: true,
  cases: spec.cases,
});
