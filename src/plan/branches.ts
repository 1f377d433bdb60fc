import * as C from '../../assembly/abi/control.ts';
import { OP_SKIP } from '../../assembly/abi.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { isWithin, type Region, type Regions, regionsOf } from '../graph/regions.ts';
import type { Emitter, Operand } from '../ops/lower.ts';
import type { Ref, Step } from './types.ts';

/** Writes a control record that skips the steps behind it if the element of `operand` lies above `limit`, or if it does not. */
export function emitStepSkip(e: Emitter, operand: Operand, type: 'u8' | 'f32', limit: number, above: boolean): void {
  const record = e
    .record(OP_SKIP, C.SKIP_SIZE)
    .at(C.SKIP_VALUE, operand)
    .int(C.SKIP_TYPE, type === 'u8' ? C.SKIP_U8 : C.SKIP_F32)
    .int(C.SKIP_ABOVE, above ? 1 : 0);
  if (type === 'f32') record.float(C.SKIP_LIMIT, limit);
  else record.int(C.SKIP_LIMIT, limit);
}

/** A step that decides whether the steps behind it run; `emit` ends with {@link emitStepSkip}. */
export const controlStep = (
  op: string,
  name: string,
  kernel: string,
  inputs: Ref[],
  outputs: Ref[],
  emit: (e: Emitter) => void,
): Step => ({
  node: undefined,
  name,
  op,
  kernel,
  inputs,
  outputs,
  candidate: { kernel, cost: 0, inputs: inputs.map(() => ({ kind: 'dense' })), output: 'dense', emit },
  alternatives: [],
  cost: 0,
  readers: 0,
  control: { field: C.SKIP_RECORDS, steps: 0, loop: false },
});

/** Puts the steps of every branch behind a step that skips them unless the branch is taken. Branches nest. */
export class BranchSteps {
  private readonly regions: Regions;
  private readonly steps: Step[];
  private readonly conditionOf: (name: string) => Ref;
  private region: Region;
  /** Indices of the skips of the regions from the root to the current one. */
  private readonly open: number[] = [];
  /** Regions of conversions, by what they make; what nodes make is seen by all their readers. */
  private readonly converted = new Map<Ref, Region>();

  constructor(graph: Graph, steps: Step[], conditionOf: (name: string) => Ref) {
    this.regions = regionsOf(graph.nodes, graph.outputs);
    this.steps = steps;
    this.conditionOf = conditionOf;
    this.region = this.regions.root;
  }

  /** Opens and closes branches so that the steps of `node` may come next. */
  enter(node: Node): void {
    const target = this.regions.of(node);
    while (!isWithin(target, this.region)) this.close();
    const path: Region[] = [];
    for (let at = target; at !== this.region; at = at.parent!) path.push(at);
    for (const region of path.reverse()) this.skipUnless(region);
  }

  /** Closes all branches. */
  leave(): void {
    while (this.region.parent) this.close();
  }

  /** Notes that a conversion in the current branch makes `ref`. */
  made(ref: Ref): void {
    this.converted.set(ref, this.region);
  }

  /** Whether `ref` is written whenever the current branch runs. */
  sees(ref: Ref): boolean {
    const region = this.converted.get(ref);
    return !region || isWithin(this.region, region);
  }

  private skipUnless(region: Region): void {
    const { condition, taken } = region;
    const ref = this.conditionOf(condition);
    const kernel = `skip__if_${taken ? 'false' : 'true'}`;
    const emit = (e: Emitter): void => emitStepSkip(e, e.input(0), 'u8', 0, !taken);
    this.open.push(this.steps.push(controlStep('If', condition, kernel, [ref], [], emit)) - 1);
    this.region = region;
  }

  private close(): void {
    const index = this.open.pop()!;
    this.steps[index].control!.steps = this.steps.length - 1 - index;
    this.region = this.region.parent!;
  }
}
