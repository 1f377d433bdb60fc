import { readFileSync } from 'node:fs';
import { MODULE_BYTES, OP_NEXT, REC_OP, REC_SIZE } from '../../assembly/abi.ts';
import { type Package, readPackage } from '../../src/package/read.ts';
import { type Build, bindKernels, type Kernels, type Variant } from '../../src/runtime/engine.ts';
import { placesOf, prepare } from '../../src/runtime/load.ts';
import { type MemoryMap, mapMemory } from '../../src/runtime/memory.ts';
import { arrayOf, sizeOf, Tensor, tensorBytes } from '../../src/tensor.ts';

const PAGE = 65536;

/** A NaN that no kernel makes: memory that nobody has written shows in results, and writes show in memory. */
export const CANARY = 0x7fc0dead;

const modules = new Map<Build, WebAssembly.Module>();

export function moduleOf(build: Build): WebAssembly.Module {
  let module = modules.get(build);
  if (!module) {
    module = new WebAssembly.Module(readFileSync(new URL(`../../dist/wasm/zeroskip.${build}.wasm`, import.meta.url)));
    modules.set(build, module);
  }
  return module;
}

/** The kernels over one memory that many small packages use one after the other. */
export class Machine {
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  readonly bytes: Uint8Array;

  private constructor(kernels: Kernels, memory: WebAssembly.Memory) {
    this.kernels = kernels;
    this.memory = memory;
    this.bytes = new Uint8Array(memory.buffer);
  }

  static async open(variant: Variant, pages: number): Promise<Machine> {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    return new Machine(await bindKernels(moduleOf(variant), memory, moduleOf(`${variant}-extra`)), memory);
  }

  /**
   * Places a package as `load` does.
   * @throws ZeroskipError as `load` does
   */
  load(pkg: Package | Uint8Array, engine: 'narrow' | 'wide'): Placed {
    const read = pkg instanceof Uint8Array ? readPackage(pkg) : pkg;
    const map = mapMemory(read, engine);
    if (map.bytes > this.bytes.length) throw new RangeError(`the machine has less than ${map.bytes} bytes`);
    this.bytes.fill(0, MODULE_BYTES, map.bytes);
    for (const [section, at] of placesOf(read.manifest, map, engine)) this.bytes.set(read.sections[section], at);
    prepare(read.manifest, this.kernels, this.memory, map, engine);
    return new Placed(this, read, map, engine);
  }
}

export const pagesFor = (map: MemoryMap): number => map.bytes / PAGE;

/** A package in the memory of a machine. */
export class Placed {
  readonly machine: Machine;
  readonly pkg: Package;
  readonly map: MemoryMap;
  readonly engine: 'narrow' | 'wide';

  constructor(machine: Machine, pkg: Package, map: MemoryMap, engine: 'narrow' | 'wide') {
    this.machine = machine;
    this.pkg = pkg;
    this.map = map;
    this.engine = engine;
  }

  /** Fills the arena and everything behind it. */
  fill(pattern: number): void {
    const { map, machine } = this;
    new Uint32Array(machine.memory.buffer, map.arena, (map.bytes - map.arena) / 4).fill(pattern);
  }

  write(feeds: Readonly<Record<string, Tensor>>, plan = 0): void {
    const { manifest } = this.pkg;
    manifest.inputs.forEach(({ name }, i) => {
      this.machine.bytes.set(tensorBytes(feeds[name]), this.map.arena + manifest.plans[plan].inputOffsets[i]);
    });
  }

  read(plan = 0): Record<string, Tensor> {
    const { manifest } = this.pkg;
    const { outputs, outputOffsets } = manifest.plans[plan];
    const found: Record<string, Tensor> = Object.create(null);
    manifest.outputs.forEach(({ name, type }, i) => {
      const view = new (arrayOf(type))(
        this.machine.memory.buffer,
        this.map.arena + outputOffsets[i],
        sizeOf(outputs[i]),
      );
      found[name] = new Tensor(type, view.slice(), outputs[i]);
    });
    return found;
  }

  run(plan = 0): void {
    const { first, last } = this.map.plans[plan];
    this.machine.kernels.run(first, last, 0, 1);
  }

  /** Runs record by record, each by `threads` threads in turn; `after` sees the step that each record belongs to. */
  runRecords(threads: number, after: (step: number) => void = () => undefined, plan = 0): void {
    const { steps } = this.pkg.manifest.plans[plan][this.engine];
    const records = this.records(this.map.plans[plan]);
    for (let i = 0; i < records.length; ) {
      const { op, at, size } = records[i];
      let next = at;
      // The instance stands for all threads, so what counts the rounds of a loop runs once.
      for (let thread = 0; thread < (op === OP_NEXT ? 1 : threads); thread++)
        next = this.machine.kernels.run(at, at + size, thread, threads);
      after(steps[i]);
      const following = records.findIndex((record) => record.at === next);
      i = following < 0 ? records.length : following;
    }
  }

  /** Op codes of all records, those that expand tables included. */
  opCodes(): number[] {
    return [this.map.init, ...this.map.plans].flatMap((range) => this.records(range)).map(({ op }) => op);
  }

  records({ first, last }: { first: number; last: number }): { op: number; at: number; size: number }[] {
    const view = new DataView(this.machine.memory.buffer);
    const list: { op: number; at: number; size: number }[] = [];
    for (let at = first; at < last; ) {
      const size = view.getUint32(at + REC_SIZE, true);
      list.push({ op: view.getUint32(at + REC_OP, true), at, size });
      at += size;
    }
    return list;
  }
}
