import { uniform } from '../../src/cli/random.ts';

/** FNV-1a of `text`: a seed for each name. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/**
 * `length` normal numbers (mean 0, deviation 1), none of them zero, by Marsaglia's polar method: of points that are uniform in the unit
 * disc, `x * sqrt(-2 ln(r^2) / r^2)` and the same of y.
 */
export function normals(length: number, seed: number): Float32Array {
  const next = uniform(seed);
  // Odd multiples of 2^-32, which zero is not.
  const symmetric = (): number => 2 * next() - 1 + 2 ** -32;
  const out = new Float32Array(length);
  for (let i = 0; i < length; ) {
    const x = symmetric();
    const y = symmetric();
    const square = x * x + y * y;
    if (square >= 1) continue;
    const factor = Math.sqrt((-2 * Math.log(square)) / square);
    out[i++] = x * factor;
    if (i < length) out[i++] = y * factor;
  }
  return out;
}
