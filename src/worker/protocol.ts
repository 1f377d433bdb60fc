import type { ErrorCode } from '../errors.ts';
import type { PortInfo } from '../package/format.ts';
import type { LoadOptions } from '../runtime/load.ts';
import type { ProfileEntry } from '../runtime/profile.ts';
import type { DType, TypedArray } from '../tensor.ts';

/** A tensor as it crosses between threads. */
export interface PlainTensor {
  type: DType;
  data: TypedArray;
  dims: readonly number[];
}

export type PlainTensors = Record<string, PlainTensor>;

/** What a page asks of the worker. `model` numbers the loaded packages of one worker. */
export type Request =
  | { kind: 'hold'; lock: string }
  | { kind: 'load'; model: number; source: string | Uint8Array; options: PlainOptions; progress: boolean }
  | { kind: 'abort'; model: number }
  | { kind: 'run'; model: number; feeds: PlainTensors }
  | { kind: 'profile'; model: number; feeds: PlainTensors }
  | { kind: 'dispose'; model: number };

/** Options of `load` that can be copied to another thread. */
export type PlainOptions = Pick<
  LoadOptions,
  'module' | 'extra' | 'wasmPaths' | 'target' | 'maxBytes' | 'threads' | 'engine' | 'sha256'
>;

/** What a model says of itself. */
export interface ModelFacts {
  name: string;
  inputs: readonly Readonly<PortInfo>[];
  outputs: readonly Readonly<PortInfo>[];
  metadata: Readonly<Record<string, string>>;
  variant: 'simd' | 'relaxed';
  engine: 'narrow' | 'wide';
  memoryBytes: number;
  arenaBytes: number;
}

/** What the worker answers: one reply a request but `abort`, and progress while it loads. */
export type Reply =
  | { id: number; kind: 'held'; value: undefined }
  | { id: number; kind: 'loaded'; value: ModelFacts }
  | { id: number; kind: 'outputs'; value: PlainTensors }
  | { id: number; kind: 'profile'; value: ProfileEntry[] }
  | { id: number; kind: 'disposed'; value: undefined }
  | { id: number; kind: 'progress'; loaded: number; total: number | undefined }
  | { id: number; kind: 'error'; code: ErrorCode; message: string };
