import type { Apoz, ApozLayer } from '../calibrate/apoz.ts';
import { apoz as gather } from '../compile.ts';
import { ensure } from '../errors.ts';
import { apozChart } from '../report/apoz.ts';
import { type Summary, summarize } from '../report/summary.ts';
import { showDims } from '../tensor.ts';
import { DATA_DETAILS, readArrays } from './arrays.ts';
import type { Command } from './command.ts';
import { outputPath, writeFiles } from './files.ts';
import { percent } from './format.ts';
import { MODEL_OPTIONS, modelOptions, SHAPE_DETAILS } from './model_options.ts';
import { progressBar } from './progress.ts';
import { openSource } from './source.ts';
import { type Column, fields, table } from './table.ts';

/** What `zeroskip apoz` found. */
interface ApozFacts {
  file: string;
  data: string;
  samples: number;
  available: number;
  layers: (ApozLayer & { summary: Summary })[];
}

/** `zeroskip apoz` */
export const apoz: Command = {
  name: 'apoz',
  summary: 'average percentage of zeros of every channel over a data set',
  usage: 'MODEL --data FILE.npz [options]',
  options: {
    data: { type: 'string', value: 'FILE.npz', help: 'the data set' },
    samples: { type: 'string', value: 'N', help: 'samples at most, evenly spread over the data (default: all)' },
    svg: { type: 'string', value: 'FILE', help: 'write histograms too: an SVG file with a panel for each layer' },
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      help: 'write the APoZ of every channel too, as --json prints it',
    },
    shape: MODEL_OPTIONS.shape,
    value: MODEL_OPTIONS.value,
  },
  details: [
    'APoZ(i, c) is the share of outputs of channel c of layer i that are exactly zero, over all samples and positions (Hu et al. 2016, Network ' +
      'Trimming). Layers are the results of activations that make zeros; one that was fused into a layer is listed under its name. ' +
      'Channels have the numbers they have in the model.',
    DATA_DETAILS,
    SHAPE_DETAILS,
  ],
  examples: [
    'zeroskip apoz model.onnx --data digits.npz',
    'zeroskip apoz model.onnx --data digits.npz --samples 1000 --svg apoz.svg',
    'zeroskip apoz model.onnx --data digits.npz --json',
  ],
  async run(args) {
    const path = args.only('MODEL');
    const data = args.required('data', 'the data set, --data FILE.npz');
    const samples = args.number('samples', 1, true);
    const [svg, output] = [args.string('svg'), args.string('output')];
    const source = await openSource(path);
    ensure(
      source.kind === 'model',
      'INVALID_ARGUMENT',
      `apoz needs a model, ${path} is a package, which has lost the numbers of its channels`,
    );
    for (const file of [svg, output]) if (file !== undefined) outputPath(file);
    const { shapes, values } = await modelOptions(args, source.graph.inputs);
    const fed = source.graph.inputs.filter((name) => !Object.hasOwn(values ?? {}, name));
    const arrays = await readArrays(data, fed);
    const progress = progressBar('counting zeros');
    const found = await gather(source.graph, { data: arrays, samples, shapes, values, progress });
    const facts = describe(found, path, data);
    const text = (contents: string): Uint8Array => new TextEncoder().encode(contents);
    writeFiles([
      ...(svg === undefined ? [] : [{ path: svg, bytes: text(apozChart(found.layers, found.samples)) }]),
      ...(output === undefined ? [] : [{ path: output, bytes: text(`${JSON.stringify(facts, null, 2)}\n`) }]),
    ]);
    return { facts, text: print(facts) };
  },
};

const describe = ({ samples, available, layers }: Apoz, file: string, data: string): ApozFacts => ({
  file,
  data,
  samples,
  available,
  layers: layers.map((layer) => ({ ...layer, summary: summarize(layer.apoz) })),
});

const COLUMNS: readonly Column[] = [
  { title: 'op', least: 7 },
  { title: 'node', least: 14, worth: 2.5 },
  { title: 'output', least: 10 },
  ...['channels', 'mean', 'min', 'p10', 'median', 'p90', 'max', '> 90 %'].map((title) => ({ title, right: true })),
];

function print({ file, data, samples, available, layers }: ApozFacts): string {
  const rows = layers.map(({ op, node, dims, summary: s }) => [
    op,
    node,
    showDims(dims),
    String(s.channels),
    ...[s.mean, s.min, s.p10, s.median, s.p90, s.max].map(percent),
    String(s.high),
  ]);
  const sum = (of: (s: Summary) => number): number => layers.reduce((total, { summary }) => total + of(summary), 0);
  return [
    ...fields([
      ['model', file],
      ['data', `${data}, ${samples === available ? samples : `${samples} of ${available}`} samples`],
    ]),
    '',
    ...table(COLUMNS, rows),
    '',
    `${sum((s) => s.high)} of ${sum((s) => s.channels)} channels are zero in more than 90 % of their outputs`,
  ].join('\n');
}
