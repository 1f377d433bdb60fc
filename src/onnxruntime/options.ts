import type { InferenceSession } from 'onnxruntime-common';
import type { CompileOptions } from '../compile.ts';
import { ensure } from '../errors.ts';
import type { LoadOptions } from '../runtime/load.ts';

/** The name of the execution provider. */
export const NAME = 'zeroskip';

/**
 * The execution provider with options: those of `compile`, for ONNX models, and those of `load`.
 *
 * `shapes` are compiled by `create`; every other set of input dims is compiled by the first run that brings it.
 */
export interface ZeroskipExecutionProviderOption
  extends InferenceSession.ExecutionProviderOption,
    Omit<CompileOptions, 'name'>,
    Omit<LoadOptions, 'target' | 'signal' | 'onProgress' | 'sha256'> {
  readonly name: typeof NAME;
  /** Compiled models that a session on an ONNX model keeps, one for each set of input dims; the one used longest ago goes first. 4 unless set. */
  cacheSize?: number;
}

/** What a session was asked to do. */
export interface Settings {
  compile: CompileOptions;
  load: LoadOptions;
  cacheSize: number;
  /** Sizes of symbolic dimensions by their names. */
  freeDimensions: ReadonlyMap<string, number>;
  externalData: NonNullable<InferenceSession.SessionOptions['externalData']>;
}

const CACHE_SIZE = 4;

/** Options of the provider that `load` takes; all others are the compiler's. */
const OF_LOAD = ['module', 'extra', 'maxBytes', 'threads', 'engine'];

/**
 * Reads session options. Hints that change no result are ignored (threads, optimisation level, memory arenas, execution mode, logging, graph
 * capture, `extra`), and so are options that onnxruntime does not have.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` for what cannot be done: outputs that do not lie on the CPU, profiling, an optimised model file
 */
export function settingsOf(options: InferenceSession.SessionOptions): Settings {
  refuse(options);
  const provider = (options.executionProviders ?? []).find((p) => typeof p === 'object' && p.name === NAME);
  const { name: _, cacheSize = CACHE_SIZE, ...rest } = { ...(provider as ZeroskipExecutionProviderOption | undefined) };
  ensure(
    Number.isSafeInteger(cacheSize) && cacheSize > 0,
    'INVALID_ARGUMENT',
    () => `create: cacheSize is a whole number of at least 1, found ${cacheSize}`,
  );
  const entries = Object.entries(rest).filter(([, value]) => value !== undefined);
  const load: LoadOptions = Object.fromEntries(entries.filter(([key]) => OF_LOAD.includes(key)));
  if (rest.target === 'simd' || rest.target === 'relaxed') load.target = rest.target;
  return {
    compile: Object.fromEntries(entries.filter(([key]) => !OF_LOAD.includes(key))),
    load,
    cacheSize,
    freeDimensions: freeDimensionsOf(options),
    externalData: options.externalData ?? [],
  };
}

function refuse({
  preferredOutputLocation: location,
  enableProfiling,
  optimizedModelFilePath,
}: InferenceSession.SessionOptions): void {
  const locations = typeof location === 'object' && location !== null ? Object.values(location) : [location];
  for (const found of locations)
    ensure(
      found === undefined || found === null || found === 'cpu' || found === 'cpu-pinned',
      'INVALID_ARGUMENT',
      () => `create: preferredOutputLocation is 'cpu', found '${found}': zeroskip runs on the CPU`,
    );
  ensure(
    !enableProfiling,
    'INVALID_ARGUMENT',
    'create: enableProfiling writes a file that zeroskip does not make; `zeroskip profile` and Model.profile show the time of each layer',
  );
  ensure(
    !optimizedModelFilePath,
    'INVALID_ARGUMENT',
    'create: optimizedModelFilePath asks for an ONNX file that zeroskip does not make; `zeroskip compile` writes a package',
  );
}

function freeDimensionsOf({ freeDimensionOverrides = {} }: InferenceSession.SessionOptions): Map<string, number> {
  const sizes = Object.entries(freeDimensionOverrides ?? {});
  for (const [name, size] of sizes)
    ensure(
      Number.isSafeInteger(size) && size > 0,
      'INVALID_ARGUMENT',
      () => `create: freeDimensionOverrides: '${name}' is a whole number of at least 1, found ${size}`,
    );
  return new Map(sizes);
}

/** @throws ZeroskipError `INVALID_ARGUMENT` for options of the compiler beside a package */
export function expectPackageOptions({ compile }: Settings): void {
  const [unfit] = Object.keys(compile).filter((key) => key !== 'target');
  ensure(
    unfit === undefined,
    'INVALID_ARGUMENT',
    () =>
      `create: '${unfit}' is no option for a model that is compiled already; it takes target, ${OF_LOAD.join(', ')}, cacheSize`,
  );
}
