import { compileGraph, exportOnnx, parseModel } from '../compile.ts';
import { ensure } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { readBytes } from '../host/node.ts';
import { layersOf, type Shapes, shadowOf } from '../prune/layers.ts';
import { formatMasks, parseMasks } from '../prune/mask_files.ts';
import { type PruneReport, type PruneResult, prune as pruneModel } from '../prune/prune.ts';
import { showAmount } from '../prune/targets.ts';
import type { Layer } from '../prune/types.ts';
import { readLabelled } from './arrays.ts';
import type { Command } from './command.ts';
import { outputPath, sameFile, stem, writeFiles } from './files.ts';
import { bytes, count, duration, percent } from './format.ts';
import { MODEL_OPTIONS, shapeOption } from './model_options.ts';
import { timedBar } from './progress.ts';
import { RECIPE_OPTIONS, readRecipe } from './recipe.ts';
import { fields, table } from './table.ts';
import { folderWork } from './work.ts';

/** `zeroskip prune` */
export const prune: Command = {
  name: 'prune',
  summary: 'prune a model to a budget of latency, bytes, multiplications or zeros',
  usage: 'MODEL --target NAME=AMOUNT -o FILE [options]',
  options: {
    data: { type: 'string', value: 'FILE.npz', help: 'samples of the inputs, and labels if there are some' },
    ...RECIPE_OPTIONS,
    output: { type: 'string', short: 'o', value: 'FILE', help: 'the pruned model (.onnx), or a package (.zsk)' },
    masks: {
      type: 'string',
      value: 'FILE',
      help: 'apply the masks of a .npz or .safetensors file, by the names of the weights',
    },
    'masks-out': { type: 'string', value: 'FILE', help: 'write the masks too: .npz or .safetensors' },
    measure: { type: 'boolean', help: 'time layers and networks on this machine instead of modelling them' },
    work: {
      type: 'string',
      value: 'DIR',
      help: 'keep finished measurements there and go on from them (default: OUTPUT.work)',
    },
    'dry-run': { type: 'boolean', help: 'print what would come out, write nothing' },
    shape: MODEL_OPTIONS.shape,
  },
  details: [
    'A budget is latency=5ms, bytes=1.2MB, flops=0.3x or sparsity=0.9; x and % are shares of the dense network, and several may be given. ' +
      'Latencies are those of the planner for one sample, or measured ones with --measure. With data each layer is pruned alone at ' +
      'several sparsities, and the layers that lose least are pruned furthest.',
    'The pattern channel removes filters, neurons and attention heads from the network, and with them all that depends on them; the other ' +
      'patterns make weights zero, which the runtime skips. --repair changes the weights that stay, from the data, without training.',
    'The data are a .npz file with an array for each input, longer along the first dimension; labels are an array of class numbers.',
  ],
  examples: [
    'zeroskip prune model.onnx --data calib.npz --target latency=5ms -o pruned.onnx',
    'zeroskip prune model.onnx --data calib.npz --target bytes=1.2MB --target flops=0.3x --metric accuracy -o pruned.zsk',
    'zeroskip prune model.onnx --target sparsity=0.9 --scope global -o pruned.onnx',
    'zeroskip prune model.onnx --data calib.npz --target flops=0.5x --pattern channel --repair least-squares -o smaller.onnx',
    'zeroskip prune model.onnx --data calib.npz --recipe recipe.yaml -o pruned.onnx',
  ],
  async run(args) {
    const path = args.only('MODEL');
    const dry = args.flag('dry-run') === true;
    const output = dry ? args.string('output') : args.required('output', 'the pruned model, -o FILE.onnx or FILE.zsk');
    const masksOut = args.string('masks-out');
    const recipe = await readRecipe(args);
    for (const file of [output, masksOut]) if (file !== undefined) outputPath(file);
    ensure(
      !output || !sameFile(path, output),
      'FILE_ERROR',
      () => `${output} cannot be written: it is the model itself`,
    );
    const graph = parseModel(await readBytes(path), path);
    const shapes = shapeOption(args, graph.inputs);
    const layers = layersOf(graph, shadowOf(graph, shapes));
    const given = args.string('masks');
    const masks = given === undefined ? undefined : parseMasks(await readBytes(given), given, layers, graph);
    const notes: string[] = [];
    const data = args.string('data');
    const folder = args.string('work') ?? (data === undefined || dry || !output ? undefined : `${output}.work`);
    const stop = new AbortController();
    const interrupt = (): void => stop.abort();
    process.once('SIGINT', interrupt);
    const result = await pruneModel(graph, recipe, {
      ...(data !== undefined && (await readLabelled(data, graph.inputs))),
      shapes,
      masks,
      measure: args.flag('measure'),
      work: folder === undefined ? undefined : folderWork(folder, (text) => notes.push(text)),
      signal: stop.signal,
      onProgress: timedBar('pruning'),
    }).finally(() => process.off('SIGINT', interrupt));
    if (!dry) {
      const masksFile = masksOut === undefined ? [] : [masksFileOf(masksOut, result, layers, graph)];
      writeFiles([{ path: output!, bytes: modelOf(result.graph, output!, path, shapes) }, ...masksFile]);
    }
    const facts = { model: path, output: dry ? undefined : output, ...result.report, notes };
    return { facts, text: print(result.report, path, dry ? undefined : output, notes) };
  },
};

function modelOf(graph: Graph, output: string, path: string, shapes: Shapes): Uint8Array {
  if (!output.toLowerCase().endsWith('.zsk')) return exportOnnx(graph);
  return compileGraph(graph, { name: graph.name || stem(path), shapes }).bytes;
}

/** Masks of the weights of the model that was given. */
function masksFileOf(path: string, { masks }: PruneResult, layers: readonly Layer[], graph: Graph) {
  const format = path.toLowerCase().endsWith('.safetensors') ? 'safetensors' : 'npz';
  return { path, bytes: formatMasks(masks, layers, graph, format) };
}

function print(report: PruneReport, model: string, output: string | undefined, notes: readonly string[]): string {
  const { dense, pruned, uniform, unrepaired, metric, layers, targets, left } = report;
  const quality = (q: PruneReport['uniform']): string =>
    q ? (metric === 'accuracy' ? percent(q.accuracy!) : q.mse.toPrecision(3)) : '-';
  const row = (name: string, of: (f: PruneReport['dense']) => string): [string, string] => [
    name,
    `${of(dense)} -> ${of(pruned)}`,
  ];
  return [
    ...fields([
      ['model', output === undefined ? `${model} (nothing written)` : `${model} -> ${output}`],
      ['targets', targets.map((t) => `${t.name} ${showAmount(t.name, t.wanted)}: ${showAmount(t.name, t.reached)}`)],
      row(metric, ({ metric: q }) => quality(q)),
      ...(unrepaired ? [['before the repair', quality(unrepaired)] as [string, string]] : []),
      ...(uniform ? [['one sparsity for all', quality(uniform)] as [string, string]] : []),
      row(report.measured ? 'latency (measured)' : 'latency (modelled)', (f) => duration(f.latency / 1e6)),
      row('package', (f) => bytes(f.bytes)),
      row('multiplications', (f) => count(f.flops)),
      ...(notes.length > 0 ? [['notes', notes] as [string, readonly string[]]] : []),
    ]),
    '',
    ...table(
      [{ title: 'layer', least: 14 }, { title: 'pattern' }, { title: 'zeros', right: true }, { title: 'format' }],
      layers.map((l) => [l.name, l.pattern, percent(l.sparsity), l.format]),
    ),
    ...(left.length > 0
      ? [
          '',
          ...table(
            [{ title: 'left', least: 14 }, { title: 'why' }],
            left.map((l) => [l.name, l.reason]),
          ),
        ]
      : []),
  ].join('\n');
}
