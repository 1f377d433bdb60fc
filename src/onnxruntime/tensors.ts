import type { InferenceSession } from 'onnxruntime-common';
import { ensure, ZeroskipError } from '../errors.ts';
import type { Feeds } from '../runtime/feeds.ts';
import {
  type Dim,
  type DType,
  isDType,
  sameDims,
  showDims,
  type Tensor,
  type TypedArray,
  tensorBytes,
} from '../tensor.ts';

/** A named input or output; undefined dims: not even the rank is declared. */
export interface Port {
  readonly name: string;
  readonly type: DType;
  readonly dims?: readonly Dim[];
}

/** What is read of a tensor of onnxruntime-common, whichever copy of that package made it. */
export interface OrtTensor {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];
  readonly location?: string;
}

/** The metadata that onnxruntime gives of inputs and outputs. */
export const metadataOf = (ports: readonly Port[]): InferenceSession.ValueMetadata[] =>
  ports.map(({ name, type, dims = [] }) => ({ name, isTensor: true, type, shape: [...dims] }));

/**
 * The tensors of a run as zeroskip takes them: views, nothing is copied.
 * @throws ZeroskipError `TYPE_MISMATCH` for what is no tensor of numbers, `INVALID_ARGUMENT` for a tensor that is not on the CPU
 */
export function feedsOf(feeds: Readonly<Record<string, OrtTensor>>): Feeds {
  const result: Feeds = Object.create(null);
  for (const [name, tensor] of Object.entries(feeds)) {
    const { type, dims } = expectTensor(tensor, `input '${name}'`);
    result[name] = { type, data: elements(tensor.data, type), dims };
  }
  return result;
}

/** Copies of feeds, for a run that has to wait. */
export function copyOf(feeds: Feeds): Feeds {
  const result: Feeds = Object.create(null);
  for (const [name, { type, data, dims }] of Object.entries(feeds))
    result[name] = { type, data: data.slice(), dims: [...dims] };
  return result;
}

/**
 * Checks that `target` can take `value`.
 * @returns what copies it there
 * @throws ZeroskipError `TYPE_MISMATCH`, `SHAPE_MISMATCH`, `INVALID_ARGUMENT`
 */
export function intoTensor(name: string, target: OrtTensor, value: Tensor): () => void {
  const { type, dims } = expectTensor(target, `output '${name}'`);
  ensure(
    type === value.type,
    'TYPE_MISMATCH',
    () => `run: output '${name}' has type ${value.type}, the tensor for it ${type}`,
  );
  ensure(
    sameDims(dims, value.dims),
    'SHAPE_MISMATCH',
    () => `run: output '${name}' has dims ${showDims(value.dims)}, the tensor for it ${showDims(dims)}`,
  );
  const { buffer, byteOffset, byteLength } = target.data as TypedArray;
  return () => new Uint8Array(buffer, byteOffset, byteLength).set(tensorBytes(value));
}

function expectTensor(tensor: OrtTensor, what: string): { type: DType; dims: readonly number[] } {
  const { type, dims, location = 'cpu' } = Object(tensor) as Partial<OrtTensor>;
  ensure(
    typeof type === 'string' && Array.isArray(dims),
    'TYPE_MISMATCH',
    () => `run: ${what} is a Tensor, found ${tensor?.constructor?.name ?? tensor}`,
  );
  ensure(
    isDType(type),
    'TYPE_MISMATCH',
    () => `run: ${what} has elements of type ${type}, which zeroskip does not have`,
  );
  if (location === 'none') throw new ZeroskipError('INVALID_ARGUMENT', `run: ${what} has been disposed`);
  ensure(
    location === 'cpu' || location === 'cpu-pinned',
    'INVALID_ARGUMENT',
    () => `run: ${what} lies in a ${location}: zeroskip runs on the CPU, await its getData() first`,
  );
  return { type, dims };
}

/** Elements in the array that zeroskip uses for `type`: raw bits of half-precision floats, no subclass of Uint8Array. */
function elements(data: unknown, type: DType): TypedArray {
  const { buffer, byteOffset, length } = Object(data) as TypedArray;
  if (type === 'float16' && data?.constructor?.name === 'Float16Array')
    return new Uint16Array(buffer, byteOffset, length);
  if (data instanceof Uint8Array && data.constructor !== Uint8Array) return new Uint8Array(buffer, byteOffset, length);
  return data as TypedArray;
}
