import type { Backend, InferenceSession, InferenceSessionHandler } from 'onnxruntime-common';
import { ensure, ZeroskipError } from '../errors.ts';
import { isPackage } from '../package/format.ts';
import { allBytes } from '../runtime/integrity.ts';
import { type Network, openPackage } from './network.ts';
import { type Settings, settingsOf } from './options.ts';
import { Session } from './session.ts';

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

/**
 * A session on a package or on an ONNX model, told apart by their first bytes.
 *
 * @param source bytes, a path or a URL
 * @throws ZeroskipError what opening such a file throws
 */
async function createSession(source: string | Uint8Array, options: InferenceSession.SessionOptions): Promise<Session> {
  const settings = settingsOf(options);
  const located = typeof source === 'string';
  const bytes = located ? await allBytes(source, {}) : source;
  const open = isPackage(bytes) ? openPackage : openModel;
  return new Session(await open(bytes, settings, located ? source : undefined));
}

/** What makes the handler of a session, around zeroskip's. */
export type Around = (
  source: string | Uint8Array,
  options: InferenceSession.SessionOptions,
  create: typeof createSession,
) => Promise<InferenceSessionHandler>;

/** A backend as onnxruntime-common takes it. `around` may be set later. */
export class ZeroskipBackend implements Backend {
  around: Around = (source, options, create) => create(source, options);

  async init(): Promise<void> {
    ensure(
      typeof WebAssembly === 'object',
      'UNSUPPORTED_HOST',
      'zeroskip needs WebAssembly, which this host does not have',
    );
  }

  createInferenceSessionHandler(
    source: string | Uint8Array,
    options: InferenceSession.SessionOptions = {},
  ): Promise<InferenceSessionHandler> {
    return this.around(source, options, createSession);
  }

  /** For copies of onnxruntime-common that still have training sessions. */
  async createTrainingSessionHandler(): Promise<never> {
    throw new ZeroskipError('INVALID_ARGUMENT', 'create: zeroskip has no training sessions');
  }
}
