import { inspect as gather, type Inspection } from '../inspect.ts';
import type { Command } from './command.ts';
import { printInspection } from './inspect_text.ts';
import { MODEL_OPTIONS, modelOptions, refuseModelOptions, SHAPE_DETAILS } from './model_options.ts';
import { inFile, openSource } from './source.ts';

const FOR_MODELS = {
  ...MODEL_OPTIONS,
  target: { type: 'string', value: 'simd|relaxed|both', help: 'as for compile' },
  graph: { type: 'boolean', help: 'print the graph behind the passes too, one node a line' },
  alternatives: {
    type: 'boolean',
    help: 'print the kernels that were not taken, with their modelled time or why they cannot be used',
  },
} as const;

/** `zeroskip inspect` */
export const inspect: Command = {
  name: 'inspect',
  summary: 'show what a package holds, or what a model compiles to',
  usage: 'MODEL|PACKAGE [options]',
  options: FOR_MODELS,
  details: [
    'A model is compiled in memory first; the options but --json are for models. Columns: zeros is the share of zero weights, structure ' +
      'what was found among them, bytes those of the stored weights and their row numbers, kept and dense the multiplications done and those ' +
      'of the dense layer. Of a package that was compiled with --calibrate, zeros in is the share of zeros in what a layer reads, zero tiles that of ' +
      'its tiles of 32 neighbours in a channel plane (or a row of features) that hold zeros only.',
    SHAPE_DETAILS,
  ],
  examples: [
    'zeroskip inspect model.zsk',
    'zeroskip inspect model.onnx --shape input=1x3x224x224',
    'zeroskip inspect model.onnx --graph --alternatives',
    'zeroskip inspect model.zsk --json',
  ],
  async run(args) {
    const path = args.only('MODEL or PACKAGE');
    const target = args.choice('target', ['simd', 'relaxed', 'both']);
    const source = await openSource(path);
    let facts: Inspection;
    if (source.kind === 'package') {
      refuseModelOptions(args, FOR_MODELS, path);
      facts = await inFile(path, () => gather(source.bytes));
    } else {
      const options = await modelOptions(args, source.graph.inputs);
      facts = { ...(await gather(source.graph, { ...options, target })), modelBytes: source.bytes.byteLength };
    }
    const show = { graph: args.flag('graph') ?? false, alternatives: args.flag('alternatives') ?? false };
    return { facts: { file: path, ...facts }, text: printInspection(path, facts, show) };
  },
};
