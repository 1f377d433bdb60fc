import { arrayOf, type DType, sizeOf, Tensor } from '../tensor.ts';

/** A stream of uniform numbers in [0, 1): the same for the same seed, on every machine. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // A Weyl sequence whose words are mixed by xorshifts and multiplications.
    state = (state + 0x9e3779b9) >>> 0;
    let x = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
  };
}

/**
 * A tensor of random elements: normal (mean 0, deviation 1) for floats, any byte for 8-bit integers, 0 or 1 for wider ones, which are
 * mostly indices, and for bool. float16 elements lie in +-[1, 2).
 */
export function randomTensor(type: DType, dims: readonly number[], next: () => number): Tensor {
  const data = new (arrayOf(type))(sizeOf(dims));
  const draw = drawFor(type, next);
  for (let i = 0; i < data.length; i++) data[i] = draw();
  return new Tensor(type, data, dims);
}

function drawFor(type: DType, next: () => number): () => number | bigint {
  switch (type) {
    case 'float32':
    case 'float64':
      return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    case 'float16':
      return () => (next() < 0.5 ? 0x8000 : 0) | 0x3c00 | Math.floor(next() * 1024);
    case 'int64':
    case 'uint64':
      return () => BigInt(Math.round(next()));
    case 'int8':
    case 'uint8':
      return () => Math.floor(next() * 256);
    default:
      return () => Math.round(next());
  }
}
