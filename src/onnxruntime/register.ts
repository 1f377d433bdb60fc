import type { Backend, InferenceSession, InferenceSessionFactory } from 'onnxruntime-common';
import { ensure } from '../errors.ts';
import { isPackage } from '../package/format.ts';
import { ZeroskipBackend } from './backend.ts';
import { withFallback } from './fallback.ts';
import { NAME } from './options.ts';

/** Above every backend of onnxruntime: 100 for native ones, 10 for Wasm. */
const PRIORITY = 1000;

/** What is needed of onnxruntime-common, -web or -node; `InferenceSession` for a fallback. */
export interface OrtModule {
  registerBackend(name: string, backend: Backend, priority: number): void;
  InferenceSession?: InferenceSessionFactory;
}

export interface RegisterOptions {
  /**
   * Execution providers of the module, as `['wasm']` or `['cpu']`, that take the models that zeroskip has no kernels for. Unset: such a model
   * fails with `UNSUPPORTED_OP`, or falls back as an earlier call said.
   */
  fallback?: readonly InferenceSession.ExecutionProviderConfig[];
}

/** The backend of each copy of onnxruntime-common, by its function to register. */
const backends = new WeakMap<OrtModule['registerBackend'], ZeroskipBackend>();

/**
 * Registers zeroskip with a copy of onnxruntime-common: the package itself, the copy in the bundle of onnxruntime-web, or that of
 * onnxruntime-node. Sessions of that copy whose options name no execution provider then run on zeroskip.
 *
 * @param ort the module, `import * as ort from 'onnxruntime-web'`
 * @throws ZeroskipError `INVALID_ARGUMENT` if it has no registerBackend, or if `fallback` is no list of its providers
 */
export function register(ort: OrtModule, options: RegisterOptions = {}): void {
  ensure(
    typeof ort?.registerBackend === 'function',
    'INVALID_ARGUMENT',
    'register: give the module of onnxruntime-common, -web or -node: it has registerBackend',
  );
  const { fallback } = options;
  expectProviders(fallback);
  const known = backends.get(ort.registerBackend);
  const backend = known ?? new ZeroskipBackend();
  if (fallback) fallBack(backend, ort, fallback);
  if (known) return;
  backends.set(ort.registerBackend, backend);
  try {
    ort.registerBackend(NAME, backend, PRIORITY);
  } catch (error) {
    // Another copy of zeroskip was first, as after a hot reload; it serves as well.
    if (!String(error).includes(`"${NAME}"`)) throw error;
  }
}

function expectProviders(fallback: RegisterOptions['fallback']): void {
  const names = Array.isArray(fallback) && fallback.map((p) => (typeof p === 'string' ? p : p?.name));
  ensure(
    fallback === undefined || (names && names.length > 0 && names.every((n) => typeof n === 'string' && n !== NAME)),
    'INVALID_ARGUMENT',
    () => `register: fallback is a list of execution providers of onnxruntime, as ['wasm'], found ${names || fallback}`,
  );
}

function fallBack(
  backend: ZeroskipBackend,
  { InferenceSession: factory }: OrtModule,
  executionProviders: NonNullable<RegisterOptions['fallback']>,
): void {
  ensure(
    typeof factory?.create === 'function',
    'INVALID_ARGUMENT',
    'register: a fallback needs the InferenceSession of the module',
  );
  backend.around = (source, options, create) => {
    // The caller may write to its array, or transfer it, before a run finds out.
    const copy = typeof source === 'string' || isPackage(source) ? source : new Uint8Array(source);
    const reopen = () => factory.create(copy as string, { ...options, executionProviders });
    return withFallback(() => create(source, options), reopen);
  };
}
