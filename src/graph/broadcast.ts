import type { Tensor } from '../tensor.ts';

/**
 * The vector v, one number per index of `axis`, if `constant` broadcasts over a value of `dims` as v along `axis` and changes
 * neither rank nor dims of it; null otherwise.
 */
export function alongAxis(constant: Tensor, dims: readonly number[], axis: number): Float32Array | null {
  const { data } = constant;
  if (!(data instanceof Float32Array) || constant.dims.length > dims.length || axis >= dims.length) return null;
  const offset = dims.length - constant.dims.length;
  const fits = constant.dims.every((d, i) => d === 1 || (i + offset === axis && d === dims[axis]));
  if (!fits) return null;
  return data.length === 1 ? new Float32Array(dims[axis]).fill(data[0]) : data;
}
