import type { Layer } from './layers.ts';

/** Layers whose chosen kernel takes at most this many times as long as the best count as well chosen. */
const NEAR = 1.1;

export interface ChoiceSummary {
  layers: number;
  /** Layers whose chosen kernel is within 10 % of the best. */
  near: number;
  /** Time in ns of the chosen kernels and of the best ones, where they stand. */
  chosenNs: number;
  bestNs: number;
  /** Share of the time of the chosen kernels that the best ones would have saved. */
  lost: number;
}

export const ratioOf = ({ chosen, best }: Layer): number => (best.ns > 0 ? chosen.ns / best.ns : 1);

export const isNear = (layer: Layer): boolean => ratioOf(layer) <= NEAR;

export function summarise(layers: readonly Layer[]): ChoiceSummary {
  const sum = (of: (layer: Layer) => number): number => layers.reduce((total, layer) => total + of(layer), 0);
  const chosenNs = sum(({ chosen }) => chosen.ns);
  const bestNs = sum(({ best }) => best.ns);
  return {
    layers: layers.length,
    near: layers.filter(isNear).length,
    chosenNs,
    bestNs,
    lost: chosenNs > 0 ? 1 - bestNs / chosenNs : 0,
  };
}
