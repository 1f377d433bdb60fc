import type { Backend, InferenceSession } from 'onnxruntime-common';
import { ensure, ZeroskipError } from '../errors.ts';
import { isPackage } from '../package/format.ts';
import { allBytes } from '../runtime/integrity.ts';
import { type Network, openPackage } from './network.ts';
import { NAME, type Settings, settingsOf } from './options.ts';
import { Session } from './session.ts';

/** Above every backend of onnxruntime: 100 for native ones, 10 for Wasm. */
const PRIORITY = 1000;

type OpenModel = (bytes: Uint8Array, settings: Settings, location?: string) => Promise<Network>;

let openModel: OpenModel = async (_, __, location = 'the model') => {
  throw new ZeroskipError(
    'INVALID_PACKAGE',
    `create: ${location} is no compiled package: 'zeroskip/onnxruntime' compiles ONNX models, 'zeroskip/onnxruntime/lite' does not`,
  );
};

/** Says how models are opened that are not compiled yet. */
export function acceptModels(open: OpenModel): void {
  openModel = open;
}

/** The backend to hand to `registerBackend` of any copy of onnxruntime-common. */
export const backend = {
  async init(): Promise<void> {
    ensure(
      typeof WebAssembly === 'object',
      'UNSUPPORTED_HOST',
      'zeroskip needs WebAssembly, which this host does not have',
    );
  },

  /**
   * @param source the bytes, path or URL of a package or of an ONNX model, told apart by their first bytes
   * @throws ZeroskipError (rejects) what opening such a file throws
   */
  async createInferenceSessionHandler(
    source: string | Uint8Array,
    options: InferenceSession.SessionOptions = {},
  ): Promise<Session> {
    const settings = settingsOf(options);
    const located = typeof source === 'string';
    const bytes = located ? await allBytes(source, {}) : source;
    const open = isPackage(bytes) ? openPackage : openModel;
    return new Session(await open(bytes, settings, located ? source : undefined));
  },

  /** For copies of onnxruntime-common that still have training sessions. */
  async createTrainingSessionHandler(): Promise<never> {
    throw new ZeroskipError('INVALID_ARGUMENT', 'create: zeroskip has no training sessions');
  },
} satisfies Backend & Record<string, unknown>;

/** The part of onnxruntime-common, -web or -node that is needed. */
export interface OrtModule {
  registerBackend(name: string, backend: Backend, priority: number): void;
}

/**
 * Registers zeroskip with a copy of onnxruntime-common: its own one (`onnxruntime-common`), the one in a bundle (`onnxruntime-web`), or that of
 * `onnxruntime-node`. Sessions of that copy whose options name no execution provider then run on zeroskip.
 *
 * @param ort the module, `import * as ort from 'onnxruntime-web'`
 * @throws ZeroskipError `INVALID_ARGUMENT` if it has no registerBackend
 */
export function register(ort: OrtModule): void {
  ensure(
    typeof ort?.registerBackend === 'function',
    'INVALID_ARGUMENT',
    'register: give the module of onnxruntime-common, -web or -node: it has registerBackend',
  );
  try {
    ort.registerBackend(NAME, backend, PRIORITY);
  } catch (error) {
    // Another copy of zeroskip was first, as after a hot reload; it serves as well.
    if (!String(error).includes(`"${NAME}"`)) throw error;
  }
}
