import { ensure } from '../../errors.ts';
import type { Criterion } from '../types.ts';

/**
 * Pruning by weights and activations: `s(r, c) = |W[r, c]| * ||X_c||_2`, the norm over all samples and positions of the input that column c is
 * multiplied by. Weights compare within their output: each row keeps its share.
 *
 * Sun et al. 2023, "A Simple and Effective Pruning Approach for Large Language Models".
 */
export const wanda: Criterion = {
  name: 'wanda',
  summary: '|w| times the norm of its input, ranked by output (Sun et al. 2023)',
  needs: 'inputs',
  per: 'row',
  weights: ({ layer: { name, rows, cols, groups }, weights, stats: { input } }) => {
    ensure(input, 'INVALID_ARGUMENT', () => `wanda: layer '${name}' has no statistics of its inputs`);
    ensure(
      input.squares.length === groups * cols,
      'INVALID_ARGUMENT',
      () => `wanda: layer '${name}' has ${groups * cols} inputs, found statistics of ${input.squares.length}`,
    );
    const norms = input.squares.map(Math.sqrt);
    const perGroup = rows / groups;
    return weights.map((w, at) => {
      const row = Math.floor(at / cols);
      return Math.abs(w) * norms[Math.floor(row / perGroup) * cols + (at % cols)];
    });
  },
};
