import { ensure } from '../../errors.ts';
import type { Criterion, OutputStats, ScoreContext } from '../types.ts';

/**
 * Average percentage of zeros: `s(j) = 1 - APoZ(j)`, `APoZ(j) = sum over n < N, m < M of [O(j, m)(n) = 0] / (N M)` over N samples of M positions
 * of the activation behind output j. What is mostly zero goes first.
 *
 * Hu et al. 2016, "Network Trimming: A Data-Driven Neuron Pruning Approach towards Efficient Deep Architectures".
 */
export const apoz: Criterion = {
  name: 'apoz',
  summary: 'share of non-zeros behind each output (Network Trimming, Hu et al. 2016)',
  needs: 'outputs',
  comparable: true,
  channels: (context) => Float32Array.from(outputStats('apoz', context).apoz, (share) => 1 - share),
};

/**
 * Mean activation: `s(j) = |sum over n < N, m < M of O(j, m)(n)| / (N M)`; the mean itself behind a ReLU.
 *
 * Molchanov et al. 2017, "Pruning Convolutional Neural Networks for Resource Efficient Inference".
 */
export const meanActivation: Criterion = {
  name: 'mean-activation',
  summary: 'mean of the activation behind each output (Molchanov et al. 2017)',
  needs: 'outputs',
  channels: (context) => Float32Array.from(outputStats('mean-activation', context).mean, Math.abs),
};

function outputStats(criterion: string, { layer: { name, rows }, stats: { output } }: ScoreContext): OutputStats {
  ensure(output, 'INVALID_ARGUMENT', () => `${criterion}: layer '${name}' has no statistics of its outputs`);
  ensure(
    output.apoz.length === rows && output.mean.length === rows,
    'INVALID_ARGUMENT',
    () => `${criterion}: layer '${name}' has ${rows} outputs, found statistics of ${output.apoz.length}`,
  );
  return output;
}
