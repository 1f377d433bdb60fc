import { demangle } from '@assemblyscript/loader';
import { compileBuild } from '#host';
import { ABI_VERSION, MODULE_LISTS } from '../../assembly/abi.ts';
import { ZeroskipError } from '../errors.ts';
import { hasRelaxedSimd, hasSimd } from './features.ts';

export type Variant = 'simd' | 'relaxed';

/** The kernel module, bound to one memory. */
export interface Kernels {
  variant: Variant;
  /** Runs records from `first` on until one comes next that does not lie in `[first, last)`, and returns its address. */
  run(first: number, last: number, thread: number, threads: number): number;
  check(first: number, last: number): bigint;
  setBounds(constants: number, arena: number, arenaEnd: number, slack: number, tables: number, tablesEnd: number): void;
}

const modules = new Map<Variant, Promise<WebAssembly.Module>>();

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

/** The compiled module of a build; compiled once. */
export function compiledModule(variant: Variant): Promise<WebAssembly.Module> {
  let module = modules.get(variant);
  if (!module) {
    module = compileBuild(variant).catch((cause: Error) => {
      throw new ZeroskipError('FILE_ERROR', `load: the kernels cannot be loaded: ${cause.message}`, { cause });
    });
    modules.set(variant, module);
    module.catch(() => modules.delete(variant));
  }
  return module;
}

interface Exports extends Record<string, unknown> {
  marker: WebAssembly.Global;
  heapBase: WebAssembly.Global;
  run: Kernels['run'];
  check: Kernels['check'];
  setBounds: Kernels['setBounds'];
}

const MARKER_RELAXED = 0x10000;

/** The loader's own `instantiate` would compile a module of another realm (Node's vm contexts), taking it for bytes. */
const instantiate = async (module: WebAssembly.Module, env: WebAssembly.ModuleImports): Promise<Exports> =>
  demangle<Exports>((await WebAssembly.instantiate(module, { env })).exports);

/** Instantiates a module over `memory` and checks that it speaks this runtime's ABI. */
export async function bindKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Kernels> {
  const exports = await instantiate(module, { memory });
  const marker = Number(exports.marker?.value ?? 0);
  if ((marker & (MARKER_RELAXED - 1)) !== ABI_VERSION || !(Number(exports.heapBase?.value) <= MODULE_LISTS)) {
    throw new ZeroskipError('INVALID_ARGUMENT', 'load: the module is not a zeroskip build of this version');
  }
  const { run, check, setBounds } = exports;
  return {
    variant: marker & MARKER_RELAXED ? 'relaxed' : 'simd',
    run,
    check,
    setBounds,
  };
}
