import { ensure } from '../errors.ts';
import { fromNpy } from '../npy.ts';
import type { Tensor } from '../tensor.ts';

/**
 * A tensor of a type that networks here take.
 * @throws ZeroskipError `FILE_ERROR`, `TYPE_MISMATCH`, for float64 too, which is what NumPy makes unless told otherwise
 */
export function parseNpy(file: Uint8Array, path: string): Tensor {
  const tensor = fromNpy(file, path);
  ensure(
    tensor.type !== 'float64',
    'TYPE_MISMATCH',
    () => `${path}: elements of type float64 are not supported: save it as float32, array.astype('float32')`,
  );
  return tensor;
}
