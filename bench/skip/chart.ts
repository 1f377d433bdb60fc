import { figure } from '../../src/report/figure.ts';
import { PANEL, type PanelData, panel } from '../report/panel.ts';
import { COLOURS } from '../report/style.ts';
import type { Curve, SkipResults, Way } from './results.ts';

const WAYS: readonly Way[] = ['chosen', 'walked', 'static'];

const titleOf = ({ inputs, outputs, weights }: Curve): string =>
  `${inputs} > ${outputs}, ${weights === 'dense' ? 'dense weights' : `weights ${weights} zeros`}`;

/** Time over zeros of the input, a panel for each layer. */
export function skipChart({ host, curves }: SkipResults): string {
  const panels = curves.map(
    (curve): PanelData => ({
      title: titleOf(curve),
      axes: { x: 'zeros in the input, %', y: 'one layer, ms' },
      lines: WAYS.map((runtime) => ({
        runtime,
        points: curve.points.map(({ zeros, times }) => ({ sparsity: zeros, ms: times[runtime].min })),
      })),
    }),
  );
  const description = curves
    .map((curve) => {
      const { zeros, times } = curve.points.at(-1)!;
      const [fast, slow] = [times.chosen, times.static].map(({ min }) => Number(min.toPrecision(3)));
      return `${titleOf(curve)}: ${fast} ms against ${slow} ms at ${zeros} %.`;
    })
    .join(' ');
  return figure({
    caption: `A fully connected layer over the zeros of its input, one thread, Node ${host.version}. Both scales are logarithmic.`,
    description,
    panels: panels.map(panel),
    size: PANEL,
    columns: 2,
    colours: COLOURS,
  });
}
