import { CHECK_LOOP, CHECK_OP, CHECK_SIZE, SLACK } from '../../assembly/abi.ts';
import { ZeroskipError } from '../errors.ts';
import { type Package, readPackage } from '../package/read.ts';
import { bindKernels, chooseVariant, compiledModule, type Kernels, type Variant } from './engine.ts';
import { engineClass } from './features.ts';
import { allocate, type MemoryMap, mapMemory, placeProgram, type Range } from './memory.ts';
import { Model } from './model.ts';
import { type PackageSource, sourceBytes } from './source.ts';

export interface LoadOptions {
  /** A compiled build (`zeroskip/wasm/simd` or `/relaxed`), where the host may not compile bytes itself. */
  module?: WebAssembly.Module;
  /** The Wasm build to use; unset: `relaxed` where host and package allow it. */
  target?: Variant;
  /** Most memory the model may take, 1 GiB unless set. */
  maxBytes?: number;
  /** Only 1 so far. */
  threads?: number;
  /** Class of kernels to use; unset: detected. */
  engine?: 'narrow' | 'wide';
}

const DEFAULT_MAX_BYTES = 2 ** 30;

/**
 * Loads a package: checks it, instantiates the kernels over a memory of exactly the size it needs, expands its tables, and checks every
 * record against the memory.
 *
 * @throws ZeroskipError `INVALID_PACKAGE`, `OUT_OF_MEMORY`, `UNSUPPORTED_HOST`, `FILE_ERROR`, `INVALID_ARGUMENT`
 */
export async function load(source: PackageSource, options: LoadOptions = {}): Promise<Model> {
  checkOptions(options);
  const pkg = readPackage(await sourceBytes(source));
  const variant = chooseVariant(pkg.manifest.target, options.target);
  const engine = options.engine ?? engineClass();
  const module = options.module ?? (await compiledModule(variant));
  const map = mapMemory(pkg, engine);
  const memory = allocate(map.bytes, options.maxBytes ?? DEFAULT_MAX_BYTES);
  const kernels = await bindKernels(module, memory);
  if (options.target && kernels.variant !== options.target) {
    throw new ZeroskipError(
      'INVALID_ARGUMENT',
      `load: target '${options.target}' asked for, the module is the ${kernels.variant} build`,
    );
  }
  place(pkg, memory, map, engine);
  prepare(pkg, kernels, map, engine);
  return new Model({ manifest: pkg.manifest, kernels, memory, map, engine });
}

const KNOWN = ['module', 'target', 'maxBytes', 'threads', 'engine'];

function checkOptions(options: LoadOptions): void {
  const fail = (message: string): never => {
    throw new ZeroskipError('INVALID_ARGUMENT', `load: ${message}`);
  };
  if (typeof options !== 'object' || options === null) fail('the options are an object');
  for (const key of Object.keys(options)) {
    if (!KNOWN.includes(key)) fail(`unknown option '${key}'; the options are ${KNOWN.join(', ')}`);
  }
  const { threads, maxBytes, target, engine, module } = options;
  if (threads !== undefined && threads !== 1) fail(`threads is 1, found ${threads}`);
  if (maxBytes !== undefined && !(typeof maxBytes === 'number' && maxBytes > 0))
    fail(`maxBytes is a positive number, found ${maxBytes}`);
  if (target !== undefined && target !== 'simd' && target !== 'relaxed')
    fail(`target is 'simd' or 'relaxed', found '${target}'`);
  if (engine !== undefined && engine !== 'narrow' && engine !== 'wide')
    fail(`engine is 'narrow' or 'wide', found '${engine}'`);
  if (module !== undefined && !(module instanceof WebAssembly.Module)) fail('module is a WebAssembly.Module');
}

/** Copies constants and programs to where `map` says, addresses made absolute. */
export function place(pkg: Package, memory: WebAssembly.Memory, map: MemoryMap, engine: 'narrow' | 'wide'): void {
  const { manifest, sections } = pkg;
  new Uint8Array(memory.buffer).set(sections[manifest.constants], map.constants);
  placeProgram(memory, sections[manifest.init], map.init.first, map);
  manifest.plans.forEach((plan, i) => {
    placeProgram(memory, sections[plan[engine].section], map.plans[i].first, map);
  });
}

/** Checks and runs the records that expand tables, closes the tables, then checks the plans. */
export function prepare(pkg: Package, kernels: Kernels, map: MemoryMap, engine: 'narrow' | 'wide'): void {
  const { manifest } = pkg;
  kernels.setBounds(map.constants, map.arena, map.arena, SLACK, map.tables, map.tablesEnd);
  checkRange(kernels, map.init, () => 'the records that expand its tables');
  kernels.run(map.init.first, map.init.last, 0, 1);
  manifest.plans.forEach((plan, i) => {
    kernels.setBounds(map.constants, map.arena, map.arena + plan.arenaBytes, SLACK, map.tables, map.tables);
    const records = checkRange(kernels, map.plans[i], (record) => {
      const step = plan.steps[plan[engine].steps[record]];
      return step ? `${step.op} '${step.node}'` : 'a plan';
    });
    if (records !== plan[engine].steps.length) {
      throw new ZeroskipError(
        'INVALID_PACKAGE',
        `package: plan ${i} lists ${plan[engine].steps.length} records, its program has ${records}`,
      );
    }
  });
}

/** @returns the number of records */
function checkRange(kernels: Kernels, { first, last }: Range, describe: (record: number) => string): number {
  const result = kernels.check(first, last);
  const record = Number((result >> 32n) & 0xffffffffn);
  const wrong = Number(result & 0xffffffffn);
  if (wrong === 0) return record;
  const what =
    wrong === CHECK_OP
      ? 'has an unknown op code'
      : wrong === CHECK_SIZE
        ? 'has a wrong size'
        : wrong === CHECK_LOOP
          ? 'breaks a loop'
          : `has an operand outside of its region (field ${wrong})`;
  throw new ZeroskipError('INVALID_PACKAGE', `package: record ${record} (${describe(record)}) ${what}`);
}
