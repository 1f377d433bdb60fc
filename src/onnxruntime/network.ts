import type { Feeds } from '../runtime/feeds.ts';
import { load } from '../runtime/load.ts';
import type { Model } from '../runtime/model.ts';
import { expectPackageOptions, type Settings } from './options.ts';
import type { Port } from './tensors.ts';

/** What a session runs on. */
export interface Network {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** The loaded model for feeds of these dims, if there is one. */
  ready(feeds: Feeds): Model | undefined;
  /** The model for feeds of these dims, compiled and loaded first if need be. Not called again before it has settled. */
  prepare(feeds: Feeds): Promise<Model>;
  /** Gives all memory back; what is prepared meanwhile is disposed as soon as it is there. */
  dispose(): void;
}

/**
 * A compiled package: one model for all runs.
 * @throws ZeroskipError as `load`, and `INVALID_ARGUMENT` for options of the compiler
 */
export async function openPackage(bytes: Uint8Array, settings: Settings): Promise<Network> {
  expectPackageOptions(settings);
  const model = await load(bytes, settings.load);
  return {
    inputs: model.inputs,
    outputs: model.outputs,
    ready: () => model,
    prepare: async () => model,
    dispose: () => model.dispose(),
  };
}
