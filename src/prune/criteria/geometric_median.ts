import type { Criterion } from '../types.ts';

/**
 * Filter pruning via geometric median (FPGM): `s(j) = sum over k of ||W_j - W_k||_2` over all filters k of the layer. The filters with the
 * smallest sums are closest to the geometric median of the layer, so that those that stay can stand in for them, however large they are.
 *
 * He et al. 2019, "Filter Pruning via Geometric Median for Deep Convolutional Neural Networks Acceleration".
 */
export const geometricMedian: Criterion = {
  name: 'geometric-median',
  summary: 'distances to the other filters of a layer (FPGM, He et al. 2019)',
  needs: 'nothing',
  channels: ({ layer: { rows, cols }, weights }) => {
    const sums = new Float64Array(rows);
    for (let j = 0; j < rows; j++) {
      for (let k = 0; k < j; k++) {
        const distance = distanceOf(weights, j * cols, k * cols, cols);
        sums[j] += distance;
        sums[k] += distance;
      }
    }
    return Float32Array.from(sums);
  },
};

function distanceOf(weights: Float32Array, a: number, b: number, length: number): number {
  let squares = 0;
  for (let c = 0; c < length; c++) {
    const difference = weights[a + c] - weights[b + c];
    squares += difference * difference;
  }
  return Math.sqrt(squares);
}
