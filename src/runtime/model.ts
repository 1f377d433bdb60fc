import { REC_SIZE } from '../../assembly/abi.ts';
import { ZeroskipError } from '../errors.ts';
import type { ExitInfo, Manifest, PlanInfo, PortInfo, StepInfo } from '../package/format.ts';
import { arrayOf, sizeOf, Tensor } from '../tensor.ts';
import type { Kernels } from './engine.ts';
import { choosePlan, type Feeds } from './feeds.ts';
import type { MemoryMap } from './memory.ts';

/** Time of one kernel call; `ms` is null where the host's clock stands still. */
export interface ProfileEntry extends StepInfo {
  ms: number | null;
  /** Units that this input left live, where the step can skip others. */
  live?: number;
  /** True where this input let the whole step be skipped: a branch not taken, what stands behind an exit. */
  skipped?: true;
  /** Of an exit: whether it ended the run. */
  taken?: boolean;
}

/** Results of a package with exits: an output that was not computed is absent. */
export type Outputs = Partial<Record<string, Tensor>>;

/** What `load` hands to the model. */
export interface Instance {
  manifest: Manifest;
  kernels: Kernels;
  memory: WebAssembly.Memory;
  map: MemoryMap;
  engine: 'narrow' | 'wide';
}

const PROFILE_RUNS = 5;

/** Copies that cannot be changed. */
const frozen = (ports: readonly PortInfo[]): readonly Readonly<PortInfo>[] =>
  Object.freeze(ports.map((port) => Object.freeze({ ...port, dims: Object.freeze([...port.dims]) })));

/** The exit that ended the last run, if one did. */
function exitOf({ memory, map }: Instance, plan: PlanInfo): ExitInfo | undefined {
  const view = new DataView(memory.buffer, map.arena);
  return plan.exits?.find(({ at, threshold }) => view.getFloat32(at, true) > Math.fround(threshold));
}

/** A loaded package: one Wasm instance with a memory of its own. */
export class Model {
  readonly name: string;
  readonly inputs: readonly Readonly<PortInfo>[];
  readonly outputs: readonly Readonly<PortInfo>[];
  readonly metadata: Readonly<Record<string, string>>;
  /** The Wasm build and the engine class that `load` chose. */
  readonly variant: 'simd' | 'relaxed';
  readonly engine: 'narrow' | 'wide';
  /** Bytes of the instance's memory, and of its largest arena. */
  readonly memoryBytes: number;
  readonly arenaBytes: number;
  private instance: Instance | undefined;

  constructor(instance: Instance) {
    const { manifest, map } = instance;
    this.instance = instance;
    this.name = manifest.name;
    this.inputs = frozen(manifest.inputs);
    this.outputs = frozen(manifest.outputs);
    this.metadata = Object.freeze(Object.assign(Object.create(null), manifest.metadata));
    this.variant = instance.kernels.variant;
    this.engine = instance.engine;
    this.memoryBytes = map.bytes;
    this.arenaBytes = map.arenaEnd - map.arena;
  }

  /**
   * Runs the plan whose input dims equal those of `feeds`. Calls on one model are done in order, and each has read its feeds when it
   * returns. Where the package has exits, outputs that were not computed are absent: `run<Outputs>(feeds)` has that in its type.
   * @throws ZeroskipError (rejects) as {@link runSync}
   */
  run<R extends Outputs = Record<string, Tensor>>(feeds: Feeds): Promise<R> {
    return new Promise((resolve) => {
      resolve(this.runSync<R>(feeds));
    });
  }

  /**
   * Like {@link run}, at once. Outputs are copies in an object without prototype.
   * @throws ZeroskipError `MISSING_INPUT`, `INVALID_ARGUMENT`, `TYPE_MISMATCH`, `SHAPE_MISMATCH`, `DISPOSED`
   */
  runSync<R extends Outputs = Record<string, Tensor>>(feeds: Feeds): R {
    const instance = this.live('run');
    const index = choosePlan(instance.manifest, feeds);
    const plan = instance.manifest.plans[index];
    this.write(instance, plan, feeds);
    const { first, last } = instance.map.plans[index];
    instance.kernels.run(first, last, 0, 1);
    return this.read(instance, plan) as R;
  }

  /** Runs record by record and reports the least time of each kernel call over five runs. */
  profile(feeds: Feeds): ProfileEntry[] {
    const instance = this.live('profile');
    const index = choosePlan(instance.manifest, feeds);
    const plan = instance.manifest.plans[index];
    const { first, last } = instance.map.plans[index];
    const view = new DataView(instance.memory.buffer);
    const live = new Map<number, number>();
    const ran = new Set<number>();
    const stepOf = this.stepsByRecord(instance, index);
    const best = new Array<number>(plan.steps.length).fill(Number.POSITIVE_INFINITY);
    for (let i = 0; i <= PROFILE_RUNS; i++) {
      this.write(instance, plan, feeds);
      const times = new Array<number>(plan.steps.length).fill(0);
      for (let at = first; at < last; ) {
        const start = performance.now();
        const next = instance.kernels.run(at, at + view.getUint32(at + REC_SIZE, true), 0, 1);
        const step = stepOf.get(at)!;
        times[step] += performance.now() - start;
        ran.add(step);
        const counter = plan.steps[step].dynamic;
        if (counter) live.set(step, view.getUint32(instance.map.arena + counter.at, true));
        at = next;
      }
      times.forEach((ms, step) => {
        best[step] = Math.min(best[step], ms);
      });
    }
    const { manifest } = instance;
    const exit = exitOf(instance, plan);
    const frozen = best.every((ms) => ms === 0);
    return plan.steps
      .map((step, i) => ({
        ...structuredClone(step),
        ms: frozen ? null : best[i],
        ...(live.has(i) && { live: live.get(i) }),
        ...(!ran.has(i) && { skipped: true as const }),
        ...(step.op === 'Exit' && ran.has(i) && { taken: step.node === (exit && manifest.outputs[exit.output].name) }),
      }))
      .filter((_, i) => plan[instance.engine].steps.includes(i));
  }

  /** Gives the memory back; later calls fail with `DISPOSED`. */
  dispose(): void {
    this.instance = undefined;
  }

  private live(what: string): Instance {
    if (!this.instance) throw new ZeroskipError('DISPOSED', `${what}: the model has been disposed`);
    return this.instance;
  }

  private write({ manifest, memory, map }: Instance, plan: PlanInfo, feeds: Feeds): void {
    const bytes = new Uint8Array(memory.buffer);
    manifest.inputs.forEach(({ name }, i) => {
      const { data } = feeds[name];
      bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), map.arena + plan.inputOffsets[i]);
    });
  }

  private read(instance: Instance, plan: PlanInfo): Outputs {
    const { manifest, memory, map } = instance;
    const outputs: Outputs = Object.create(null);
    const exit = exitOf(instance, plan);
    manifest.outputs.forEach(({ name, type }, i) => {
      if (exit && !exit.outputs.includes(i)) return;
      const view = new (arrayOf(type))(memory.buffer, map.arena + plan.outputOffsets[i], sizeOf(plan.outputs[i]));
      outputs[name] = new Tensor(type, view.slice(), plan.outputs[i]);
    });
    return outputs;
  }

  /** The step that each record of a plan belongs to, by its address. */
  private stepsByRecord({ memory, map, manifest, engine }: Instance, index: number): Map<number, number> {
    const view = new DataView(memory.buffer);
    const steps = new Map<number, number>();
    let at = map.plans[index].first;
    for (const step of manifest.plans[index][engine].steps) {
      steps.set(at, step);
      at += view.getUint32(at + REC_SIZE, true);
    }
    return steps;
  }
}
