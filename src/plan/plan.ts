import * as X from '../../assembly/abi/expand.ts';
import { OP_EXPAND } from '../../assembly/abi.ts';
import { ensure } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import type { Engine, WeightFormat } from '../ops/lower.ts';
import type { Op } from '../ops/op.ts';
import { showDims } from '../tensor.ts';
import { type ArenaPlan, planArena } from './buffers.ts';
import { type ConstantLayout, ConstantPool, type PoolRef } from './constants.ts';
import { emitProgram, type PendingProgram, type StepCounter } from './emit.ts';
import { agreeOnFormats } from './formats.ts';
import { assignGeometry } from './geometry.ts';
import { type Addresses, PendingRecord } from './records.ts';
import { type Choose, type SelectOptions, selectKernels } from './select.ts';
import type { Schedule } from './types.ts';

export interface PlanOptions {
  ops: ReadonlyMap<string, Op>;
  sparse: 'auto' | 'off';
  skip?: SelectOptions['skip'];
  exits?: SelectOptions['exits'];
  choose?: Choose;
  measure?: SelectOptions['measure'];
  zeros?: SelectOptions['zeros'];
}

/** One engine class's records, addresses relative to the arena and the constants. */
interface Program {
  bytes: Uint8Array;
  /** Step of each record. */
  steps: number[];
}

/** One set of input shapes, ready to be written into a package. */
export interface Plan {
  graph: Graph;
  schedule: Schedule;
  programs: Record<Engine, Program>;
  arena: ArenaPlan;
  /** What kernels count while they run, the same in both programs. */
  counters: readonly StepCounter[];
}

/** Everything a package holds: the plans, the shared constants, and the records that `load` runs once to expand tables. */
export interface PlanSet {
  plans: Plan[];
  constants: ConstantLayout;
  init: Uint8Array;
}

export const ENGINES: readonly Engine[] = ['narrow', 'wide'];

/**
 * Plans one graph for each set of shapes; the graphs have the same nodes and weights.
 *
 * @throws ZeroskipError `UNSUPPORTED_OP` naming all nodes that no kernel can run, `OUT_OF_MEMORY` for a plan beyond a 32-bit memory
 */
export function planGraphs(graphs: readonly Graph[], options: PlanOptions): PlanSet {
  // Masked regions have their layers twice, for images and for blocks.
  const shared = graphs.length > 1 || graphs[0].nodes.some(({ op }) => op === 'BlockSelect');
  const formats = shared ? agreeOnFormats(graphs.map((g) => selectKernels(g, options))) : undefined;
  const pool = new ConstantPool();
  const pending = graphs.map((graph) => pend(graph, options, formats, pool));
  const constants = pool.layout();
  const plans = pending.map(({ graph, schedule, programs, arena }): Plan => {
    const addresses: Addresses = {
      constants,
      slot: (id) => arena.slotOffsets.get(id)!,
      constantSlot: (id) => {
        const data = schedule.slots[id]?.constant?.data;
        return data && pool.add(data);
      },
    };
    const finish = (p: PendingProgram): Program => ({ bytes: join(p.records, addresses), steps: p.steps });
    return {
      graph,
      schedule,
      arena,
      counters: programs.narrow.counters,
      programs: { narrow: finish(programs.narrow), wide: finish(programs.wide) },
    };
  });
  plans.forEach((plan, i) => {
    expectFits(plan, i, plans, constants);
  });
  return { plans, constants, init: initProgram(constants) };
}

/** What a 32-bit memory holds besides the module itself. */
const MEMORY_BYTES = 2 ** 32 - 2 ** 16;

/** Fails if a plan cannot be loaded into any memory. */
function expectFits(plan: Plan, index: number, plans: readonly Plan[], constants: ConstantLayout): void {
  const weights = constants.byteLength + constants.tableBytes;
  const code = plans.reduce((sum, { programs }) => sum + programs.wide.bytes.byteLength, 0);
  const bytes = weights + code + plan.arena.peak;
  ensure(bytes < MEMORY_BYTES, 'OUT_OF_MEMORY', () => {
    const shapes = [...plan.schedule.inputs].map(([name, { dims }]) => `'${name}' ${showDims(dims)}`).join(', ');
    return (
      `plan ${index} (${shapes || 'no inputs'}) needs ${bytes} bytes of memory, a 32-bit memory has less than ${MEMORY_BYTES}: ` +
      `${plan.arena.peak} for its values, ${weights} for weights and their tables, ${code} for programs`
    );
  });
}

function pend(
  graph: Graph,
  options: PlanOptions,
  formats: ReadonlyMap<string, WeightFormat> | undefined,
  pool: ConstantPool,
) {
  const schedule = selectKernels(graph, { ...options, formats });
  assignGeometry(schedule);
  const programs = { narrow: emitProgram(schedule, 'narrow', pool), wide: emitProgram(schedule, 'wide', pool) };
  for (const step of schedule.steps) {
    for (const ref of step.inputs) if (ref?.slot.constant) pool.add(ref.slot.constant.data);
  }
  // Both engine classes ask for the same scratch memory, so that one arena serves them.
  const arena = planArena(schedule, programs.narrow.scratch);
  return { graph, schedule, programs, arena };
}

function join(records: readonly PendingRecord[], addresses: Addresses): Uint8Array {
  const bytes = new Uint8Array(records.reduce((sum, r) => sum + r.size, 0));
  let at = 0;
  for (const record of records) {
    bytes.set(record.finish(addresses), at);
    at += record.size;
  }
  return bytes;
}

function initProgram(constants: ConstantLayout): Uint8Array {
  const addresses: Addresses = { constants, slot: () => 0, constantSlot: () => undefined };
  const records = constants.tables.map((table, blob) => {
    const dst: PoolRef = { pool: 'tables', blob };
    return new PendingRecord(OP_EXPAND, X.EXPAND_SIZE)
      .constant(X.EXPAND_NUMBERS, table.numbers)
      .int(X.EXPAND_WIDTH, table.width)
      .int(X.EXPAND_COUNT, table.count)
      .int(X.EXPAND_LIMIT, table.limit)
      .int(X.EXPAND_TAPS, table.tapCount)
      .int(X.EXPAND_CHANNEL_BYTES, table.channelBytes)
      .constant(X.EXPAND_TABLE, table.taps)
      .constant(X.EXPAND_DST, dst);
  });
  return join(records, addresses);
}
