/**
 * The k-th highest of `values`, 1 <= k <= their number, which it reorders. No value is NaN.
 *
 * Hoare's selection with the median of three as pivot: linear in time but for rare orders, which are sorted.
 */
export function kthHighest(values: Float64Array, k: number): number {
  const wanted = values.length - k;
  let low = 0;
  let high = values.length - 1;
  for (let rounds = ROUNDS; low < high; rounds--) {
    if (rounds === 0) return values.subarray(low, high + 1).sort()[wanted - low];
    const pivot = median(values[low], values[(low + high) >> 1], values[high]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const value = values[i];
      values[i++] = values[j];
      values[j--] = value;
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else break;
  }
  return values[wanted];
}

/** Twice as many as random orders of 2^32 values take. */
const ROUNDS = 128;

const median = (a: number, b: number, c: number): number => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
