import { bytes } from '../../src/cli/format.ts';
import { table } from '../../src/cli/table.ts';
import type { Curve, Stack } from './results.ts';

const right = true;
const COLUMNS = [
  { title: 'zeros', right },
  { title: 'static, us', right },
  { title: 'live columns', right },
  { title: 'chosen', right },
  { title: 'static / chosen', right },
  { title: 'dense / chosen', right },
];

const us = (ms: number): string => (ms * 1000).toFixed(1);

export const curveLines = ({ id, kernels, bytes: size, limit, inputs, denseMs, points }: Curve): string[] => [
  `${id}: ${kernels.chosen} up to ${limit} of ${inputs} live inputs, else ${kernels.static}; ${bytes(size.chosen)}, not ${bytes(size.static)}`,
  ...table(
    COLUMNS,
    points.map(({ zeros, times }) => [
      `${zeros} %`,
      us(times.static.min),
      us(times.walked.min),
      us(times.chosen.min),
      `${(times.static.min / times.chosen.min).toFixed(2)}x`,
      `${(denseMs / times.chosen.min).toFixed(2)}x`,
    ]),
  ),
];

export const stackLine = ({ layers, zeros, on, off, error, bytes: size }: Stack): string =>
  `${layers} feed-forward layers, ${zeros.toFixed(1)} % of the hidden elements zero: ${on.min.toFixed(3)} ms, without skipping ` +
  `${off.min.toFixed(3)} ms, ${(off.min / on.min).toFixed(2)}x; outputs differ by ${error.toExponential(1)}; ${bytes(size.on)}, not ${bytes(size.off)}`;
