import { bytes } from '../../src/cli/format.ts';
import { table } from '../../src/cli/table.ts';
import type { WakewordNetwork } from './results.ts';

const right = (title: string) => ({ title, right: true });
const microseconds = (ms: number): string => (1000 * ms).toFixed(1);

/** Errors, latencies and sizes of one network for a terminal. */
export function networkText({ name, weights, curves, skipped, latency, bytes: sizes }: WakewordNetwork): string[] {
  return [
    `${name}: ${weights} weights; error relative to the largest output, and share of squares, on held-out inputs`,
    '',
    ...table(
      [
        { title: 'method' },
        { title: 'zeros by layer' },
        ...curves[0].points.map(({ sparsity }) => right(`${sparsity} %`)),
      ],
      curves.map(({ method, allocation, points }) => [
        method,
        allocation,
        ...points.map(({ error, mse }) => `${error.toPrecision(2)} / ${mse.toPrecision(2)}`),
      ]),
    ),
    ...skipped.map(({ method, reason }) => `no ${method}: ${reason}`),
    '',
    ...table(
      [{ title: 'one inference, us' }, right('min'), right('median')],
      Object.entries(latency.times).map(([who, { min, median }]) => [
        who.replace('pruned', `${latency.sparsity} % zeros`),
        microseconds(min),
        microseconds(median),
      ]),
    ),
    `ONNX ${bytes(sizes.onnx)}, package ${bytes(sizes.dense)}, pruned ${bytes(sizes.pruned)}`,
    '',
  ];
}
