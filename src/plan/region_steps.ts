import * as C from '../../assembly/abi/control.ts';
import { MOST_ROUNDS, OP_NEXT, OP_REPEAT, OP_SKIP } from '../../assembly/abi.ts';
import type { Candidate, Emitter } from '../ops/lower.ts';
import type { BlockwiseRegion } from './blockwise.ts';
import type { Ref, Step } from './types.ts';

/** Most active blocks for which a region runs block by block, once it is known. */
export interface BlockLimit {
  blocks: number;
}

const controlStep = (
  region: BlockwiseRegion,
  kernel: string,
  list: Ref,
  emit: (e: Emitter) => void,
  control?: Step['control'],
): Step => ({
  node: undefined,
  name: region.name,
  op: 'Control',
  kernel,
  inputs: [list],
  outputs: [],
  candidate: { kernel, cost: 0, inputs: [{ kind: 'dense' }], output: 'dense', emit } satisfies Candidate,
  alternatives: [],
  cost: 0,
  readers: 0,
  control,
});

/** Passes over the steps behind it if more blocks are active than `limit` (`above`), or if not; `steps` is filled in at their end. */
export function skipStep(region: BlockwiseRegion, list: Ref, limit: BlockLimit, above: boolean): Step {
  const emit = (e: Emitter): void => {
    e.record(OP_SKIP, C.SKIP_SIZE)
      .at(C.SKIP_VALUE, e.input(0))
      .int(C.SKIP_TYPE, C.SKIP_U32)
      .int(C.SKIP_LIMIT, limit.blocks)
      .int(C.SKIP_ABOVE, above ? 1 : 0);
    if (!above)
      e.counter({ unit: 'blocks', operand: e.input(0), element: 0, total: region.total, limit: limit.blocks });
  };
  return controlStep(region, above ? 'skip_above' : 'skip_up_to', list, emit, {
    field: C.SKIP_RECORDS,
    steps: 0,
    loop: false,
  });
}

/** Runs the steps behind it once for each active block; a {@link nextStep} closes them. */
export function loopStep(region: BlockwiseRegion, list: Ref): Step {
  const emit = (e: Emitter): void => {
    e.record(OP_REPEAT, C.REPEAT_SIZE)
      .at(C.REPEAT_COUNT, e.input(0))
      .int(C.REPEAT_LIMIT, Math.min(region.total, MOST_ROUNDS));
  };
  return controlStep(region, 'repeat', list, emit, { field: C.REPEAT_RECORDS, steps: 0, loop: true });
}

export const nextStep = (region: BlockwiseRegion, list: Ref): Step =>
  controlStep(region, 'next', list, (e) => {
    e.record(OP_NEXT, C.NEXT_SIZE);
  });

/** Blocks up to which the loop is modelled to be faster than the dense region, or what the region asks for. */
export function blockLimit({ total, limit }: BlockwiseRegion, denseNs: number, blockNs: number): number {
  const blocks = limit < 0 ? Math.floor(denseNs / blockNs) : Math.floor(limit * total);
  return Math.min(blocks, total, MOST_ROUNDS);
}
