import type { Criterion } from '../types.ts';

/** Random pruning, the baseline that every criterion has to beat: `s(U) ~ U(0, 1)` for weights and outputs, from the seed of the run. */
export const random: Criterion = {
  name: 'random',
  summary: 'seeded random scores, the baseline',
  needs: 'nothing',
  comparable: true,
  weights: ({ layer: { rows, cols }, random }) => Float32Array.from({ length: rows * cols }, random),
  channels: ({ layer: { rows }, random }) => Float32Array.from({ length: rows }, random),
};
