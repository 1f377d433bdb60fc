import { basename } from 'node:path';
import { ensure, ZeroskipError } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { CRITERIA } from '../prune/criteria/index.ts';
import { PATTERN_NAMES } from '../prune/patterns.ts';
import { DEFAULT_CRITERIA } from '../prune/tradeoff.ts';
import type { ReportData } from '../report/pruning/data.ts';
import { report as gather } from '../report/pruning/gather.ts';
import type { Args } from './args.ts';
import { readLabelled } from './arrays.ts';
import type { Command } from './command.ts';
import { expectFolder, type OutputFile, outputPath, sameFile, writeFiles, writeFolder } from './files.ts';
import { bytes, count, duration, percent } from './format.ts';
import { MODEL_OPTIONS, shapeOption } from './model_options.ts';
import { timedBar } from './progress.ts';
import { openSource } from './source.ts';
import { fields } from './table.ts';
import { UsageError } from './usage.ts';
import { folderWork } from './work.ts';

/** `zeroskip report` */
export const report: Command = {
  name: 'report',
  summary: 'draw what a pruning costs and saves: a page with charts, for a model before and after',
  usage: 'MODEL [PRUNED] -o FILE.html [options]',
  options: {
    data: { type: 'string', value: 'FILE.npz', help: 'samples of the inputs, and labels if there are some' },
    criterion: {
      type: 'string',
      multiple: true,
      value: 'NAME',
      help: `a trade-off curve: ${Object.keys(CRITERIA).join(', ')}; repeat it for several (default: ${DEFAULT_CRITERIA.join(', ')})`,
    },
    pattern: {
      type: 'string',
      value: 'NAME',
      help: `of the sweeps: ${PATTERN_NAMES.join(', ')} (default: unstructured)`,
    },
    scope: {
      type: 'string',
      value: 'layer|global|erk',
      help: 'how a sparsity is spread over the layers (default: layer)',
    },
    metric: {
      type: 'string',
      value: 'accuracy|output-mse',
      help: 'what counts as quality (default: accuracy with labels, else output-mse)',
    },
    measure: { type: 'boolean', help: 'time layers and networks on this machine instead of modelling them' },
    seed: { type: 'string', value: 'N', help: 'seed of random choices (default: 0)' },
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE.html',
      help: 'the page; it needs no other file and loads nothing',
    },
    svg: { type: 'string', value: 'DIR', help: 'write each figure as an SVG file too' },
    'json-out': { type: 'string', value: 'FILE', help: 'write all numbers too, as --json prints them' },
    work: {
      type: 'string',
      value: 'DIR',
      help: 'keep finished measurements there and go on from them (default: OUTPUT.work)',
    },
    shape: MODEL_OPTIONS.shape,
  },
  details: [
    'MODEL is the dense network. PRUNED is the same network after pruning, from zeroskip prune or from elsewhere: layers of the same names, as ' +
      'large or smaller. Without PRUNED the report is about the dense network.',
    'With data the network is pruned by each criterion at several sparsities (trade-off curves), each layer is pruned alone (sensitivity), and ' +
      'zeros behind activations are counted (APoZ). The data are a .npz file with an array for each input, longer along the first dimension; ' +
      'labels are an array of class numbers.',
  ],
  examples: [
    'zeroskip report model.onnx pruned.onnx --data calib.npz -o report.html',
    'zeroskip report model.onnx --data calib.npz --criterion magnitude-l1 --criterion sparsegpt --pattern 2:4 -o report.html',
    'zeroskip report model.onnx pruned.onnx -o report.html --svg figures --json-out report.json',
  ],
  async run(args) {
    const [path, prunedPath] = pathsOf(args);
    const output = args.required('output', 'the page, -o FILE.html');
    const [svg, jsonOut, data] = [args.string('svg'), args.string('json-out'), args.string('data')];
    const metric = args.choice('metric', ['accuracy', 'output-mse']);
    const scope = args.choice('scope', ['layer', 'global', 'erk']);
    const seed = args.number('seed', 0, true);
    for (const file of [output, jsonOut]) {
      if (file === undefined) continue;
      outputPath(file);
      const own = [path, prunedPath].find((source) => source !== undefined && sameFile(source, file));
      ensure(!own, 'FILE_ERROR', () => `${file} cannot be written: it is the model itself`);
    }
    if (svg !== undefined) expectFolder(svg);
    const graph = await modelAt(path);
    const pruned = prunedPath === undefined ? undefined : await modelAt(prunedPath);
    const shapes = shapeOption(args, graph.inputs);
    const notes: string[] = [];
    const stop = new AbortController();
    const interrupt = (): void => stop.abort();
    process.once('SIGINT', interrupt);
    const found = await asReport(async () =>
      gather(graph, pruned, {
        names: { model: basename(path), pruned: prunedPath && basename(prunedPath) },
        ...(data !== undefined && (await readLabelled(data, graph.inputs))),
        criteria: args.strings('criterion').length > 0 ? args.strings('criterion') : undefined,
        pattern: args.string('pattern'),
        scope,
        metric,
        seed,
        shapes,
        measure: args.flag('measure'),
        work:
          data === undefined
            ? undefined
            : folderWork(args.string('work') ?? `${output}.work`, (text) => notes.push(text)),
        signal: stop.signal,
        onProgress: timedBar('report'),
      }),
    ).finally(() => process.off('SIGINT', interrupt));
    const facts = { ...found, notes: [...found.notes, ...notes] };
    await write(facts, output, svg, jsonOut);
    return { facts, text: print(facts, output, svg) };
  },
};

function pathsOf({ positionals }: Args): readonly [string, string | undefined] {
  const [path, pruned, other] = positionals;
  if (path === undefined) throw new UsageError('MODEL is missing');
  if (other !== undefined) throw new UsageError(`MODEL and PRUNED are expected, found a third argument '${other}'`);
  if (pruned?.toLowerCase().endsWith('.json'))
    throw new UsageError(
      `PRUNED is a model, found '${pruned}'; --json prints the numbers, --json-out FILE writes them`,
    );
  return [path, pruned];
}

async function modelAt(path: string): Promise<Graph> {
  const source = await openSource(path);
  ensure(source.kind === 'model', 'INVALID_ARGUMENT', `report needs models, ${path} is a package`);
  return source.graph;
}

/** Runs `step`, whose errors name this command where they named one that shares the step. */
async function asReport<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    if (!(cause instanceof ZeroskipError)) throw cause;
    throw new ZeroskipError(cause.code, cause.message.replace(/^(prune|tradeoff|calibration): /, 'report: '), {
      cause,
    });
  }
}

async function write(
  facts: ReportData,
  output: string,
  svg: string | undefined,
  jsonOut: string | undefined,
): Promise<void> {
  const { drawReport } = await import('../report/pruning/draw/index.ts');
  const { html, figures } = drawReport(facts);
  const text = (contents: string): Uint8Array => new TextEncoder().encode(contents);
  const files: OutputFile[] = [
    { path: output, bytes: text(html) },
    ...(jsonOut === undefined ? [] : [{ path: jsonOut, bytes: text(`${JSON.stringify(facts)}\n`) }]),
  ];
  if (svg === undefined) writeFiles(files);
  else
    writeFolder(
      svg,
      figures.map((figure) => ({ name: `${figure.name}.svg`, bytes: text(figure.svg) })),
      files,
    );
}

function print(
  { summary, model, pruned, metric, measured, layers, notes }: ReportData,
  output: string,
  svg: string | undefined,
): string {
  const sides = [summary.dense, ...(summary.pruned ? [summary.pruned] : [])];
  const row = (name: string, of: (facts: (typeof sides)[number]) => string): [string, string] => [
    name,
    sides.map(of).join(' -> '),
  ];
  return fields([
    ['model', pruned === undefined ? model : `${model} -> ${pruned}`],
    ['report', svg === undefined ? output : `${output}, figures in ${svg}`],
    ...(metric
      ? [row(metric, ({ quality: q }) => (metric === 'accuracy' ? percent(q!.accuracy!) : q!.mse.toPrecision(3)))]
      : []),
    row(measured ? 'latency (measured)' : 'latency (modelled)', ({ ns }) => duration(ns / 1e6)),
    row('package', (facts) => bytes(facts.bytes)),
    row('multiplications', ({ macs }) => count(macs)),
    row('weights not zero', ({ nonZeros }) => count(nonZeros)),
    ['layers', String(layers.length)],
    ...(notes.length > 0 ? [['notes', notes] as [string, readonly string[]]] : []),
  ]).join('\n');
}
