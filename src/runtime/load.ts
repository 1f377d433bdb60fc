import { CHECK_LOOP, CHECK_OP, CHECK_SIZE, SLACK } from '../../assembly/abi.ts';
import { ZeroskipError } from '../errors.ts';
import type { Manifest } from '../package/format.ts';
import { expectChecksum } from '../package/read.ts';
import { bindKernels, chooseVariant, compiledModule, type Kernels, type Variant } from './engine.ts';
import { engineClass } from './features.ts';
import { classOf, InputReader, type Progress } from './input.ts';
import { verified } from './integrity.ts';
import { allocate, type MemoryMap, mapMemory, type Range, relocate } from './memory.ts';
import { Model } from './model.ts';
import { receiveFront, receiveSections } from './receive.ts';
import { openSource, type PackageSource } from './source.ts';
import { isWasmPaths, type WasmPaths } from './wasm_files.ts';

export interface LoadOptions {
  /** A compiled build (`zeroskip/wasm/simd` or `/relaxed`), where the host may not compile bytes itself. */
  module?: WebAssembly.Module;
  /** The same for the second module (`zeroskip/wasm/simd-extra`), which only packages with rare kernels need. */
  extra?: WebAssembly.Module;
  /** Where the Wasm files are, where they are not beside the runtime: see {@link WasmPaths}. Only those that are needed are read. */
  wasmPaths?: WasmPaths;
  /** The Wasm build to use; unset: `relaxed` where host and package allow it. */
  target?: Variant;
  /** Most memory the model may take, 1 GiB unless set. */
  maxBytes?: number;
  /** Only 1 so far. */
  threads?: number;
  /** Class of kernels to use; unset: detected. */
  engine?: 'narrow' | 'wide';
  /** Stops loading: `load` then rejects with `ABORTED`. */
  signal?: AbortSignal;
  /** Called as the package arrives. */
  onProgress?: (progress: Progress) => void;
  /** SHA-256 of the package in hexadecimal digits; a package of another one is refused. */
  sha256?: string;
}

const DEFAULT_MAX_BYTES = 2 ** 30;

/**
 * Loads a package: reads it into a memory of exactly the size it needs while the kernels compile, expands its tables, and checks every
 * record against the memory. Nothing is left behind when it fails.
 *
 * @throws ZeroskipError `INVALID_PACKAGE`, `OUT_OF_MEMORY`, `UNSUPPORTED_HOST`, `FILE_ERROR`, `INVALID_ARGUMENT`, `ABORTED`
 */
export async function load(source: PackageSource, options: LoadOptions = {}): Promise<Model> {
  checkOptions(options);
  const { input, name } = await openSource(await verified(source, options), options.signal);
  try {
    return await receive(new InputReader(input, name, options), options);
  } finally {
    await input.close().catch(() => undefined);
  }
}

/** Reads the sections into memory while the kernels compile. */
async function receive(reader: InputReader, options: LoadOptions): Promise<Model> {
  const front = await receiveFront(reader);
  const { manifest } = front;
  const variant = chooseVariant(manifest.target, options.target);
  const engine = options.engine ?? engineClass();
  const compiled = Promise.all([
    options.module ?? compiledModule(variant, options.wasmPaths),
    manifest.extra ? (options.extra ?? extraOf(options, variant)) : undefined,
  ]);
  compiled.catch(() => undefined);
  const map = mapMemory(front, engine);
  const memory = allocate(map.bytes, options.maxBytes ?? DEFAULT_MAX_BYTES);
  const places = placesOf(manifest, map, engine);
  await receiveSections(reader, front, (section) => {
    const at = places.get(section);
    return at === undefined ? undefined : new Uint8Array(memory.buffer, at, front.sections[section].byteLength);
  });
  const [core, extra] = await compiled;
  const kernels = await bindKernels(core, memory, extra);
  for (const [section, at] of places) {
    const { byteLength, checksum } = front.sections[section];
    const sums = kernels.checksum(at, byteLength);
    expectChecksum(checksum, [Number(sums & 0xffffffffn), Number((sums >> 32n) & 0xffffffffn)]);
  }
  if (options.target && kernels.variant !== options.target) {
    throw new ZeroskipError(
      'INVALID_ARGUMENT',
      `load: target '${options.target}' asked for, the module is the ${kernels.variant} build`,
    );
  }
  prepare(manifest, kernels, memory, map, engine);
  return new Model({ manifest, kernels, memory, map, engine });
}

/** The second module; a host that hands out its own core may not compile this one either. */
async function extraOf({ module, wasmPaths }: LoadOptions, variant: Variant): Promise<WebAssembly.Module> {
  if (!module) return compiledModule(`${variant}-extra`, wasmPaths);
  throw new ZeroskipError(
    'INVALID_ARGUMENT',
    'load: this package has rare kernels, so beside module it needs the option extra: zeroskip/wasm/simd-extra or relaxed-extra',
  );
}

/** Where the sections that this engine class needs stand in memory. */
export function placesOf(manifest: Manifest, map: MemoryMap, engine: 'narrow' | 'wide'): Map<number, number> {
  const places = new Map([[manifest.constants, map.constants]]);
  const place = (section: number, { first }: Range): void => {
    if (places.has(section))
      throw new ZeroskipError('INVALID_PACKAGE', `package: section ${section} serves two purposes`);
    places.set(section, first);
  };
  place(manifest.init, map.init);
  manifest.plans.forEach((plan, i) => {
    place(plan[engine].section, map.plans[i]);
  });
  return places;
}

const KNOWN = [
  'module',
  'extra',
  'wasmPaths',
  'target',
  'maxBytes',
  'threads',
  'engine',
  'signal',
  'onProgress',
  'sha256',
];

function checkOptions(options: LoadOptions): void {
  const fail = (message: string): never => {
    throw new ZeroskipError('INVALID_ARGUMENT', `load: ${message}`);
  };
  if (typeof options !== 'object' || options === null) fail('the options are an object');
  for (const key of Object.keys(options)) {
    if (!KNOWN.includes(key)) fail(`unknown option '${key}'; the options are ${KNOWN.join(', ')}`);
  }
  const { threads, maxBytes, target, engine, wasmPaths, signal, onProgress, sha256 } = options;
  if (threads !== undefined && threads !== 1) fail(`threads is 1, found ${threads}`);
  if (maxBytes !== undefined && !(typeof maxBytes === 'number' && maxBytes > 0))
    fail(`maxBytes is a positive number, found ${maxBytes}`);
  if (target !== undefined && target !== 'simd' && target !== 'relaxed')
    fail(`target is 'simd' or 'relaxed', found '${target}'`);
  if (engine !== undefined && engine !== 'narrow' && engine !== 'wide')
    fail(`engine is 'narrow' or 'wide', found '${engine}'`);
  for (const name of ['module', 'extra'] as const) {
    if (options[name] !== undefined && classOf(options[name]) !== 'WebAssembly.Module')
      fail(`${name} is a WebAssembly.Module`);
  }
  if (wasmPaths !== undefined && !isWasmPaths(wasmPaths))
    fail('wasmPaths is the URL of a folder, or an object of URLs');
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') fail('signal is an AbortSignal');
  if (onProgress !== undefined && typeof onProgress !== 'function') fail('onProgress is a function');
  if (sha256 !== undefined && !(typeof sha256 === 'string' && /^[0-9a-f]{64}$/i.test(sha256)))
    fail(`sha256 is 64 hexadecimal digits, found ${sha256}`);
}

/**
 * Makes the addresses of all records absolute, checks and runs those that expand tables, closes the tables, then checks the plans.
 * @throws ZeroskipError `INVALID_PACKAGE`
 */
export function prepare(
  manifest: Manifest,
  kernels: Kernels,
  memory: WebAssembly.Memory,
  map: MemoryMap,
  engine: 'narrow' | 'wide',
): void {
  for (const range of [map.init, ...map.plans]) relocate(memory, range, map);
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
