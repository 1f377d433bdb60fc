import type { ReportData } from '../data.ts';
import { apozFigure } from './apoz.ts';
import { layerCosts, summaryChart } from './costs.ts';
import { sensitivities, tradeoffCurves } from './curves.ts';
import { page } from './page.ts';
import { type Figure, svgFile } from './panel.ts';
import { histograms, patterns } from './weights.ts';

/** A report as text: a page with all its figures inside, and each figure as an SVG file. */
export interface DrawnReport {
  html: string;
  figures: { name: string; svg: string }[];
}

/** Draws a report; the same data give the same text. */
export function drawReport(data: ReportData): DrawnReport {
  const { apoz } = data;
  const summary = summaryChart(data);
  const figures = [
    tradeoffCurves(data),
    sensitivities(data),
    layerCosts(data),
    histograms(data),
    patterns(data),
    apoz && apozFigure(apoz.dense, apoz.samples, apoz.pruned),
  ].filter((figure): figure is Figure => figure !== undefined);
  const all = [...(summary ? [summary] : []), ...figures];
  return {
    html: page(data, summary, figures),
    figures: all.map((figure) => ({ name: figure.name, svg: svgFile(figure) })),
  };
}
