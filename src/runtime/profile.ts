import { REC_SIZE } from '../../assembly/abi.ts';
import type { ExitInfo, PlanInfo, StepInfo } from '../package/format.ts';
import { sizeOf } from '../tensor.ts';
import type { Instance } from './model.ts';

/** What one kernel call did with one input; `ms`, its time, is null where the host's clock stands still. */
export interface ProfileEntry extends StepInfo {
  ms: number | null;
  /** Units that this input left live, where the step can skip others. */
  live?: number;
  /** Elements that were exactly zero in operand 0 and in output 0, out of `source.size` and those of `dims`. */
  zerosIn?: number;
  zerosOut?: number;
  /** True where this input let the whole step be skipped: a branch not taken, what stands behind an exit. */
  skipped?: true;
  /** Of an exit: whether it ended the run. */
  taken?: boolean;
  /** Multiplications done: those that the weights leave, less what was skipped. */
  done?: number;
}

const RUNS = 5;

/** Runs a plan record by record. `leave` hears of each step whose last record has run, `ran` of each record and its time. */
export function walk(
  { kernels, memory, map, manifest, engine }: Instance,
  index: number,
  leave: (step: number) => void,
  ran?: (step: number, ms: number) => void,
): void {
  const view = new DataView(memory.buffer);
  const { first, last } = map.plans[index];
  const steps = new Map<number, number>();
  let end = first;
  for (const step of manifest.plans[index][engine].steps) {
    steps.set(end, step);
    end += view.getUint32(end + REC_SIZE, true);
  }
  for (let at = first; at < last; ) {
    const start = performance.now();
    const next = kernels.run(at, at + view.getUint32(at + REC_SIZE, true), 0, 1);
    const step = steps.get(at)!;
    ran?.(step, performance.now() - start);
    if (steps.get(next) !== step) leave(step);
    at = next;
  }
}

/** The exit that ended the last run, if one did. */
export function exitOf({ memory, map }: Instance, plan: PlanInfo): ExitInfo | undefined {
  if (!plan.exits) return undefined;
  const view = new DataView(memory.buffer, map.arena);
  return plan.exits.find(({ at, threshold }) => view.getFloat32(at, true) > Math.fround(threshold));
}

/** Row-major copy of the first output of a step, where it is float32. */
export function outputOf({ memory, map }: Instance, { dims, view }: StepInfo): Float32Array | undefined {
  if (!view) return undefined;
  const { at, strides } = view;
  const data = new Float32Array(memory.buffer, map.arena);
  const value = new Float32Array(sizeOf(dims));
  const last = dims.length - 1;
  let size = 0;
  const copy = (axis: number, first: number): void => {
    const count = dims[axis];
    const stride = strides[axis];
    if (axis === last && stride === 1) {
      value.set(data.subarray(first, first + count), size);
      size += count;
      return;
    }
    for (let i = 0, from = first; i < count; i++, from += stride) {
      if (axis < last) copy(axis + 1, from);
      else value[size++] = data[from];
    }
  };
  if (last < 0) value[0] = data[at / 4];
  else copy(0, at / 4);
  return value;
}

const countZeros = (value: Float32Array): number => value.reduce((n, x) => (x === 0 ? n + 1 : n), 0);

/** {@link Model.profile} of a plan; `feed` writes its inputs. */
export function profile(instance: Instance, index: number, feed: () => void): ProfileEntry[] {
  const { manifest, memory, map, engine } = instance;
  const { steps, inputs, inputOffsets, [engine]: program } = manifest.plans[index];
  const live: number[] = [];
  const zeros: (number | undefined)[] = [];
  feed();
  const fed = manifest.inputs.map(({ type }, i) =>
    type === 'float32'
      ? countZeros(new Float32Array(memory.buffer, map.arena + inputOffsets[i], sizeOf(inputs[i])))
      : undefined,
  );
  const ran = new Set<number>();
  walk(instance, index, (step) => {
    ran.add(step);
    const { dynamic } = steps[step];
    if (dynamic) live[step] = new DataView(memory.buffer).getUint32(map.arena + dynamic.at, true);
    const value = outputOf(instance, steps[step]);
    zeros[step] = value && countZeros(value);
  });
  const exit = exitOf(instance, manifest.plans[index]);
  const taken = exit && manifest.outputs[exit.output].name;
  const best = steps.map(() => Number.POSITIVE_INFINITY);
  for (let i = 0; i < RUNS; i++) {
    feed();
    const times = steps.map(() => 0);
    const add = (step: number, ms: number): void => {
      times[step] += ms;
    };
    walk(instance, index, () => {}, add);
    times.forEach((ms, step) => {
      best[step] = Math.min(best[step], ms);
    });
  }
  const frozen = best.every((ms) => ms === 0);
  const entry = (step: StepInfo, i: number): ProfileEntry => {
    const { dynamic, macs, source } = step;
    const skips = dynamic && live[i] <= dynamic.limit;
    return {
      ...structuredClone(step),
      ms: frozen ? null : best[i],
      live: live[i],
      zerosIn: source && (source.zeros ?? (source.step === undefined ? fed[source.input!] : zeros[source.step])),
      zerosOut: zeros[i],
      done: macs && (ran.has(i) ? macs.kept * (skips ? live[i] / dynamic.total : 1) : 0),
      ...(!ran.has(i) && { skipped: true as const }),
      ...(step.op === 'Exit' && ran.has(i) && { taken: step.node === taken }),
    };
  };
  return steps.map(entry).filter((_, i) => program.steps.includes(i));
}
