import { DENSE, layoutSize } from '../graph/layout.ts';
import { emitConvert, emitHalo } from '../ops/common/convert.ts';
import type { Counter, Emitter, Engine, OffsetGeometry, Operand } from '../ops/lower.ts';
import type { TypedArray } from '../tensor.ts';
import { isElided, type Scratch } from './buffers.ts';
import type { ConstantPool, PoolRef } from './constants.ts';
import { PendingRecord } from './records.ts';
import type { Ref, Schedule, Slot, Step } from './types.ts';

/** The records of one engine class; `steps[i]` is the step that record i belongs to. */
export interface PendingProgram {
  records: PendingRecord[];
  steps: number[];
  scratch: Scratch[];
  counters: StepCounter[];
}

/** A counter and the step that writes it. */
export interface StepCounter extends Counter {
  step: number;
}

/** Has every step write its records. */
export function emitProgram(schedule: Schedule, engine: Engine, pool: ConstantPool): PendingProgram {
  const program: PendingProgram = { records: [], steps: [], scratch: [], counters: [] };
  let nextId = schedule.slots.length;
  // Number of records before each step.
  const starts = schedule.steps.map((step, index) => {
    const start = program.records.length;
    if (!isElided(step)) emitStep(step, new StepEmitter(step, index, engine, pool, program, () => nextId++));
    return start;
  });
  schedule.steps.forEach(({ control }, index) => {
    if (!control) return;
    const first = starts[index + 1] ?? program.records.length;
    const last = starts[index + 1 + control.steps] ?? program.records.length;
    program.records[first - 1].int(control.field, last - first);
  });
  return program;
}

function emitStep(step: Step, e: StepEmitter): void {
  if (!step.candidate) {
    emitConvert(e, e.input(0), e.output(0));
    return;
  }
  step.candidate.emit(e);
  for (const ref of step.outputs) {
    if (ref.slot.layout.kind === 'planes' && ref.slot.layout.halo) emitHalo(e, operandOf(ref));
  }
}

const operandOf = ({ slot, dims }: Ref): Operand => ({
  slot: slot.id,
  type: slot.type,
  dims,
  layout: slot.layout,
  size: layoutSize(slot.layout, slot.dims),
});

class StepEmitter implements Emitter {
  readonly engine: Engine;
  private readonly step: Step;
  private readonly index: number;
  private readonly pool: ConstantPool;
  private readonly program: PendingProgram;
  private readonly newId: () => number;

  constructor(
    step: Step,
    index: number,
    engine: Engine,
    pool: ConstantPool,
    program: PendingProgram,
    newId: () => number,
  ) {
    this.step = step;
    this.index = index;
    this.engine = engine;
    this.pool = pool;
    this.program = program;
    this.newId = newId;
  }

  get count(): number {
    return this.program.records.length;
  }

  input(index: number): Operand {
    return operandOf(this.step.inputs[index]!);
  }

  output(index = 0): Operand {
    return operandOf(this.step.outputs[index]);
  }

  record(op: number, size: number): PendingRecord {
    const record = new PendingRecord(op, size);
    this.program.records.push(record);
    this.program.steps.push(this.index);
    return record;
  }

  constant(data: TypedArray): PoolRef {
    return this.pool.add(data);
  }

  offsets(numbers: Uint16Array | Uint32Array | number, geometry: OffsetGeometry): PoolRef {
    return this.pool.offsets(numbers, geometry);
  }

  counter(counter: Counter): void {
    this.program.counters.push({ ...counter, step: this.index });
  }

  scratch(elements: number): Operand {
    const slot: Slot = {
      id: this.newId(),
      name: `${this.step.name} scratch`,
      type: 'float32',
      dims: [elements],
      layout: DENSE,
      demands: [],
      converted: false,
    };
    this.program.scratch.push({ slot, step: this.index });
    return operandOf({ slot, dims: slot.dims });
  }
}
