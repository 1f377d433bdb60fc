import { type InferenceSessionFactory, InferenceSession as Ort } from 'onnxruntime-common';
import { NAME, type ZeroskipExecutionProviderOption } from './options.ts';

/** Providers of onnxruntime. Code that was written for it names them; what they stand for is not there. */
const OF_ONNXRUNTIME = new Set(
  'cpu wasm webgl webgpu webnn js cuda tensorrt rocm migraphx openvino dml coreml qnn nnapi xnnpack'.split(' '),
);

type Provider = Ort.ExecutionProviderConfig | ZeroskipExecutionProviderOption;

const nameOf = (provider: Provider): string => (typeof provider === 'string' ? provider : provider?.name);

/** `providers` with zeroskip in place of onnxruntime's. */
function providersOf(providers: readonly Provider[] | undefined): Provider[] {
  const own = (providers ?? []).filter((p) => !OF_ONNXRUNTIME.has(nameOf(p)));
  return own.length > 0 ? own : [NAME];
}

type Create = (...args: unknown[]) => Promise<Ort>;

const create: Create = (...args) => {
  const [source, offset, length] = args;
  const at = args.findIndex((arg, i) => i > 0 && typeof arg === 'object' && arg !== null);
  const options = at < 0 ? {} : (args[at] as Ort.SessionOptions);
  const given = { ...options, executionProviders: providersOf(options.executionProviders) };
  if (at > 0) return (Ort.create as Create)(...args.map((arg, i) => (i === at ? given : arg)));
  if (args.slice(1).every((arg) => arg === undefined)) return (Ort.create as Create)(source, given);
  if (typeof offset !== 'number') return (Ort.create as Create)(...args);
  return (Ort.create as Create)(source, offset, length ?? Object(source).byteLength - offset, given);
};

export interface InferenceSession extends Ort {}

/** The types of onnxruntime-common, with zeroskip's options among the execution providers. */
export declare namespace InferenceSession {
  type OnnxValueMapType = Ort.OnnxValueMapType;
  type NullableOnnxValueMapType = Ort.NullableOnnxValueMapType;
  type FeedsType = Ort.FeedsType;
  type FetchesType = Ort.FetchesType;
  type ReturnType = Ort.ReturnType;
  type RunOptions = Ort.RunOptions;
  type ExecutionProviderOption = Ort.ExecutionProviderOption;
  type ExecutionProviderOptionMap = Ort.ExecutionProviderOptionMap & { zeroskip: ZeroskipExecutionProviderOption };
  type ExecutionProviderName = keyof ExecutionProviderOptionMap;
  type ExecutionProviderConfig = Ort.ExecutionProviderConfig | ZeroskipExecutionProviderOption;
  type ValueMetadataBase = Ort.ValueMetadataBase;
  type TensorValueMetadata = Ort.TensorValueMetadata;
  type NonTensorValueMetadata = Ort.NonTensorValueMetadata;
  type ValueMetadata = Ort.ValueMetadata;
  interface SessionOptions extends Omit<Ort.SessionOptions, 'executionProviders'> {
    executionProviders?: readonly ExecutionProviderConfig[];
  }
}

/** `InferenceSession` of onnxruntime-common as a value, with wider options. */
export interface ZeroskipSessionFactory {
  create(uri: string, options?: InferenceSession.SessionOptions): Promise<InferenceSession>;
  create(buffer: ArrayBufferLike, options?: InferenceSession.SessionOptions): Promise<InferenceSession>;
  create(
    buffer: ArrayBufferLike,
    byteOffset: number,
    byteLength?: number,
    options?: InferenceSession.SessionOptions,
  ): Promise<InferenceSession>;
  create(buffer: Uint8Array, options?: InferenceSession.SessionOptions): Promise<InferenceSession>;
}

/**
 * `InferenceSession` of onnxruntime-common, whose `create` makes all sessions on zeroskip: the providers of onnxruntime that options may name
 * (`wasm`, `webgpu`, `cpu`, …) stand for it. Sessions are instances of the class of onnxruntime-common and of this one.
 */
export const InferenceSession: InferenceSessionFactory & ZeroskipSessionFactory = new Proxy(Ort, {
  get: (target, key) => (key === 'create' ? create : Reflect.get(target, key)),
});
