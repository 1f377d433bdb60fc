import type { SampleData } from '../calibrate/samples.ts';
import { ensure } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { gatherStats } from './calibration.ts';
import { ChannelSubject } from './channel_subject.ts';
import type { Shapes } from './layers.ts';
import { unitsOf } from './patterns.ts';
import { Pruner } from './pruner.ts';
import { type GlobalScope, masksFor, type Scope, type Scored } from './scope.ts';
import { type Selection, selectLayers } from './select.ts';
import type { Choices, LayerChoice } from './subject.ts';
import type { Criterion, Layer, Pattern, Stats } from './types.ts';

export interface SubjectOptions extends Selection {
  data?: SampleData;
  shapes?: Shapes;
  seed?: number;
  signal?: AbortSignal;
}

/**
 * What a pattern prunes in a network, with the statistics that the criterion needs: groups of channels, or layers.
 *
 * @param all all layers of the graph
 * @returns the subject, and the layers that can lose weights
 * @throws ZeroskipError `MISSING_INPUT` if the criterion needs data and there are none, `INVALID_ARGUMENT` if there is nothing to prune
 */
export async function subjectFor(
  graph: Graph,
  all: readonly Layer[],
  criterion: Criterion,
  pattern: Pattern,
  options: SubjectOptions = {},
): Promise<{ subject: Pruner | ChannelSubject; layers: readonly Layer[] }> {
  const { shapes, seed } = options;
  if (pattern.kind === 'channel') {
    const stats = await statsFor(criterion, graph, all, options);
    const subject = new ChannelSubject(graph, all, options, criterion, { shapes, seed, stats });
    return { subject, layers: subject.touched };
  }
  const layers = selectLayers(graph, all, options);
  const stats = await statsFor(criterion, graph, layers, options);
  return { subject: new Pruner(graph, layers, criterion, { seed, stats }), layers };
}

async function statsFor(
  { name, needs }: Criterion,
  graph: Graph,
  layers: readonly Layer[],
  { data, shapes, seed, signal }: SubjectOptions,
): Promise<ReadonlyMap<string, Stats> | undefined> {
  if (needs === 'nothing') return undefined;
  ensure(data, 'MISSING_INPUT', () => `criterion: '${name}' needs data, for statistics of the activations`);
  const wanted = { inputs: needs === 'inputs', gram: needs === 'gram', outputs: needs === 'outputs' };
  return gatherStats(graph, layers, data, wanted, { shapes, seed, signal });
}

/** Choices that spread a share over the layers, or groups of channels, by a scope of the literature; ERK spreads weights only. */
export function spreading(
  subject: Pruner | ChannelSubject,
  pattern: Pattern,
  kind: Scope['kind'],
  floor?: GlobalScope['floor'],
): (sparsity: number) => Choices {
  if (kind === 'layer' || pattern.kind === 'n:m')
    return (sparsity) => new Map(subject.units.map(({ name }) => [name, { pattern, sparsity }]));
  const scored = subject instanceof Pruner ? scoredLayers(subject, pattern) : scoredGroups(subject);
  const scope = (kind === 'global' ? { kind, floor } : { kind }) as Scope;
  return (sparsity) => {
    const { masks } = masksFor(scored, pattern, sparsity, scope, subject.criterion);
    return new Map(
      scored.map(({ layer }): [string, LayerChoice] => {
        const size = layer.rows * layer.cols;
        const kept = masks.get(layer.name)!.reduce((sum, bit) => sum + bit, 0);
        const unit = size / unitsOf(layer, pattern).count;
        return [layer.name, { pattern, sparsity: Math.max(0, 1 - kept / size), kept: Math.round(kept / unit) }];
      }),
    );
  };
}

const scoredLayers = (pruner: Pruner, pattern: Pattern): readonly Scored[] =>
  pruner.layers.map((layer) => ({ layer, scores: pruner.scores(layer, pattern) }));

/** Groups as if each were a layer with a row for each channel, as long as the weights that go with it. */
const scoredGroups = (subject: ChannelSubject): readonly Scored[] =>
  subject.units.map((unit) => {
    const { channels, parameters } = unit.group;
    const cols = Math.max(1, Math.round(parameters.reduce((a, b) => a + b, 0) / channels));
    const layer = { name: unit.name, rows: channels, cols, groups: 1, kernel: [], taps: 1 } as unknown as Layer;
    return { layer, scores: subject.scores(unit) };
  });
