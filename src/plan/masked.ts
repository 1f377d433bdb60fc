import * as C from '../../assembly/abi/control.ts';
import { MOST_ROUNDS, OP_NEXT, OP_REPEAT, OP_SKIP } from '../../assembly/abi.ts';
import type { Node } from '../graph/ir.ts';
import type { Emitter } from '../ops/lower.ts';
import type { BlockwiseRegion } from './blockwise.ts';
import { controlStep } from './branches.ts';
import type { Ref, Step } from './types.ts';

interface Scope {
  /** Index of the step that governs those behind it. */
  head: number;
  refs: [string, Ref[]][];
}

/**
 * Puts both ways of masked regions behind steps that skip one of them, and the nodes for one block into a loop:
 *
 * ```
 *   skip up to the limit   [ dense region ]
 *   skip above the limit   [ repeat  [ nodes for one block ]  next ]
 * ```
 */
export class MaskedSteps {
  private readonly steps: Step[];
  /** Slots of every value, the selector's. */
  private readonly refs: Map<string, Ref[]>;
  private readonly firsts = new Map<Node, BlockwiseRegion>();
  private readonly lasts = new Map<Node, BlockwiseRegion>();
  private readonly repeated: ReadonlySet<Node>;
  private readonly open: Scope[] = [];
  private denseNs = 0;
  /** Most active blocks for which the current region runs block by block. */
  private limit = { blocks: 0 };

  constructor(regions: readonly BlockwiseRegion[], steps: Step[], refs: Map<string, Ref[]>) {
    this.steps = steps;
    this.refs = refs;
    this.repeated = new Set(regions.flatMap(({ blocks }) => blocks));
    for (const region of regions) {
      for (const nodes of [region.dense, region.blocks]) {
        this.firsts.set(nodes[0], region);
        this.lasts.set(nodes[nodes.length - 1], region);
      }
    }
  }

  /** Whether a node runs once for each active block. */
  isRepeated(node: Node): boolean {
    return this.repeated.has(node);
  }

  /** Opens what begins with `node`. */
  enter(node: Node): void {
    const region = this.firsts.get(node);
    if (!region) return;
    if (!this.isRepeated(node)) {
      this.limit = { blocks: 0 };
      this.begin(this.skip(region, false));
      return;
    }
    this.begin(this.skip(region, true));
    this.begin(this.loop(region));
  }

  /** Closes what ends with `node`. */
  leave(node: Node): void {
    const region = this.lasts.get(node);
    if (!region) return;
    const steps = this.end();
    const ns = steps.reduce((sum, { node: own, cost }) => sum + (own ? cost : 0), 0);
    if (!this.isRepeated(node)) {
      this.denseNs = ns;
      return;
    }
    for (const step of steps) step.repeated = true;
    this.steps.push(this.step(region, 'next', (e) => void e.record(OP_NEXT, C.NEXT_SIZE)));
    this.end();
    this.limit.blocks = blockLimit(region, this.denseNs, ns);
  }

  private begin(head: Step): void {
    const refs = [...this.refs].map(([name, own]) => [name, [...own]] as [string, Ref[]]);
    this.open.push({ head: this.steps.push(head) - 1, refs });
  }

  /** The steps of the innermost scope. What they have converted for themselves is not there for others: they may not have run. */
  private end(): Step[] {
    const { head, refs } = this.open.pop()!;
    for (const [name, own] of refs) this.refs.set(name, own);
    const inner = this.steps.slice(head + 1);
    this.steps[head].control!.steps = inner.length;
    return inner;
  }

  /** Passes over a scope if more blocks are active than the limit (`above`), or if not. */
  private skip(region: BlockwiseRegion, above: boolean): Step {
    const { limit } = this;
    return this.step(region, above ? 'skip__above' : 'skip__up_to', (e) => {
      const [operand, total] = [e.input(0), region.total];
      e.record(OP_SKIP, C.SKIP_SIZE)
        .at(C.SKIP_VALUE, operand)
        .int(C.SKIP_TYPE, C.SKIP_U32)
        .int(C.SKIP_LIMIT, limit.blocks)
        .int(C.SKIP_ABOVE, above ? 1 : 0);
      if (!above) e.counter({ unit: 'blocks', operand, element: 0, total, limit: limit.blocks });
    });
  }

  private loop(region: BlockwiseRegion): Step {
    const step = this.step(region, 'repeat', (e) => {
      e.record(OP_REPEAT, C.REPEAT_SIZE)
        .at(C.REPEAT_COUNT, e.input(0))
        .int(C.REPEAT_LIMIT, Math.min(region.total, MOST_ROUNDS));
    });
    step.control = { field: C.REPEAT_RECORDS, steps: 0, loop: true };
    return step;
  }

  private step({ name, list }: BlockwiseRegion, kernel: string, emit: (e: Emitter) => void): Step {
    const step = controlStep('Blocks', name, kernel, [this.refs.get(list)![0]], [], emit);
    if (kernel === 'next') delete step.control;
    return step;
  }
}

/** Blocks up to which the loop is modelled to be faster than the dense region, or what the region asks for. */
function blockLimit({ total, limit }: BlockwiseRegion, denseNs: number, blockNs: number): number {
  const blocks = limit < 0 ? Math.floor(denseNs / blockNs) : Math.floor(limit * total);
  return Math.min(blocks, total, MOST_ROUNDS);
}
