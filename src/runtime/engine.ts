import { demangle } from '@assemblyscript/loader';
import { compileBuild } from '#host';
import {
  ABI_VERSION,
  MARKER_EXTRA,
  MARKER_RELAXED,
  MODULE_EXTRA,
  MODULE_LISTS,
  TABLE_LIMIT,
} from '../../assembly/abi.ts';
import { ZeroskipError } from '../errors.ts';
import { hasRelaxedSimd, hasSimd } from './features.ts';
import { placeOf, unloadable, type WasmPaths } from './wasm_files.ts';

export type Variant = 'simd' | 'relaxed';

/** A Wasm file: the core of a variant, or the second module with its rare kernels. */
export type Build = Variant | `${Variant}-extra`;

/** The kernel modules, bound to one memory. */
export interface Kernels {
  variant: Variant;
  /** Runs records from `first` on until one comes next that does not lie in `[first, last)`, and returns its address. */
  run(first: number, last: number, thread: number, threads: number): number;
  check(first: number, last: number): bigint;
  /** `checksum` of the package format over memory: `a` in the low half, `b` in the high one. */
  checksum(at: number, bytes: number): bigint;
  setBounds(constants: number, arena: number, arenaEnd: number, slack: number, tables: number, tablesEnd: number): void;
}

/** By build and file. */
const modules = new Map<string, Promise<WebAssembly.Module>>();

/** The build to use: what the caller and the package ask for, as far as the host can run it. */
export function chooseVariant(packaged: 'simd' | 'relaxed' | 'both', wanted: Variant | undefined): Variant {
  if (!hasSimd()) throw new ZeroskipError('UNSUPPORTED_HOST', 'load: this host has no WebAssembly SIMD');
  if (wanted && packaged !== 'both' && wanted !== packaged) {
    throw new ZeroskipError(
      'INVALID_ARGUMENT',
      `load: target '${wanted}' asked for, the package was compiled for '${packaged}'`,
    );
  }
  const variant = wanted ?? (packaged === 'both' ? undefined : packaged);
  if (variant === 'relaxed' && !hasRelaxedSimd()) {
    throw new ZeroskipError(
      'UNSUPPORTED_HOST',
      "load: target 'relaxed' needs relaxed SIMD, which this host does not have",
    );
  }
  return variant ?? (hasRelaxedSimd() ? 'relaxed' : 'simd');
}

/**
 * The compiled module of a build; compiled once.
 * @throws ZeroskipError `INVALID_ARGUMENT`, `FILE_ERROR`, `UNSUPPORTED_HOST`
 */
export async function compiledModule(build: Build, paths?: WasmPaths): Promise<WebAssembly.Module> {
  const place = paths === undefined ? undefined : placeOf('load', build, paths);
  const key = `${build} ${place}`;
  let module = modules.get(key);
  if (!module) {
    module = compileBuild(build, place).catch((cause) => unloadable('load', 'kernels', 'module and extra', cause));
    modules.set(key, module);
    module.catch(() => modules.delete(key));
  }
  return module;
}

interface Exports extends Record<string, unknown> {
  marker: WebAssembly.Global;
  heapBase: WebAssembly.Global;
  table: WebAssembly.Table;
  run: Kernels['run'];
  check: Kernels['check'];
  checksum: Kernels['checksum'];
  setBounds: Kernels['setBounds'];
}

/** The loader's own `instantiate` would compile a module of another realm (Node's vm contexts), taking it for bytes. */
const instantiate = async (module: WebAssembly.Module, env: WebAssembly.ModuleImports): Promise<Exports> =>
  demangle<Exports>((await WebAssembly.instantiate(module, { env })).exports);

/**
 * Instantiates the core, and the second module over its table if there is one, and checks that they speak this runtime's ABI.
 * @throws ZeroskipError `INVALID_ARGUMENT`
 */
export async function bindKernels(
  core: WebAssembly.Module,
  memory: WebAssembly.Memory,
  second?: WebAssembly.Module,
): Promise<Kernels> {
  const exports = await instance(core, { memory }, 'module', 0);
  const { run, check, checksum, table } = exports;
  const marker = Number(exports.marker.value);
  const variant = marker & MARKER_RELAXED ? 'relaxed' : 'simd';
  if (!second) return { variant, run, check, checksum, setBounds: exports.setBounds };
  table.grow(TABLE_LIMIT - table.length);
  const extra = await instance(second, { memory, table }, 'extra', MARKER_EXTRA);
  if (extra.marker.value !== (marker | MARKER_EXTRA))
    throw new ZeroskipError('INVALID_ARGUMENT', `load: module is the ${variant} build, extra is another one`);
  return {
    variant,
    run,
    check,
    checksum,
    setBounds: (...bounds) => {
      exports.setBounds(...bounds);
      extra.setBounds(...bounds);
    },
  };
}

async function instance(
  module: WebAssembly.Module,
  env: WebAssembly.ModuleImports,
  option: 'module' | 'extra',
  kind: number,
): Promise<Exports> {
  const wrong = (cause?: unknown): never => {
    throw new ZeroskipError('INVALID_ARGUMENT', `load: ${option} is not a zeroskip build of this version and kind`, {
      cause,
    });
  };
  const exports = await instantiate(module, env).catch(wrong);
  const marker = Number(exports.marker?.value ?? 0);
  if ((marker & ~MARKER_RELAXED) !== (ABI_VERSION | kind)) wrong();
  if (!(Number(exports.heapBase?.value) <= (kind ? MODULE_LISTS : MODULE_EXTRA))) wrong();
  return exports;
}
