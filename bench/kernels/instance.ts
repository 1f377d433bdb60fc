import { REC_OP, REC_SIZE } from '../../assembly/abi.ts';
import { ensure } from '../../src/errors.ts';
import type { StepInfo } from '../../src/package/format.ts';
import { readPackage } from '../../src/package/read.ts';
import { bindKernels, chooseVariant, compiledModule } from '../../src/runtime/engine.ts';
import { engineClass } from '../../src/runtime/features.ts';
import { placesOf, prepare } from '../../src/runtime/load.ts';
import { allocate, mapMemory } from '../../src/runtime/memory.ts';

/** One node of a loaded package, ready to be called on its own. */
export interface Kernel {
  step: StepInfo;
  /** Calls the records of the node once: no conversions, nothing copied. */
  run(): void;
  /** The first input of the package. */
  input: Float32Array;
  memory: WebAssembly.Memory;
  /** Op codes and addresses of the records of the node. */
  records: readonly { op: number; at: number }[];
}

/** Loads a package and finds the records of `node`. The program has run once, on random input. */
export async function kernelOf(bytes: Uint8Array, node: string, random: () => number): Promise<Kernel> {
  const pkg = readPackage(bytes);
  const { manifest } = pkg;
  const engine = engineClass();
  const variant = chooseVariant(manifest.target, undefined);
  const [core, extra] = await Promise.all([compiledModule(variant), compiledModule(`${variant}-extra`)]);
  const map = mapMemory(pkg, engine);
  const memory = allocate(map.bytes, 2 ** 31);
  const kernels = await bindKernels(core, memory, extra);
  for (const [section, at] of placesOf(manifest, map, engine))
    new Uint8Array(memory.buffer).set(pkg.sections[section], at);
  prepare(manifest, kernels, memory, map, engine);

  const [plan] = manifest.plans;
  const input = new Float32Array(
    memory.buffer,
    map.arena + plan.inputOffsets[0],
    plan.inputs[0].reduce((a, b) => a * b, 1),
  );
  for (let i = 0; i < input.length; i++) input[i] = random();
  const index = plan.steps.findIndex((step) => step.node === node && step.op !== 'Layout');
  ensure(index >= 0, 'INTERNAL', `the package has no step '${node}'`);

  const view = new DataView(memory.buffer);
  const bounds: { first: number; last: number }[] = [];
  const records: { op: number; at: number }[] = [];
  let at = map.plans[0].first;
  for (const step of plan[engine].steps) {
    const last = at + view.getUint32(at + REC_SIZE, true);
    if (step === index) {
      bounds.push({ first: at, last });
      records.push({ op: view.getUint32(at + REC_OP, true), at });
    }
    at = last;
  }
  const first = bounds[0].first;
  const last = bounds.at(-1)!.last;
  kernels.run(map.plans[0].first, last, 0, 1);
  return { step: plan.steps[index], run: () => kernels.run(first, last, 0, 1), input, memory, records };
}
