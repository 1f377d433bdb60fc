import { ZeroskipError } from '../errors.ts';
import type { Manifest, PlanInfo, PortInfo } from '../package/format.ts';
import { arrayOf, sizeOf, Tensor } from '../tensor.ts';
import type { Kernels } from './engine.ts';
import { choosePlan, type Feeds } from './feeds.ts';
import type { MemoryMap } from './memory.ts';
import { exitOf, outputOf, type ProfileEntry, profile, walk } from './profile.ts';

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

/** Copies that cannot be changed. */
const frozen = (ports: readonly PortInfo[]): readonly Readonly<PortInfo>[] =>
  Object.freeze(ports.map((port) => Object.freeze({ ...port, dims: Object.freeze([...port.dims]) })));

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

  /**
   * Runs step by step and reports the least time of each over five runs, and what the first run found and made zero. Values that only a
   * branch makes which this input does not take have no zeros.
   */
  profile(feeds: Feeds): ProfileEntry[] {
    const instance = this.live('profile');
    const index = choosePlan(instance.manifest, feeds);
    return profile(instance, index, () => this.write(instance, instance.manifest.plans[index], feeds));
  }

  /**
   * Runs like {@link runSync} and shows `visit` the first output of each step, if it is float32, as soon as it is made: a row-major copy.
   * Steps count as in the plan's manifest.
   */
  trace(feeds: Feeds, visit: (step: number, value: Tensor) => void): void {
    const instance = this.live('trace');
    const index = choosePlan(instance.manifest, feeds);
    const plan = instance.manifest.plans[index];
    this.write(instance, plan, feeds);
    walk(instance, index, (step) => {
      const value = outputOf(instance, plan.steps[step]);
      if (value) visit(step, new Tensor('float32', value, plan.steps[step].dims));
    });
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
}
