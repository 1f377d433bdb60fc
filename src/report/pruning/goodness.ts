import type { MetricName, Quality } from '../../prune/metric.ts';

/** What counts as good: accuracy, or 1 minus the relative squared output error. */
export const goodness = ({ mse, accuracy }: Quality, metric: MetricName): number =>
  metric === 'accuracy' ? accuracy! : 1 - mse;
