import { Buffer } from 'node:buffer';
import { MODULE_BYTES, MODULE_LISTS } from '../../assembly/abi.ts';
import { slotBytes } from '../../src/plan/buffers.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Slot } from '../../src/plan/types.ts';
import type { Placed } from './machine.ts';

/** Bytes `[from, to)` of memory. */
export type Span = readonly [from: number, to: number];

const LISTS: Span = [MODULE_LISTS, MODULE_BYTES];

/** Remembers all of a package's memory and says where it has changed. */
export class Guard {
  private readonly memory: Uint8Array;
  private readonly before: Uint8Array;

  constructor(placed: Placed) {
    this.memory = placed.machine.bytes.subarray(0, placed.map.bytes);
    this.before = this.memory.slice();
  }

  /** The first byte outside of `allowed` and of the lists that kernels keep in the module's own data that differs, or undefined; remembers the memory as it is now. */
  check(allowed: readonly Span[]): number | undefined {
    const { memory, before } = this;
    const sorted = [...allowed, LISTS].sort((a, b) => a[0] - b[0]);
    let at = 0;
    for (const [from, to] of [...sorted, [memory.length, memory.length] as const]) {
      if (at < from && Buffer.compare(memory.subarray(at, from), before.subarray(at, from)) !== 0) {
        for (let i = at; i < from; i++) if (memory[i] !== before[i]) return i;
      }
      at = Math.max(at, to);
    }
    before.set(memory);
    return undefined;
  }
}

/** What the records of each step may write: the slots of its outputs and its scratch memory. */
export function outputSpans({ schedule, arena }: Plan, placed: Placed): Span[][] {
  const span = (slot: Slot): Span => {
    const from = placed.map.arena + arena.slotOffsets.get(slot.id)!;
    return [from, from + slotBytes(slot)];
  };
  return schedule.steps.map((step, i) => [
    ...step.outputs.map(({ slot }) => span(slot)),
    ...arena.scratch.filter((s) => s.step === i).map((s) => span(s.slot)),
  ]);
}
